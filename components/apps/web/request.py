"""As much of HTTP/1.1 as a small server needs: requests in turn on a connection, with or without a body."""

import collections

MOST_HEAD = 16384
MOST_BODY = 1 << 20

reasons = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}

Request = collections.namedtuple("Request", "method path close body")


class BadRequest(Exception):
    """No request that is understood."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def read_request(connection, buffer):
    """The next request; None at the end of the connection. `buffer` keeps what was read beyond it."""
    while b"\r\n\r\n" not in buffer:
        if len(buffer) > MOST_HEAD:
            raise BadRequest(431, f"a head of more than {MOST_HEAD} bytes")
        data = connection.recv(65536)
        if not data:
            return None
        buffer += data
    end = buffer.index(b"\r\n\r\n")
    lines = bytes(buffer[:end]).decode("latin-1").split("\r\n")
    del buffer[: end + 4]
    words = lines[0].split(" ")
    if len(words) != 3:
        raise BadRequest(400, "not a request")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = read_body(connection, buffer, headers)
    method, target, version = words
    wishes = headers.get("connection", "").lower()
    close = "close" in wishes or (version == "HTTP/1.0" and "keep-alive" not in wishes)
    return Request(method, target.partition("?")[0], close, body)


def read_body(connection, buffer, headers):
    """The body, also where nobody wants it: unread it would be taken for the next request."""
    if "transfer-encoding" in headers:
        raise BadRequest(411, "a body without a length; do: send Content-Length")
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise BadRequest(400, "Content-Length is no number")
    left = int(text[:20])
    if left > MOST_BODY:
        raise BadRequest(413, f"a body of more than {MOST_BODY} bytes")
    while len(buffer) < left:
        data = connection.recv(65536)
        if not data:
            raise BadRequest(400, "the body ends early")
        buffer += data
    body = bytes(buffer[:left])
    del buffer[:left]
    return body


def response(status, body, close, headers="", kind="text/plain; version=0.0.4"):
    data = body.encode()
    head = f"HTTP/1.1 {status} {reasons[status]}\r\nContent-Type: {kind}\r\n{headers}"
    tail = f"Content-Length: {len(data)}\r\nConnection: {'close' if close else 'keep-alive'}\r\n\r\n"
    return (head + tail).encode() + data
