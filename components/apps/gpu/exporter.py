"""Simulated GPUs: nodes offer `nvidia.com/gpu`, and pods that ask for it have figures as from NVIDIA's DCGM exporter.

    GET /metrics   DCGM_FI_DEV_GPU_UTIL and others, for each GPU of each node; 503 while the API server is not reached
    GET /healthz   200 while the process serves

There is no GPU. How busy one is says the pod that holds it, in an annotation (its key in LOAD_ANNOTATION): a number is
the percentage itself; `PORT/PATH` is where the pod answers with the share, 0 to 1. Without the annotation a pod leaves
its GPU idle. A pod that is asked and does not answer has no utilization at all, which is not 0.

Environment: GPUS_PER_NODE (default 8), MODEL, MEMORY_MIB, NODES (a label selector), LOAD_ANNOTATION, COLLECT_SECONDS
(1), PORT (9400). On SIGTERM it takes the GPUs from the nodes again.
"""

import http.client
import os
import signal
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gpus import RESOURCE, Model, Pool
from kube import ApiError, Kube

ANNOTATION = os.environ.get("LOAD_ANNOTATION", "pulumi-kube-observability/simulated-gpu-load")
NODES = urllib.parse.quote(os.environ.get("NODES", ""))
# How long a pod may take to answer, and how old figures may be: older ones are not shown.
ASK_SECONDS = 0.8
OLDEST_SECONDS = 10
FAILURES = (OSError, http.client.HTTPException, ApiError, ValueError)


class Exporter:
    def __init__(self, pool, seconds):
        self.pool = pool
        self.seconds = seconds
        self.kube = Kube()
        self.text = ""
        self.silent = set()
        self.collected = None
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.is_set():
            begun = time.monotonic()
            try:
                self.collect()
            except FAILURES as error:
                log(f"cannot collect, next attempt in {self.seconds:g} s: {error}")
            self.stopped.wait(max(0.05, self.seconds - (time.monotonic() - begun)))

    def collect(self):
        nodes = self.nodes()
        for name, offered in nodes.items():
            if offered != str(self.pool.per_node):
                self.offer(name, str(self.pool.per_node))
                log(f"node {name} offers {self.pool.per_node} simulated GPUs, and not {offered}")
        # From the API server's memory, and of pods that have ended nothing.
        ended = "status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed"
        pods = self.kube.get(f"/api/v1/pods?resourceVersion=0&fieldSelector={ended}")["items"]
        self.pool.assign(list(nodes), [pod for pod in pods if pod["spec"].get("nodeName")])
        holders = {gpu.holder[0] for gpu in self.pool.all() if gpu.holder}
        now = time.monotonic()
        since = 0.0 if self.collected is None else now - self.collected
        self.pool.measure(self.loads([pod for pod in pods if pod["metadata"]["uid"] in holders]), since)
        self.text, self.collected = self.pool.text(), now

    def loads(self, holders):
        self.silent &= {pod["metadata"]["uid"] for pod in holders}
        return loads(holders, self.silent)

    def nodes(self):
        items = self.kube.get(f"/api/v1/nodes?resourceVersion=0&labelSelector={NODES}")["items"]
        return {node["metadata"]["name"]: node["status"].get("capacity", {}).get(RESOURCE) for node in items}

    def offer(self, node, count):
        """Writes what a device plugin would; the kubelet keeps what it does not manage itself. None takes it away."""
        offered = {RESOURCE: count}
        patch = {"status": {"capacity": offered, "allocatable": offered}}
        self.kube.merge(f"/api/v1/nodes/{node}/status", patch)

    def withdraw(self):
        try:
            for node in self.nodes():
                self.offer(node, None)
        except FAILURES as error:
            log(f"cannot take the GPUs from the nodes: {error}")

    def fresh(self):
        return self.collected is not None and time.monotonic() - self.collected < OLDEST_SECONDS


def loads(pods, silent):
    """
    How busy pods say that they are, 0 to 1, by uid; those that do not answer are left out. `silent` has the uids of
    those that did not before: what stays as it was is not said again.
    """
    found = {}

    def note(pod):
        metadata = pod["metadata"]
        try:
            found[metadata["uid"]] = load(pod)
            silent.discard(metadata["uid"])
        except FAILURES as error:
            if metadata["uid"] not in silent:
                log(f"pod {metadata['namespace']}/{metadata['name']} does not say how busy it is: {error}")
            silent.add(metadata["uid"])

    asking = [threading.Thread(target=note, args=(pod,), daemon=True) for pod in pods]
    for thread in asking:
        thread.start()
    deadline = time.monotonic() + 2 * ASK_SECONDS
    for thread in asking:
        thread.join(max(0, deadline - time.monotonic()))
    return dict(found)


def load(pod):
    said = pod["metadata"].get("annotations", {}).get(ANNOTATION)
    if said is None:
        return 0.0
    if "/" not in said:
        return share(float(said) / 100)
    port, _, path = said.partition("/")
    address = pod["status"].get("podIP")
    if not address:
        raise ValueError("it has no address yet")
    connection = http.client.HTTPConnection(address, int(port), timeout=ASK_SECONDS)
    try:
        connection.request("GET", f"/{path}")
        answer = connection.getresponse()
        text = answer.read(100).decode(errors="replace")
    finally:
        connection.close()
    if answer.status != 200:
        raise ValueError(f"/{path} answers {answer.status}")
    return share(float(text))


def share(value):
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is not a share from 0 to 1")
    return value


class Handler(BaseHTTPRequestHandler):
    timeout = 10
    exporter = None

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, "ok\n")
        elif self.path != "/metrics":
            self.answer(404, "there is /healthz and /metrics\n")
        elif self.exporter.fresh():
            self.answer(200, self.exporter.text)
        else:
            self.answer(503, "nothing known of the last seconds\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass  # Probes and scrapes would be all there is to read.


def log(text):
    print(text, flush=True)


def main():
    model = Model(os.environ.get("MODEL", "Simulated-GPU-40GB"), int(os.environ.get("MEMORY_MIB", "40960")))
    pool = Pool(int(os.environ.get("GPUS_PER_NODE", "8")), model)
    exporter = Handler.exporter = Exporter(pool, float(os.environ.get("COLLECT_SECONDS", "1")))
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "9400"))), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: exporter.stopped.set())
    exporter.run()
    exporter.withdraw()


if __name__ == "__main__":
    main()
