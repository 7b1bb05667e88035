"""
How often a training was begun since its last checkpoint: what tells one that fails from one whose workers are taken away.

A process that has lost the others fails as one with a mistake does, so how it failed says nothing. Whether it got anywhere
does: with each new checkpoint there is less to do, and so a training that makes some is never given up.
"""

import os

import checkpoint


def began():
    """Noted by the first process of a worker, where a worker has said in which file."""
    file = os.environ.get("ATTEMPTS")
    if file and os.environ.get("LOCAL_RANK") == "0":
        note(file)


def note(file):
    with open(file, "a", encoding="ascii") as attempts:
        attempts.write("begun\n")


class Attempts:
    """The attempts of one worker; `folder` is where the checkpoint is."""

    def __init__(self, file, folder):
        self.file = file
        self.folder = folder
        self.rewarded = 0
        self.stamp = checkpoint.stamp(folder)

    def all(self):
        try:
            with open(self.file, encoding="ascii") as attempts:
                return len(attempts.readlines())
        except FileNotFoundError:
            return 0

    def fruitless(self):
        """Those since the last checkpoint, to be asked often: what it has not seen it cannot tell apart."""
        stamp, count = checkpoint.stamp(self.folder), self.all()
        if stamp is not None and stamp != self.stamp:
            self.stamp = stamp
            self.rewarded = count
        return count - self.rewarded
