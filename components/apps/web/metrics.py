"""What the server counts, in Prometheus' text format."""

import threading


class Metrics:
    def __init__(self, slots):
        self.slots = slots
        self.requests = 0
        # There from the start: a counter that appears with its first increase hides that increase.
        self.responses = {200: 0}
        self.lock = threading.Lock()

    def arrived(self):
        """Counted when a request comes, not when it is answered: demand is what is asked for, also by those who wait."""
        with self.lock:
            self.requests += 1

    def answered(self, status):
        with self.lock:
            self.responses[status] = self.responses.get(status, 0) + 1

    def text(self, held_bytes):
        with self.lock:
            requests, responses = self.requests, dict(self.responses)
        lines = [
            "# HELP http_requests_total Requests for work that have arrived.",
            "# TYPE http_requests_total counter",
            f'http_requests_total{{handler="work"}} {requests}',
            "# HELP http_responses_total Requests for work that were answered.",
            "# TYPE http_responses_total counter",
            *(f'http_responses_total{{handler="work",code="{code}"}} {n}' for code, n in sorted(responses.items())),
            *gauge("http_requests_in_flight", "Requests that have a slot.", self.slots.busy),
            *gauge("http_requests_waiting", "Requests that wait for a slot.", len(self.slots.waiting)),
            *gauge("http_slots", "Requests that are worked on at a time.", self.slots.count),
            *gauge("web_memory_held_bytes", "Memory held by POST /memory.", held_bytes),
        ]
        return "\n".join(lines) + "\n"


def gauge(name, text, value):
    return f"# HELP {name} {text}", f"# TYPE {name} gauge", f"{name} {value}"
