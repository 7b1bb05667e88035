"""torchrun as a process of a worker: started, watched, told to end, and what it leaves behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36
# A little more than torchrun gives its own processes.
PATIENCE = 40


class Agent:
    """One torchrun at a time. Signals are for it: this process may be the first of its container, which all of them miss."""

    def __init__(self):
        self.process = None
        self.told = None
        # Who has lost its parent comes to this process, as it does to the first one of a container.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.pass_on)

    def pass_on(self, number, _):
        self.told = number
        if self.process is None:
            sys.exit(self.status())
        self.process.send_signal(number)

    def status(self):
        """As a shell has it for who was ended by a signal."""
        return 128 + self.told

    def run(self, command, environment, over):
        """How it ended; None where it was ended, because `over` said so."""
        try:
            self.process = subprocess.Popen(command, env=environment)
            while True:
                try:
                    return self.process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    if self.told is None and over():
                        self.end()
                        return None
        finally:
            self.process = None
            sweep()

    def end(self):
        # By this signal it ends its own processes, and leaves the rendezvous open to those who go on.
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=PATIENCE)


def sweep():
    """Ends what torchrun has left: it would keep its GPU and its ports."""
    while True:
        left = children()
        if not left:
            return
        for child in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def children():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and parent(name) == os.getpid()]


def parent(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf8", errors="replace") as stat:
            # Behind the program's name, which may have any letter in it.
            return int(stat.read().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None
