"""What the simulator counts."""

from metrics import Metrics, gauge


class Counts(Metrics):
    """What the web server counts, and tokens."""

    def __init__(self, slots, pace):
        super().__init__(slots)
        self.pace = pace
        # There from the start, as the other answers.
        self.responses[503] = 0
        self.tokens = 0
        self.abandoned = 0

    def generated(self, tokens):
        with self.lock:
            self.tokens += tokens

    def left(self):
        with self.lock:
            self.abandoned += 1

    def text(self, held_bytes):
        with self.lock:
            tokens, abandoned = self.tokens, self.abandoned
        lines = [
            "# HELP ollama_simulator_tokens_generated_total Tokens of answers that are done.",
            "# TYPE ollama_simulator_tokens_generated_total counter",
            f"ollama_simulator_tokens_generated_total {tokens}",
            "# HELP ollama_simulator_requests_abandoned_total Requests whose client went away before the end.",
            "# TYPE ollama_simulator_requests_abandoned_total counter",
            f"ollama_simulator_requests_abandoned_total {abandoned}",
            *gauge("ollama_simulator_tokens_per_second", "Pace of each answer.", self.pace),
        ]
        return super().text(held_bytes) + "\n".join(lines) + "\n"
