"""An exporter that can be told what to say, in the words of the redis exporter and in its own.

    GET /set/{name}/{value}   from now on `name` has this value: "50", "NaN", or "none" to leave it out
    GET /freeze, /thaw        its clock stands still, and goes on
    GET /double, /single      `weight` is two series, which an expression that wants one cannot take, and one again
    GET /metrics              redis_key_size{key}, redis_up, demand{name} and weight, which is 1
    GET /healthz              200 while the process serves

Environment: VALUES, `name=value` by spaces; STAMPED=1 puts a timestamp on every sample, as exporters do that only pass
on what others have measured; PORT (default 8000).
"""

import http.server
import os
import time

VALUES = dict(pair.split("=") for pair in os.environ.get("VALUES", "").split())
STAMPED = os.environ.get("STAMPED") == "1"
STATE = {"frozen": None, "double": False}


def metrics():
    stamp = f" {int((STATE['frozen'] or time.time()) * 1000)}" if STAMPED else ""
    said = {name: value for name, value in VALUES.items() if value != "none"}
    lines = ["# TYPE redis_up gauge", "# TYPE redis_key_size gauge", "# TYPE demand gauge", "# TYPE weight gauge"]
    # Where nothing is known, not even that redis answers.
    lines += [f"redis_up 1{stamp}"] if said else []
    lines += [f'redis_key_size{{key="{name}"}} {value}{stamp}' for name, value in said.items()]
    lines += [f'demand{{name="{name}"}} {value}{stamp}' for name, value in said.items()]
    copies = ['{copy="a"}', '{copy="b"}'] if STATE["double"] else [""]
    lines += [f"weight{copy} 1{stamp}" for copy in copies]
    return "\n".join(lines) + "\n"


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        verb, *words = self.path.strip("/").split("/")
        if verb == "metrics":
            return self.answer(metrics())
        if verb == "set" and len(words) == 2:
            VALUES[words[0]] = words[1]
        elif verb == "freeze":
            STATE["frozen"] = time.time()
        elif verb == "thaw":
            STATE["frozen"] = None
        elif verb in ("double", "single"):
            STATE["double"] = verb == "double"
        elif verb != "healthz":
            return self.answer("not found\n", 404)
        self.answer("ok\n")

    def answer(self, text, status=200):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
