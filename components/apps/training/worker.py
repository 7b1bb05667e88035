"""A worker of a training: torchrun with what this pod of an indexed Job has to say to it, then train.py.

    worker.py ARGUMENTS of train.py

Environment: WORKERS, how many there are; JOB_COMPLETION_INDEX, which one this is, from 0; RENDEZVOUS, host:port of
worker 0; RUN, the name of the run; PROCESSES of each worker (1); RESTARTS, how often a worker starts its processes again
before it ends (3); ADDRESS, under which the others reach this one (the host's full name).

All workers have to be there before a step is done. The rendezvous is torchrun's "c10d": it meets again when a worker is
replaced, and the processes of the others are then started again, too. "static" forms one group, once: a pod in place of
one that is lost would never get in. Worker 0 keeps the rendezvous; without it all workers end and begin again.
"""

import os
import socket
import sys
import time

import checkpoint
import train


def main(given):
    # Mistakes first: exit status 2 says that trying again is of no use.
    asked = train.arguments(given)
    index, run = whole("JOB_COMPLETION_INDEX"), required("RUN")
    rendezvous = required("RENDEZVOUS")
    command = torchrun(index, run, rendezvous)
    if checkpoint.finished(asked.checkpoint, run):
        train.say(f"run {run} is finished: nothing is left to do")
        return
    if index > 0:
        wait_for(rendezvous)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "train.py")
    os.execvp(command[0], [*command, script, *given])


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
        f"--max_restarts={whole('RESTARTS', '3')}",
        *([f"--local_addr={address}"] if address else []),
    ]


def wait_for(rendezvous):
    """Its image may still be on its way: torchrun would give up after a minute, and that would count as a failure."""
    host, _, port = rendezvous.rpartition(":")
    said = None
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return
        except OSError as error:
            if str(error) != said:
                said = str(error)
                train.say(f"waiting for worker 0 at {rendezvous}: {said}")
            time.sleep(1)


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
