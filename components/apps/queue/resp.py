"""A client for the redis protocol (RESP 2): as much of it as a queue needs, on the standard library."""

import os
import socket


class RedisError(Exception):
    """Redis answered, and said no."""


class Redis:
    """One connection. After any exception but RedisError it is of no use: open another."""

    def __init__(self, host, port, password, timeout=5.0):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        if password:
            self.command("AUTH", password)

    def command(self, *words):
        """Sends one command, returns its reply: int, bytes, list or None."""
        return self.pipeline(words)[0]

    def pipeline(self, *commands):
        """Sends commands together, returns their replies; raises RedisError if one of them is an error."""
        self.socket.sendall(b"".join(encode(words) for words in commands))
        replies = [self.read_reply() for _ in commands]
        for reply in replies:
            if isinstance(reply, RedisError):
                raise reply
        return replies

    def close(self):
        self.socket.close()

    def read_reply(self):
        line = self.read_line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            return RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.read_bytes(int(rest))
        if kind == b"*":
            return None if rest == b"-1" else [self.read_reply() for _ in range(int(rest))]
        raise OSError(f"not a redis reply: {line[:40]!r}")

    def read_line(self):
        while b"\r\n" not in self.buffer:
            self.receive()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def read_bytes(self, length):
        while len(self.buffer) < length + 2:
            self.receive()
        value, self.buffer = self.buffer[:length], self.buffer[length + 2 :]
        return value

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise OSError("redis closed the connection")
        self.buffer += data


def encode(words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def connect():
    """A connection as REDIS_HOST, REDIS_PORT and REDIS_PASSWORD_FILE describe it."""
    host = os.environ.get("REDIS_HOST", "127.0.0.1")
    port = os.environ.get("REDIS_PORT", "6379")
    return Redis(host, port, read_password(os.environ.get("REDIS_PASSWORD_FILE")))


def read_password(path):
    """The password in a file, None without one. Read for every connection, because it may change meanwhile."""
    if not path:
        return None
    with open(path, "rb") as file:
        return file.read().rstrip(b"\n")
