"""A small HTTP server that hashes with scrypt, as a login does: each request costs the same CPU and memory.

    POST any path but these   hashes the body with a new salt:
                              {"server": …, "waited": seconds, "worked": seconds, "salt": hex, "key": hex}
    GET  /healthz             200 while the process serves
    GET  /load                the share of its slots that are busy, 0 to 1
    GET  /metrics             http_requests_total, http_request_duration_seconds and others

Environment: SCRYPT_N (default 16384), SCRYPT_R (5) and SCRYPT_P (10), as RFC 7914 has them: a hash takes time in
proportion to n * r * p, and 128 * n * r bytes; SLOTS, hashes at a time (1); DRAIN_SECONDS (5); PORT (8080).

The server is that of apps/web: what comes while all slots are busy waits in turn, and SIGTERM loses no request.
"""

import hashlib
import os
import socket
import threading
import time

from metrics import Metrics
from request import response
from server import Server, fail, number, run

# More than a pod is likely to have, and less than what OpenSSL counts in.
MOST_MEMORY = 1 << 30
# Seconds, from arrival to answer.
BOUNDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60)


class Scrypt:
    """The function with its cost."""

    def __init__(self, n, r, p):
        if n & (n - 1):
            fail("SCRYPT_N", n, "a power of two")
        if 128 * n * r > MOST_MEMORY:
            fail("SCRYPT_R", r, f"at most {MOST_MEMORY // (128 * n)} with SCRYPT_N {n}: 1 GiB for a hash")
        # All that OpenSSL takes: it refuses beforehand what is more.
        self.cost = {"n": n, "r": r, "p": p, "maxmem": 128 * r * (n + p + 2) + 1024}

    def hash(self, password):
        """A new salt, and the key. Other threads run meanwhile."""
        salt = os.urandom(16)
        return salt, hashlib.scrypt(password, salt=salt, dklen=64, **self.cost)


class HashMetrics(Metrics):
    """As those of the web server, and how long requests take."""

    def __init__(self, slots):
        super().__init__(slots)
        self.buckets = [0] * len(BOUNDS)
        self.took = 0.0
        self.count = 0
        self.duration_lock = threading.Lock()

    def finished(self, seconds):
        self.answered(200)
        with self.duration_lock:
            self.took += seconds
            self.count += 1
            for i, bound in enumerate(BOUNDS):
                self.buckets[i] += seconds <= bound

    def text(self, held_bytes):
        with self.duration_lock:
            buckets, took, count = list(self.buckets), self.took, self.count
        name = "http_request_duration_seconds"
        lines = [
            f"# HELP {name} Seconds from arrival to answer, waiting included.",
            f"# TYPE {name} histogram",
            *(f'{name}_bucket{{handler="work",le="{bound}"}} {n}' for bound, n in zip(BOUNDS, buckets)),
            f'{name}_bucket{{handler="work",le="+Inf"}} {count}',
            f'{name}_sum{{handler="work"}} {took:.6f}',
            f'{name}_count{{handler="work"}} {count}',
        ]
        return super().text(held_bytes) + "\n".join(lines) + "\n"


class HashServer(Server):
    def __init__(self, scrypt, slots, name):
        super().__init__(None, slots, name)
        self.scrypt = scrypt
        self.metrics = HashMetrics(self.slots)

    def respond(self, connection, asked):
        headers = ""
        if asked.path in ("/healthz", "/load", "/metrics"):
            status, body = self.answer(asked.method, asked.path)
        elif asked.method == "POST":
            status, body = self.hash(asked.body)
        else:
            status, body, headers = 405, "POST what is to be hashed\n", "Allow: POST\r\n"
        close = asked.close or self.draining
        connection.sendall(response(status, body, close, headers))
        return close

    def hash(self, password):
        self.metrics.arrived()
        arrived = time.monotonic()
        with self.slots:
            begun = time.monotonic()
            salt, key = self.scrypt.hash(password)
        done = time.monotonic()
        self.metrics.finished(done - arrived)
        times = f'"waited": {begun - arrived:.4f}, "worked": {done - begun:.4f}'
        return 200, f'{{"server": "{self.name}", {times}, "salt": "{salt.hex()}", "key": "{key.hex()}"}}\n'


def main():
    scrypt = Scrypt(
        number("SCRYPT_N", "16384", 2, 1 << 20, whole=True),
        number("SCRYPT_R", "5", 1, 64, whole=True),
        number("SCRYPT_P", "10", 1, 1024, whole=True),
    )
    run(HashServer(scrypt, number("SLOTS", "1", 1, 1000, whole=True), socket.gethostname()), "8080")


if __name__ == "__main__":
    main()
