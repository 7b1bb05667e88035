"""Raises the alarm when Prometheus is silent: then no rule alerts, and nobody learns that autoscalers are blind.

    POST /watchdog   Alertmanager's webhook for the alert Watchdog, which always fires
    GET  /healthz    200 while the process serves
    GET  /metrics    dead_mans_switch_silence_seconds and others

Environment: ALERTMANAGER_URL; SILENCE_SECONDS without a heartbeat until the alarm (default 60); CHAIN_LABEL, the label
of the ConfigMaps that describe autoscalers; NAMESPACE, for the alert of its own; PORT (default 8080).

A heartbeat is a webhook with a Watchdog that Prometheus has sent anew: Alertmanager goes on sending the last one for
minutes after Prometheus has gone, so it is asked when it got it. While there is none the alarm is posted every few
seconds, each time with an end that lies a little later: it ends by itself when this program does.
"""

import http.client
import json
import os
import signal
import sys
import threading
import time
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from alarm import alarm, chain_of
from kube import ApiError, Kube

TICK_SECONDS = 5
# Autoscalers are read long before it matters: the API server may be gone together with Prometheus.
READ_SECONDS = 30
WATCHDOG = "/api/v2/alerts?" + urllib.parse.urlencode({"filter": 'alertname="Watchdog"'})
FAILURES = (OSError, http.client.HTTPException, ApiError, ValueError, KeyError, TypeError)


class Switch:
    def __init__(self, alertmanager, silence_seconds, label, namespace):
        self.alertmanager = alertmanager.rstrip("/")
        self.silence_seconds = silence_seconds
        self.label = label
        self.namespace = namespace
        self.kube = Kube()
        self.lock = threading.Lock()
        # To have started is a heartbeat: the first real one has as long to come as any other.
        self.heard_at = time.monotonic()
        self.sent = ""
        self.heartbeats = 0
        self.chains = {}
        self.read_at = None
        # The alarm as it was last posted, by its labels, and since when it lasts.
        self.raised = {}
        self.since = None
        self.failures = {"alertmanager": 0, "kubernetes": 0}

    def hear(self):
        """Takes a webhook for a heartbeat if Prometheus has sent Watchdog again since the last one."""
        sent = max((alert["updatedAt"] for alert in self.ask(WATCHDOG)), default="")
        with self.lock:
            # Compared with another time of Alertmanager's, never with a clock here.
            if sent > self.sent:
                self.sent, self.heard_at = sent, time.monotonic()
                self.heartbeats += 1

    def silence(self):
        with self.lock:
            return time.monotonic() - self.heard_at

    def tick(self):
        if self.read_at is None or time.monotonic() - self.read_at >= READ_SECONDS:
            self.read()
        if self.silence() > self.silence_seconds:
            self.raise_alarm()
        elif self.raised and self.post(self.raised.values(), 0):
            log(f"Prometheus is heard again: {len(self.raised)} alerts ended")
            self.raised, self.since = {}, None

    def raise_alarm(self):
        self.since = self.since or datetime.now(timezone.utc)
        now = {frozenset(a["labels"].items()): a for a in alarm(self.chains, self.namespace, self.silence_seconds)}
        # An autoscaler that was deleted meanwhile is not blind any more.
        gone = [alert for labels, alert in self.raised.items() if labels not in now]
        if self.post(now.values(), self.silence_seconds + 60) and self.post(gone, 0):
            if not self.raised:
                log(f"no heartbeat for {self.silence_seconds:g} s: {len(now)} alerts raised")
            self.raised = now

    def read(self):
        """Reads which autoscalers there are; while the API server does not answer, the known ones are."""
        selector = urllib.parse.urlencode({"labelSelector": self.label})
        try:
            items = self.kube.get(f"/api/v1/configmaps?{selector}")["items"]
            self.chains = {
                (item["metadata"]["namespace"], item["metadata"]["labels"][self.label]): chain_of(item) for item in items
            }
            self.read_at = time.monotonic()
        except FAILURES as error:
            self.failures["kubernetes"] += 1
            log(f"cannot read which autoscalers there are; {len(self.chains)} are known: {error}")

    def post(self, alerts, seconds):
        """Tells Alertmanager that alerts last so many seconds more, or with 0 that they ended; whether it took it."""
        if not alerts:
            return True
        times = {"startsAt": stamp(self.since), "endsAt": stamp(datetime.now(timezone.utc) + timedelta(seconds=seconds))}
        try:
            self.ask("/api/v2/alerts", [{**alert, **times} for alert in alerts])
            return True
        except FAILURES as error:
            self.failures["alertmanager"] += 1
            log(f"Alertmanager did not take {len(alerts)} alerts: {error}")
            return False

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.alertmanager + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def metrics(self):
        peers = [(f'dead_mans_switch_failures_total{{peer="{peer}"}}', n) for peer, n in self.failures.items()]
        return "".join(
            f"# TYPE {name.partition('{')[0]} {kind}\n{name} {value}\n"
            for kind, name, value in [
                ("gauge", "dead_mans_switch_silence_seconds", f"{self.silence():.1f}"),
                ("gauge", "dead_mans_switch_alerts", len(self.raised)),
                ("gauge", "dead_mans_switch_autoscalers", len(self.chains)),
                ("counter", "dead_mans_switch_heartbeats_total", self.heartbeats),
            ]
        ) + "# TYPE dead_mans_switch_failures_total counter\n" + "".join(f"{name} {n}\n" for name, n in peers)


class Handler(BaseHTTPRequestHandler):
    # A client that opens a connection and says nothing does not hold a thread for ever.
    timeout = 10
    switch = None

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, "ok\n")
        elif self.path == "/metrics":
            self.answer(200, self.switch.metrics())
        else:
            self.answer(404, "there is POST /watchdog, GET /healthz, GET /metrics\n")

    def do_POST(self):
        # What it says is not believed: whether Watchdog fires is asked.
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 1048576))
        if self.path != "/watchdog":
            return self.answer(404, "there is POST /watchdog\n")
        try:
            self.switch.hear()
        except FAILURES as error:
            log(f"a webhook came, and Alertmanager does not answer: {error}")
            return self.answer(503, "Alertmanager does not answer\n")
        return self.answer(200, "ok\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass  # Heartbeats, probes and scrapes would be all there is to read.


def stamp(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log(text):
    print(text, flush=True)


def setting(name, default=None):
    value = os.environ.get(name, default)
    if not value:
        log(f"{name}: was given nothing; allowed: see the head of switch.py; do: set it in the environment")
        sys.exit(2)
    return value


def main():
    silence = setting("SILENCE_SECONDS", "60")
    if not silence.replace(".", "", 1).isdigit() or not 0 < float(silence) <= 3600:
        log(f'SILENCE_SECONDS: was given "{silence}"; allowed: above 0, up to 3600; do: correct the environment')
        sys.exit(2)
    switch = Switch(setting("ALERTMANAGER_URL"), float(silence), setting("CHAIN_LABEL"), setting("NAMESPACE"))
    Handler.switch = switch
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    while not stopped.is_set():
        switch.tick()
        stopped.wait(float(os.environ.get("TICK_SECONDS", TICK_SECONDS)))
    server.shutdown()


if __name__ == "__main__":
    main()
