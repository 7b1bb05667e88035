"""Sends so many requests each second for so long, says how they were answered, and ends.

Environment: URL (http only); METHOD, GET or POST (default GET); RATE, requests a second (1); SECONDS (60);
CONNECTIONS, the most requests under way at a time (100); TIMEOUT_SECONDS for each (60).

Requests are sent when the clock says so, whether or not earlier ones are answered, and what one took is counted from
the time at which it was to be sent: a server that is slow does not make its load smaller, or its figures better. One
that could not be sent in time, because CONNECTIONS were under way, is counted as late. Each has a connection of its own,
so that they spread over the pods behind a Service.

It ends whatever the server does: none is sent more than TIMEOUT_SECONDS after SECONDS are over, and what is left is
counted as unsent; after TIMEOUT_SECONDS more it waits for no answer either, and neither answered nor failed are those then
under way. Every 10 s there is a line; the last one is the result, as JSON, with the latency of what was answered. SIGTERM
ends it early, with the result until then.
"""

import http.client
import json
import math
import os
import signal
import threading
import time
import urllib.parse

from server import fail, log, number

REPORT_SECONDS = 10
# A request that is sent more than this after its time is late.
LATE_SECONDS = 0.05
# A request that was sent last and is given up says so within this.
GRACE_SECONDS = 1
MOST_REQUESTS = 1_000_000


class Load:
    def __init__(self, url, method, rate, seconds, timeout):
        self.host, self.path, self.method = url.netloc, request_target(url), method
        self.rate = rate
        self.planned = max(1, round(rate * seconds))
        self.timeout = timeout
        # Seconds from the start in which requests may be sent: late ones wait to be sent for no longer than for an answer.
        self.sending = seconds + timeout
        self.next = 0
        self.sent = 0
        self.late = 0
        self.statuses = {}
        self.errors = {}
        self.took = []
        self.lock = threading.Lock()
        self.stopped = threading.Event()

    def work(self, start):
        """Takes the next request, waits for its time, sends it, and so on."""
        while True:
            with self.lock:
                over = time.monotonic() - start >= self.sending
                if over or self.stopped.is_set() or self.next >= self.planned:
                    return
                due = start + self.next / self.rate
                self.next += 1
            if self.stopped.wait(max(0, due - time.monotonic())):
                return
            self.send(due)

    def send(self, due):
        with self.lock:
            self.sent += 1
            self.late += time.monotonic() - due > LATE_SECONDS
        try:
            status = self.ask()
        except Exception as error:  # Whatever it is, it is the result of this request, and not the end of the others.
            with self.lock:
                kind = type(error).__name__
                self.errors[kind] = self.errors.get(kind, 0) + 1
            return
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.took.append(time.monotonic() - due)

    def ask(self):
        connection = http.client.HTTPConnection(self.host, timeout=self.timeout)
        try:
            headers = {"Connection": "close", "User-Agent": "load"}
            connection.request(self.method, self.path, b"" if self.method == "POST" else None, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def result(self, seconds):
        with self.lock:
            took = sorted(self.took)
            return {
                "planned": self.planned,
                "sent": self.sent,
                "late": self.late,
                "unsent": self.planned - self.sent,
                "answered": {str(status): n for status, n in sorted(self.statuses.items())},
                "failed": dict(sorted(self.errors.items())),
                "seconds": round(seconds, 3),
                "latency": {
                    "mean": round(sum(took) / len(took), 4) if took else None,
                    **{name: quantile(took, q) for name, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1))},
                },
            }


def request_target(url):
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def quantile(ordered, q):
    """The smallest value that so much of all are not above; None of nothing."""
    return round(ordered[max(0, math.ceil(q * len(ordered)) - 1)], 4) if ordered else None


def read_url():
    text = os.environ.get("URL", "")
    try:
        url = urllib.parse.urlsplit(text)
        right = url.scheme == "http" and url.hostname and (url.port or 80) > 0 and "@" not in url.netloc
    except ValueError:
        right = False
    if not right:
        fail("URL", text, "an address such as http://podinfo.podinfo.svc:9898/")
    return url


def main():
    url = read_url()
    method = os.environ.get("METHOD", "GET")
    if method not in ("GET", "POST"):
        fail("METHOD", method, "GET, POST")
    rate = number("RATE", "1", 0.01, 500)
    seconds = number("SECONDS", "60", 1, 3600)
    if rate * seconds > MOST_REQUESTS:
        fail("SECONDS", f"{seconds:g}", f"at most {MOST_REQUESTS / rate:g} with RATE {rate:g}: a million requests")
    load = Load(url, method, rate, seconds, number("TIMEOUT_SECONDS", "60", 0.1, 600))
    connections = number("CONNECTIONS", "100", 1, 1000, whole=True)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: load.stopped.set())
    threading.stack_size(256 * 1024)
    start = time.monotonic()
    # More than there are requests would have nothing to do.
    workers = [
        threading.Thread(target=load.work, args=(start,), daemon=True) for _ in range(min(connections, load.planned))
    ]
    for worker in workers:
        worker.start()
    report(load, workers, start)
    log(json.dumps(load.result(time.monotonic() - start)))


def report(load, workers, start):
    """Returns when all is sent and answered, or its time is over, or shortly after the stop."""
    told = start
    # The timeout of a request is that of each of its steps: a server that answers bit by bit could go on for ever.
    last = start + load.sending + load.timeout + GRACE_SECONDS
    while any(worker.is_alive() for worker in workers):
        time.sleep(0.05)
        now = time.monotonic()
        if load.stopped.is_set() or now >= last:
            return
        if now - told >= REPORT_SECONDS:
            told += REPORT_SECONDS
            answered, failed = sum(load.statuses.values()), sum(load.errors.values())
            log(f"{now - start:.0f} s: {load.sent} sent, {answered} answered, {failed} failed")


if __name__ == "__main__":
    main()
