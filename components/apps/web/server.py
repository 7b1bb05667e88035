"""A small HTTP server whose cost is known: so many requests at a time, so much time, CPU and memory for each.

    any path but these   one request of work: {"server": …, "waited": seconds, "worked": seconds}
    POST /memory/{n}     holds n MiB from now on, 0 to 65536; GET /memory says how many
    GET  /healthz        200 while the process serves
    GET  /load           the share of its slots that are busy, 0 to 1
    GET  /metrics        http_requests_total and others

Environment: SLOTS, requests at a time (default 4); SERVICE_SECONDS for each (0.1), DISTRIBUTION of these seconds
(constant, exponential or lognormal); CPU_MILLISECONDS (0) and MEMORY_MIB (0) of each; DRAIN_SECONDS (5); PORT (8080).

What comes while all slots are busy waits, first come, first served. On SIGTERM it goes on serving for DRAIN_SECONDS,
in which load balancers hear that it goes, and closes each connection with its answer; then it takes no more
connections, answers all that it has, and exits with 0. Threads and sockets by hand: http.server would triple the start.
"""

import math
import os
import select
import signal
import socket
import sys
import threading
import time

import work
from metrics import Metrics
from request import BadRequest, read_request, response

# Connections at a time. More are refused with 503: each costs a thread.
MOST_CONNECTIONS = 2000
MOST_MEMORY_MIB = 65536
# How long a connection may say nothing between two requests.
IDLE_SECONDS = 75


class Server:
    def __init__(self, service, slots, name):
        self.service = service
        self.name = name
        self.slots = work.Slots(slots)
        self.metrics = Metrics(self.slots)
        self.held = b""
        self.draining = False
        self.connections = set()
        self.changed = threading.Condition()

    def accept(self, listener, stop):
        """Takes connections until `stop` can be read, and then all that the kernel has taken already."""
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        poll.register(stop, select.POLLIN)
        stopping = False
        while not stopping:
            stopping = any(fd == stop for fd, _ in poll.poll())
            while True:
                try:
                    connection, _ = listener.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    log(f"cannot take a connection: {error}")
                    time.sleep(0.05)
                    break
                self.begin(connection)
        listener.close()

    def begin(self, connection):
        with self.changed:
            full = len(self.connections) >= MOST_CONNECTIONS
            if not full:
                self.connections.add(connection)
        if full:
            with connection:
                connection.send(response(503, "too many connections\n", True, "Retry-After: 1\r\n"))
            return
        threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            connection.setblocking(True)
            connection.settimeout(IDLE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            buffer = bytearray()
            while True:
                try:
                    asked = read_request(connection, buffer)
                except BadRequest as error:
                    connection.sendall(response(error.status, f"{error}\n", True))
                    return
                if asked is None:
                    return
                if self.respond(connection, asked):
                    return
        except OSError:
            pass  # The client went away, or said nothing for long: its loss.
        finally:
            # Closing with unread data would reset the connection, and with it an answer under way.
            try:
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            connection.close()
            with self.changed:
                self.connections.discard(connection)
                self.changed.notify_all()

    def respond(self, connection, asked):
        """Answers; says whether the connection ends with it."""
        status, body = self.answer(asked.method, asked.path)
        # After the work, not before: who is told to stop meanwhile ends the connection with this answer.
        close = asked.close or self.draining
        connection.sendall(response(status, body, close))
        return close

    def answer(self, method, path):
        if path == "/healthz":
            return 200, "ok\n"
        if path == "/metrics":
            return 200, self.metrics.text(len(self.held))
        if path == "/load":
            return 200, f"{self.slots.share():.4f}\n"
        if path == "/memory" or path.startswith("/memory/"):
            return self.memory(method, path.removeprefix("/memory").removeprefix("/"))
        return self.work()

    def work(self):
        self.metrics.arrived()
        arrived = time.monotonic()
        with self.slots:
            begun = time.monotonic()
            self.service.run()
        self.metrics.answered(200)
        waited, worked = begun - arrived, time.monotonic() - begun
        return 200, f'{{"server": "{self.name}", "waited": {waited:.4f}, "worked": {worked:.4f}}}\n'

    def memory(self, method, text):
        if method == "POST":
            if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= MOST_MEMORY_MIB):
                allowed = f"a whole number of MiB from 0 to {MOST_MEMORY_MIB}"
                return 400, f'n: was given "{text[:40]}"; allowed: {allowed}; do: POST /memory/{{n}} with such a number\n'
            # Let go first: both at once may be more than the container has.
            self.held = b""
            self.held = work.memory(int(text))
        return 200, f"{len(self.held) >> 20}\n"

    def drain(self, seconds, stop, accepting):
        """Ends without losing a request; see above."""
        self.draining = True
        time.sleep(seconds)
        os.write(stop, b"x")
        accepting.join()
        with self.changed:
            for connection in self.connections:
                try:
                    # What has arrived is still read; an idle connection ends.
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    pass
            while self.connections:
                self.changed.wait()


def number(name, default, least, most, whole=False):
    value = os.environ.get(name, default)
    try:
        given = int(value) if whole else float(value)
    except ValueError:
        given = math.nan
    if not least <= given <= most:
        kind = "a whole number" if whole else "a number"
        fail(name, value, f"{kind} from {least} to {most}")
    return given


def fail(name, value, allowed):
    log(f'{name}: was given "{value}"; allowed: {allowed}; do: correct the environment')
    sys.exit(2)


def log(text):
    print(text, flush=True)


def run(server, port):
    """Serves until SIGTERM, and drains. DRAIN_SECONDS and PORT are from the environment."""
    drain_seconds = number("DRAIN_SECONDS", "5", 0, 600)
    # Blocked in every thread, and waited for. A handler runs in the main thread alone, once that wakes, and the kernel may
    # give the signal to another: a server that waited for a lock then was not told, now and then, until its grace was over.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    threading.stack_size(256 * 1024)
    listener = socket.create_server(("", number("PORT", port, 1, 65535, whole=True)), backlog=1024)
    listener.setblocking(False)
    reader, writer = os.pipe()
    accepting = threading.Thread(target=server.accept, args=(listener, reader), daemon=True)
    accepting.start()
    signal.sigwait(ends)
    server.drain(drain_seconds, writer, accepting)
    log(f"stopped after {server.metrics.requests} requests")


def main():
    distribution = os.environ.get("DISTRIBUTION", "constant")
    if distribution not in work.distributions:
        fail("DISTRIBUTION", distribution, ", ".join(work.distributions))
    service = work.Service(
        number("SERVICE_SECONDS", "0.1", 0, 600),
        distribution,
        number("CPU_MILLISECONDS", "0", 0, 60000),
        number("MEMORY_MIB", "0", 0, 4096, whole=True),
    )
    server = Server(service, number("SLOTS", "4", 1, 1000, whole=True), socket.gethostname())
    run(server, "8080")


if __name__ == "__main__":
    main()
