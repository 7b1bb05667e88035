"""What a request costs: a slot, time, CPU and memory."""

import collections
import math
import random
import threading
import time

distributions = ("constant", "exponential", "lognormal")
# The squared coefficient of variation of the lognormal distribution: heavy, as the lengths of generated texts are.
VARIATION = 4.0
# No request takes more than so many times the mean: a server that is told to stop has to end at some time.
MOST_TIMES_THE_MEAN = 10


class Slots:
    """Lets so many in at a time, and the others in the order in which they came."""

    def __init__(self, count):
        self.count = count
        self.busy = 0
        self.waiting = collections.deque()
        self.lock = threading.Lock()

    def __enter__(self):
        with self.lock:
            if self.busy < self.count:
                self.busy += 1
                return
            turn = threading.Lock()
            turn.acquire()
            self.waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_):
        with self.lock:
            # The slot goes from hand to hand: nobody who comes now gets in before those that wait.
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.busy -= 1

    def share(self):
        return self.busy / self.count


class Service:
    """The work of one request."""

    def __init__(self, mean_seconds, distribution, cpu_milliseconds, memory_mib):
        self.mean_seconds = mean_seconds
        self.distribution = distribution
        self.cpu_seconds = cpu_milliseconds / 1000
        self.memory_mib = memory_mib

    def run(self):
        begun = time.monotonic()
        seconds = self.seconds()
        held = memory(self.memory_mib)
        burn(self.cpu_seconds)
        # The CPU's work is a part of the time, not an addition to it.
        left = seconds - (time.monotonic() - begun)
        if left > 0:
            time.sleep(left)
        del held

    def seconds(self):
        return draw(self.mean_seconds, self.distribution)


def draw(mean, distribution):
    """A number of that mean and distribution."""
    if mean == 0 or distribution == "constant":
        return mean
    if distribution == "exponential":
        drawn = random.expovariate(1 / mean)
    else:
        variance = math.log(1 + VARIATION)
        drawn = random.lognormvariate(math.log(mean) - variance / 2, math.sqrt(variance))
    return min(drawn, MOST_TIMES_THE_MEAN * mean)


def burn(seconds):
    """Uses so much of a CPU, as the kernel counts it for this thread."""
    if seconds <= 0:
        return
    # Here, because it costs a start without CPU work some milliseconds.
    from hashlib import pbkdf2_hmac

    begun = time.thread_time()
    while time.thread_time() - begun < seconds:
        # About a third of a millisecond, during which other threads run.
        pbkdf2_hmac("sha256", b"password", b"salt", 1000)


def memory(mib):
    """So much memory, and not only the promise of it: every page has been written."""
    return b"\x01" * (mib << 20)
