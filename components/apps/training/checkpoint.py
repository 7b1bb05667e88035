"""What a training is to go on from: one file, always whole."""

import os

NAME = "checkpoint.pt"


def save(folder, state):
    """Written beside and moved into place: whoever is killed meanwhile leaves the checkpoint that was there before."""
    import torch

    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, NAME)
    unfinished = f"{path}.unfinished"
    with open(unfinished, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    sync(folder)


def load(folder):
    """The checkpoint, its tensors in main memory; None where there is none."""
    import torch

    try:
        # Data alone: a checkpoint cannot bring a program with it.
        return torch.load(os.path.join(folder, NAME), map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None


def stamp(folder):
    """Another one for each checkpoint; None where none is seen."""
    try:
        found = os.stat(os.path.join(folder, NAME))
        return found.st_ino, found.st_mtime_ns
    except OSError:
        return None


def newest(own):
    """
    The checkpoint with the most steps that any process has, for all of them. Where the folder is shared it is the same
    for all; on disks of their own, those of a machine that was replaced may be old or empty.
    """
    import torch.distributed as distributed

    steps = [0] * distributed.get_world_size()
    distributed.all_gather_object(steps, own["step"] if own else 0)
    source = max(range(len(steps)), key=steps.__getitem__)
    if steps[source] == 0:
        return None
    carried = [own if distributed.get_rank() == source else None]
    distributed.broadcast_object_list(carried, src=source)
    return carried[0]


def finish(folder, run):
    """Notes that a run is over, for a worker of it that comes back late and would wait for the others forever."""
    if run:
        os.makedirs(folder, exist_ok=True)
        with open(finished_path(folder, run), "w", encoding="ascii"):
            pass
        sync(folder)


def finished(folder, run):
    return os.path.exists(finished_path(folder, run))


def finished_path(folder, run):
    return os.path.join(folder, f"finished-{run}")


def sync(folder):
    """A name in a folder outlives a machine that fails only when the folder was written, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
