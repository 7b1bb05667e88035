"""Publishes messages to a redis list, on request.

    POST /publish        one message
    POST /publish/{n}    n messages, at most 10000
    GET  /healthz        200 while the process serves
    GET  /metrics        producer_messages_published_total
    GET  /stats          {"queued": n, "published": n, "consumed": n}, as redis has them

Environment: REDIS_HOST, REDIS_PORT, REDIS_PASSWORD_FILE; QUEUE, the list (default padok); PORT (default 8080).
Every published message is counted in redis, in `<list>:published`, in the same transaction.
"""

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import resp

QUEUE = os.environ.get("QUEUE", "padok")
MOST = 10000


class Counter:
    def __init__(self):
        self.value = 0
        self.lock = threading.Lock()

    def add(self, n):
        with self.lock:
            self.value += n


published = Counter()


class BadCount(ValueError):
    """The path asks for a number of messages that is not allowed."""


class Handler(BaseHTTPRequestHandler):
    # A client that opens a connection and says nothing does not hold a thread for ever.
    timeout = 10

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, "ok\n")
        elif self.path == "/metrics":
            self.answer(200, metrics())
        elif self.path == "/stats":
            try:
                self.answer_json(200, stats())
            except (OSError, resp.RedisError) as error:
                self.answer_json(503, {"error": f"redis did not answer: {error}"})
        elif self.path.startswith("/publish"):
            self.answer_json(405, {"error": "GET does not publish; do: POST /publish or POST /publish/{n}"})
        else:
            self.answer_json(404, {"error": "there is POST /publish, POST /publish/{n}, GET /healthz, GET /metrics, GET /stats"})

    def do_POST(self):
        # A body is not asked for; unread it would make the client see a reset connection.
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
        try:
            n = requested(self.path)
        except BadCount as error:
            return self.answer_json(400, {"error": str(error)})
        if n is None:
            return self.answer_json(404, {"error": "there is POST /publish and POST /publish/{n}"})
        try:
            length = publish(n)
        except (OSError, resp.RedisError) as error:
            return self.answer_json(503, {"error": f"redis did not take the messages: {error}"})
        published.add(n)
        return self.answer_json(200, {"published": n, "queued": length})

    def answer_json(self, status, value):
        self.answer(status, json.dumps(value) + "\n", "application/json")

    def answer(self, status, text, kind="text/plain; version=0.0.4"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        # Probes and scrapes would be all there is to read.
        if self.command == "POST":
            print(format % args, flush=True)


def requested(path):
    """How many messages the path asks for; None when it asks for something else."""
    if path in ("/publish", "/publish/"):
        return 1
    if not path.startswith("/publish/"):
        return None
    text = path.removeprefix("/publish/")
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST and len(text) <= 6:
        return int(text)
    raise BadCount(
        f'n: was given "{text[:40]}"; allowed: a whole number from 1 to {MOST}; do: POST /publish/{{n}} with such a number'
    )


def publish(n):
    """Puts n messages into the list and on the counter, both or neither; returns the length of the list."""
    now = time.time_ns()
    messages = [f"{now}-{i}" for i in range(n)]
    redis = resp.connect()
    try:
        replies = redis.pipeline(
            ("MULTI",), ("RPUSH", QUEUE, *messages), ("INCRBY", f"{QUEUE}:published", n), ("EXEC",)
        )
    finally:
        redis.close()
    length = replies[-1][0]
    if isinstance(length, resp.RedisError):
        raise length
    return length


def stats():
    """Length of the list, and messages ever published and consumed, all of one moment."""
    redis = resp.connect()
    try:
        replies = redis.pipeline(
            ("MULTI",), ("LLEN", QUEUE), ("GET", f"{QUEUE}:published"), ("GET", f"{QUEUE}:consumed"), ("EXEC",)
        )
    finally:
        redis.close()
    # A counter that nothing was added to yet is not there.
    queued, published, consumed = (int(reply or 0) for reply in replies[-1])
    return {"queued": queued, "published": published, "consumed": consumed}


def metrics():
    return (
        "# HELP producer_messages_published_total Messages put into the queue.\n"
        "# TYPE producer_messages_published_total counter\n"
        f"producer_messages_published_total {published.value}\n"
    )


def main():
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
    # Requests under way are answered before the process ends.
    server.daemon_threads = False
    # From a thread: shutdown() waits for the loop that the signal interrupted.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
