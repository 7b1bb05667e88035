"""Takes messages from a redis list and works on each for a while.

Environment: REDIS_HOST, REDIS_PORT, REDIS_PASSWORD_FILE; QUEUE, the list (default padok);
PER_MESSAGE_SECONDS (default 1); PORT, for /healthz and /metrics (default 8080).

On SIGTERM it takes nothing more, finishes the message that it has, and exits with 0. That includes a message
which redis hands over in answer to the request that was under way. Every finished message is counted in redis,
in `<list>:consumed`. It answers /healthz before it looks for redis: being alive does not depend on it.
"""

import os
import signal
import socket
import sys
import threading
import time

import resp

QUEUE = os.environ.get("QUEUE", "padok")
# How long redis holds a request for a message: also how long an idle consumer takes to stop.
WAIT_SECONDS = 1
# Pauses between two attempts to reach redis. They end at the time that an idle consumer takes to stop.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
# Attempts to count a finished message, once the consumer was told to stop: within its grace period.
LAST_ATTEMPTS = 15


class Consumer:
    def __init__(self, per_message_seconds):
        self.per_message_seconds = per_message_seconds
        self.consumed = 0
        self.stopping = False
        self.redis = None

    def stop(self, *_):
        self.stopping = True

    def run(self):
        pause = FIRST_PAUSE
        while not self.stopping:
            try:
                message = self.command("BLPOP", QUEUE, WAIT_SECONDS)
                pause = FIRST_PAUSE
            except (OSError, resp.RedisError) as error:
                log(f"cannot take a message, next attempt in {pause} s: {error}")
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if message is not None:
                # A signal does not cut this sleep short, so the message is finished.
                time.sleep(self.per_message_seconds)
                self.consumed += 1
                self.count()

    def count(self):
        """Says in redis that a message is done; not before that is said does the next one begin."""
        attempts = 0
        while not self.stopping or attempts < LAST_ATTEMPTS:
            try:
                self.command("INCR", f"{QUEUE}:consumed")
                return
            except (OSError, resp.RedisError) as error:
                attempts += 1
                log(f"cannot count a message, next attempt in {LONGEST_PAUSE} s: {error}")
                time.sleep(LONGEST_PAUSE)
        log("stopped with a message done but not counted")

    def command(self, *words):
        if self.redis is None:
            self.redis = resp.connect()
            log("connected to redis")
        try:
            return self.redis.command(*words)
        except BaseException:
            self.redis.close()
            self.redis = None
            raise

    def metrics(self):
        return (
            "# HELP consumer_messages_consumed_total Messages taken from the queue and worked on to the end.\n"
            "# TYPE consumer_messages_consumed_total counter\n"
            f"consumer_messages_consumed_total {self.consumed}\n"
        )


def serve(listener, consumer):
    """Answers /healthz and /metrics, one request at a time. Written by hand: http.server would triple the start."""
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.settimeout(1)
                path = read_path(connection)
                if path == b"/healthz":
                    status, body = "200 OK", "ok\n"
                elif path == b"/metrics":
                    status, body = "200 OK", consumer.metrics()
                else:
                    status, body = "404 Not Found", "there is /healthz and /metrics\n"
                head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\n"
                tail = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
                connection.sendall((head + tail).encode())
            except OSError:
                pass  # The client went away, or said nothing for a second: its loss.


def read_path(connection):
    request = b""
    while b"\r\n\r\n" not in request and len(request) < 8192:
        data = connection.recv(4096)
        if not data:
            break
        request += data
    words = request.split(b" ", 2)
    return words[1] if len(words) > 2 and words[0] == b"GET" else b""


def seconds(name, default):
    value = os.environ.get(name, default)
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < 3600:
        log(f'{name}: was given "{value}"; allowed: a number from 0 to 3600; do: correct the environment')
        sys.exit(2)
    return number


def log(text):
    print(text, flush=True)


def main():
    consumer = Consumer(seconds("PER_MESSAGE_SECONDS", "1"))
    signal.signal(signal.SIGTERM, consumer.stop)
    signal.signal(signal.SIGINT, consumer.stop)
    listener = socket.create_server(("", int(os.environ.get("PORT", "8080"))), backlog=16)
    threading.Thread(target=serve, args=(listener, consumer), daemon=True).start()
    consumer.run()
    log(f"stopped after {consumer.consumed} messages")


if __name__ == "__main__":
    main()
