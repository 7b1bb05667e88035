"""Simulated GPUs: nodes offer `nvidia.com/gpu`, and pods that ask for it have figures as from NVIDIA's DCGM exporter.

    GET /metrics   DCGM_FI_DEV_GPU_UTIL and others, for each GPU of each node; 503 while the API server is not reached
    GET /healthz   200 while the process serves

There is no GPU. What one does says the pod that holds it, and where that says nothing its node, in annotations (said.py).
Without any it is idle, and a pod uses 60 % of its memory. What is wrong, or asked for and not answered, has no figure at
all, which is not 0.

Environment: GPUS_PER_NODE (default 8), MODEL, MEMORY_MIB, NODES (a label selector), ANNOTATION_PREFIX, COLLECT_SECONDS
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
from said import Said

PREFIX = os.environ.get("ANNOTATION_PREFIX", "pulumi-kube-observability/simulated-gpu-")
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
        self.said = Said(PREFIX, log)
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
        for name, node in nodes.items():
            offered = node["status"].get("capacity", {}).get(RESOURCE)
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
        of_pods, of_nodes = self.heard([pod for pod in pods if pod["metadata"]["uid"] in holders], nodes.values())
        self.pool.measure(of_pods, of_nodes, since)
        self.text, self.collected = self.pool.text() + refused_text(len(self.said.refused)), now

    def heard(self, holders, nodes):
        """What pods and nodes say of their GPUs; those that are to be asked have been."""
        of_pods, of_nodes = self.said.read(holders, nodes)
        said = [(pod, of_pods[pod["metadata"]["uid"]].get("load")) for pod in holders]
        asked = [(pod, load) for pod, load in said if isinstance(load, tuple)]
        uids = {pod["metadata"]["uid"] for pod, _ in asked}
        self.silent &= uids
        answers = answered(asked, self.silent)
        for uid in uids:
            of_pods[uid]["load"] = answers.get(uid)
        return of_pods, of_nodes

    def nodes(self):
        items = self.kube.get(f"/api/v1/nodes?resourceVersion=0&labelSelector={NODES}")["items"]
        return {node["metadata"]["name"]: node for node in items}

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


def refused_text(count):
    name = "simulated_gpu_annotations_refused"
    text = "Annotations of simulated GPUs whose values are wrong; the log says which."
    return f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {count}\n"


def answered(asked, silent):
    """
    How busy pods answer that they are, in percent, by uid; those that do not are left out. `asked` has them with the port
    and the path, `silent` the uids of those that did not answer before: what stays as it was is not said again.
    """
    found = {}

    def note(pod, where):
        metadata = pod["metadata"]
        try:
            found[metadata["uid"]] = 100 * ask(pod, *where)
            silent.discard(metadata["uid"])
        except FAILURES as error:
            if metadata["uid"] not in silent:
                log(f"pod {metadata['namespace']}/{metadata['name']} does not say how busy it is: {error}")
            silent.add(metadata["uid"])

    asking = [threading.Thread(target=note, args=one, daemon=True) for one in asked]
    for thread in asking:
        thread.start()
    deadline = time.monotonic() + 2 * ASK_SECONDS
    for thread in asking:
        thread.join(max(0, deadline - time.monotonic()))
    return dict(found)


def ask(pod, port, path):
    address = pod["status"].get("podIP")
    if not address:
        raise ValueError("it has no address yet")
    connection = http.client.HTTPConnection(address, port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", f"/{path}")
        answer = connection.getresponse()
        text = answer.read(100).decode(errors="replace")
    finally:
        connection.close()
    if answer.status != 200:
        raise ValueError(f"/{path} answers {answer.status}")
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is not a share from 0 to 1")
    return share


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
