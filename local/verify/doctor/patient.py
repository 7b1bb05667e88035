"""A program to make ill: it serves a metric that it is told, works as long as it is told, and stops answering."""

import http.server
import os
import threading
import time

METRIC = os.environ.get("METRIC", "patient_waiting")
HELD = {"value": "0", "hang": 0.0, "slow": 0.0}


def burn(seconds: float, share: float = 0.06) -> None:
    """Works for a share of each tenth of a second, as much as a little more than one replica should."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stop = time.monotonic() + share / 10
        while time.monotonic() < stop:
            pass
        time.sleep((1 - share) / 10)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        verb, _, argument = self.path.strip("/").partition("/")
        if verb == "set":
            HELD["value"] = argument
        elif verb == "burn":
            threading.Thread(target=burn, args=(float(argument),), daemon=True).start()
        elif verb == "hang":
            HELD["hang"] = time.monotonic() + float(argument)
        elif verb == "slow":
            HELD["slow"] = float(argument)
        elif self.path == "/metrics":
            time.sleep(max(HELD["slow"], HELD["hang"] - time.monotonic()))
            return self.answer(200, self.metrics())
        elif self.path != "/healthz":
            return self.answer(404, "not found\n")
        self.answer(200, "ok\n")

    def metrics(self) -> str:
        if HELD["value"] == "html":
            return "<html><body>It works!</body></html>\n"
        if HELD["value"] == "none":
            return "# TYPE patient_other gauge\npatient_other 1\n"
        if HELD["value"] == "stale":
            old = int((time.time() - 200) * 1000)
            return f'# TYPE {METRIC} gauge\n{METRIC}{{shop="a"}} 1 {old}\n'
        return f'# TYPE {METRIC} gauge\n{METRIC}{{shop="a"}} {HELD["value"]}\n'

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
