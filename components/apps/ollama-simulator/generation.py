"""What a simulated generation is: how many tokens, for how long, in whose turn. No model has a part in it."""

import collections
import socket
import threading
import time

import work

# What every answer consists of, over and over: nobody is to take it for a model's.
WORDS = "This text is from a simulator of Ollama and not from a model. ".split(" ")[:-1]
# How often a request that waits or is worked on looks whether its client is still there.
LOOK_SECONDS = 0.25
# What the kernel calls a connection that neither side has ended.
ESTABLISHED = 1

Plan = collections.namedtuple("Plan", "prompt_tokens prompt_seconds tokens seconds reason")


class Busy(Exception):
    """More requests wait than may."""


class Queue(work.Slots):
    """Slots, before which so many requests wait and no more; who goes away leaves it."""

    def __init__(self, count, most_waiting):
        super().__init__(count)
        self.most_waiting = most_waiting

    def enter(self, connection):
        with self.lock:
            if self.busy < self.count:
                self.busy += 1
                return
            if len(self.waiting) >= self.most_waiting:
                raise Busy
            turn = threading.Lock()
            turn.acquire()
            self.waiting.append(turn)
        while not turn.acquire(timeout=LOOK_SECONDS):
            if gone(connection):
                self.abandon(turn)

    def leave(self):
        self.__exit__()

    def abandon(self, turn):
        with self.lock:
            waited = turn in self.waiting
            if waited:
                self.waiting.remove(turn)
        if not waited:
            # The slot came in this very moment: to the next one.
            self.leave()
        raise ConnectionAbortedError("the client has gone")


class Model:
    """What there is of a model: its name, its pace, and how long its answers are."""

    def __init__(self, name, tokens_per_second, prompt_tokens_per_second, mean_tokens, distribution, load_seconds):
        self.name = name
        self.tokens_per_second = tokens_per_second
        self.prompt_tokens_per_second = prompt_tokens_per_second
        self.mean_tokens = mean_tokens
        self.distribution = distribution
        self.loaded_at = time.monotonic() + load_seconds

    def is_called(self, name):
        return full_name(name) == full_name(self.name)

    def loaded(self):
        return time.monotonic() >= self.loaded_at

    def plan(self, prompt, options):
        """How an answer goes: of a length that is drawn, or for exactly as long as `simulated_seconds` says."""
        prompt_tokens = max(1, round(len(prompt) / 4))
        prompt_seconds = prompt_tokens / self.prompt_tokens_per_second
        exact = options.get("simulated_seconds")
        if exact is not None:
            prompt_seconds = min(prompt_seconds, exact)
            seconds = exact - prompt_seconds
            return Plan(prompt_tokens, prompt_seconds, max(1, round(seconds * self.tokens_per_second)), seconds, "stop")
        tokens = max(1, round(work.draw(self.mean_tokens, self.distribution)))
        reason = "stop"
        # As with Ollama, numbers below one are no limit.
        if 0 < options.get("num_predict", 0) <= tokens:
            tokens, reason = options["num_predict"], "length"
        return Plan(prompt_tokens, prompt_seconds, tokens, tokens / self.tokens_per_second, reason)


def full_name(name):
    """A name with its tag: without one it is the latest."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def text(first, last):
    """The tokens from `first` up to, and without, `last`."""
    return "".join((" " if i else "") + WORDS[i % len(WORDS)] for i in range(first, last))


def gone(connection):
    """Whether the client has ended the connection. Asked of the kernel, since draining ends our side of it."""
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED


def pause(connection, until):
    """Waits until that time by the monotonic clock, as long as there is somebody to answer."""
    while (left := until - time.monotonic()) > 0:
        if gone(connection):
            raise ConnectionAbortedError("the client has gone")
        time.sleep(min(left, LOOK_SECONDS))
