"""A worker of a training: torchrun with what this pod of an indexed Job has to say to it, then train.py.

    worker.py ARGUMENTS of train.py

Environment: WORKERS, how many there are; JOB_COMPLETION_INDEX, which one this is, from 0; RENDEZVOUS, host:port of
worker 0; RUN, the name of the run; PROCESSES of each worker (1); RESTARTS, how often in a row a worker begins again without
a new checkpoint before it ends (3); ADDRESS, under which the others reach this one (the host's full name).

All workers have to be there before a step is done. The rendezvous is torchrun's "c10d": it meets again when a worker is
replaced, and the processes of the others are then started again, too. "static" forms one group, once: a pod in place of
one that is lost would never get in. Worker 0 keeps the rendezvous; without it torchrun ends at all the others, who wait
here for a new worker 0 and begin again.
"""

import json
import os
import socket
import sys
import tempfile
import time

import agent
import attempts
import checkpoint
import train

# torchrun's own count: it does not know of checkpoints, and takes a lost worker for a failure of those who are left.
UNBOUNDED = 10**9
# Errors of torchrun's by which no worker has failed: others did not come, or one has left for good.
OTHERS_GONE = ("RendezvousTimeoutError", "RendezvousClosedError")
# The same of worker 0, seen by the others; worker 0 keeps the rendezvous itself.
WORKER_0_GONE = ("RendezvousConnectionError", "DistNetworkError", "DistStoreError")


def main(given):
    # Mistakes first: exit status 2 says that trying again is of no use.
    asked = train.arguments(given)
    index, run = whole("JOB_COMPLETION_INDEX"), required("RUN")
    rendezvous, restarts = required("RENDEZVOUS"), whole("RESTARTS", "3")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "train.py")
    command = [*torchrun(index, run, rendezvous), script, *given]

    def finished():
        return checkpoint.finished(asked.checkpoint, run)

    if finished():
        train.say(f"run {run} is finished: nothing is left to do")
        return
    one = agent.Agent()
    with tempfile.TemporaryDirectory() as folder:
        error, noted = os.path.join(folder, "error.json"), os.path.join(folder, "attempts")
        environment = {**os.environ, "TORCHELASTIC_ERROR_FILE": error, "ATTEMPTS": noted}
        tried = attempts.Attempts(noted, asked.checkpoint)
        while index == 0 or wait_for(rendezvous, finished):
            before = tried.all()
            status = one.run(command, environment, lambda: tried.fruitless() > restarts + 1)
            # Whatever torchrun says of it: the others may have left before it.
            if finished():
                return
            if one.told is not None:
                sys.exit(one.status())
            # It was started with a mistake; that of a process of its own is another.
            if status == 2:
                sys.exit(2)
            gone = others_gone(error, index)
            if gone is None and tried.all() == before:
                attempts.note(noted)
            if tried.fruitless() > restarts:
                train.say(f"given up: begun {tried.fruitless()} times without a new checkpoint; see above why it ended")
                sys.exit(1)
            train.say(f"beginning again: {gone or f'torchrun ended with {status}'}")
            time.sleep(1)


def others_gone(file, index):
    """The error by which torchrun ended, if it is that others were not there."""
    try:
        with open(file, encoding="utf8") as found:
            error = json.load(found)["message"]["message"]
        os.remove(file)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    known = OTHERS_GONE if index == 0 else OTHERS_GONE + WORKER_0_GONE
    return error if error.partition(":")[0] in known else None


def torchrun(index, run, rendezvous):
    address = os.environ.get("ADDRESS")
    # With underscores, as PyTorch 1 knows no others.
    return [
        *(sys.executable, "-u", "-m", "torch.distributed.run"),
        f"--nnodes={whole('WORKERS')}",
        f"--nproc_per_node={whole('PROCESSES', '1')}",
        "--rdzv_backend=c10d",
        # Told, not found out: no name is resolved yet when the first pod looks up which of them is its own.
        f"--rdzv_conf=is_host={'true' if index == 0 else 'false'}",
        f"--rdzv_endpoint={rendezvous}",
        f"--rdzv_id={run}",
        f"--max_restarts={UNBOUNDED}",
        *([f"--local_addr={address}"] if address else []),
    ]


def wait_for(rendezvous, finished):
    """Whether it is there; False where all is over. Without it torchrun would give up after a minute."""
    host, _, port = rendezvous.rpartition(":")
    said = None
    while not finished():
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return True
        except OSError as error:
            if str(error) != said:
                said = str(error)
                train.say(f"waiting for worker 0 at {rendezvous}: {said}")
            time.sleep(1)
    return False


def required(name):
    value = os.environ.get(name, "")
    if not value:
        train.fail(f"{name}: was given nothing; allowed: a word; do: set it in the environment")
    return value


def whole(name, default=""):
    value = os.environ.get(name, default)
    if not (value.isascii() and value.isdigit()):
        train.fail(f'{name}: was given "{value}"; allowed: a whole number; do: set it in the environment')
    return int(value)


if __name__ == "__main__":
    main(sys.argv[1:])
