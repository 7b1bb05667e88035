"""Trains a small network to read digits, on any number of processes, from checkpoint to checkpoint.

    torchrun --standalone --nproc-per-node=2 train.py --data synthetic --steps 200 --checkpoint FOLDER

PyTorch's DistributedDataParallel: NCCL between GPUs, Gloo between CPUs. Needs torch, and torchvision for MNIST; python3
3.9 or later. Prints a line for every --log-every steps, its loss the mean over these steps and all processes.

A process that is lost takes the others down with it; torchrun starts all of them again, and they go on from the newest
checkpoint that any of them finds. Which examples a step learns from follows from its number alone, so that what is done
again after a checkpoint is the same as before.
"""

import argparse
import datetime
import os
import socket
import sys
import time

import attempts
import checkpoint
import digits

SEED = 1
MOMENTUM = 0.9


def arguments(given=None):
    parser = argparse.ArgumentParser(
        prog="train.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", choices=("mnist", "synthetic"), default="mnist", help="MNIST, which torchvision downloads, or made here (mnist)")
    add("--data-folder", default="data", metavar="FOLDER", help="where MNIST is, or is put (data)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=whole(1, 10**9), metavar="N", help="steps, of all processes together")
    length.add_argument("--epochs", type=whole(1, 10**6), metavar="N", help="times that all examples are seen (1)")
    add("--batch", type=whole(1, 10**6), default=64, metavar="N", help="examples of each process in a step (64)")
    add("--learning-rate", type=positive, default=0.05, metavar="X", help="of stochastic gradient descent (0.05)")
    add("--checkpoint", default="checkpoint", metavar="FOLDER", help="where the checkpoint is kept (checkpoint)")
    add("--checkpoint-every", type=whole(1, 10**9), default=100, metavar="N", help="steps between two checkpoints (100)")
    add("--log-every", type=whole(1, 10**9), default=10, metavar="N", help="steps between two lines (10)")
    add("--device", choices=("auto", "gpu", "cpu"), default="auto", help="auto: GPUs where there are some (auto)")
    add("--timeout", type=whole(1, 86400), default=300, metavar="SECONDS", help="the most that one process waits for another (300)")
    return parser.parse_args(given)


def whole(least, most):
    def parse(text):
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f'was given "{text}"; allowed: a whole number from {least} to {most}')
        return int(text)

    return parse


def positive(text):
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1000:
        raise argparse.ArgumentTypeError(f'was given "{text}"; allowed: a number above 0, at most 1000')
    return number


class Plan:
    """Which examples a process learns from in which step."""

    def __init__(self, examples, batch, processes):
        self.examples = examples
        self.batch = batch
        self.together = batch * processes
        self.steps_per_epoch = examples // self.together
        if self.steps_per_epoch == 0:
            fail(f"--batch: was given {batch}; allowed: at most {examples // processes} with {processes} processes")

    def steps(self, steps, epochs):
        return steps if steps is not None else (epochs or 1) * self.steps_per_epoch

    def place(self, step, rank):
        """The epoch of a step, counted from 0 as the steps are, and where in it the examples of a process begin."""
        return step // self.steps_per_epoch, step % self.steps_per_epoch * self.together + rank * self.batch


def network(torch):
    nn = torch.nn
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 5 * 5, 64), nn.ReLU(), nn.Linear(64, digits.CLASSES)),
    )


class Examples:
    """Pictures and digits where they are used, as numbers around zero."""

    def __init__(self, pictures, labels, device):
        self.pictures = pictures.to(device)
        self.labels = labels.to(device)
        self.order = None
        self.epoch = None

    def batch(self, torch, epoch, begin, count):
        if self.epoch != epoch:
            # The same order in every process, another one in each epoch.
            source = torch.Generator().manual_seed(SEED * 1_000_003 + epoch)
            self.order = torch.randperm(len(self.labels), generator=source).to(self.labels.device)
            self.epoch = epoch
        return self.at(self.order[begin : begin + count])

    def at(self, chosen):
        return self.pictures[chosen].unsqueeze(1).float().div_(127.5).sub_(1.0), self.labels[chosen]


def pick_device(torch, asked):
    """GPUs that were asked for and are not there are an error: training on the CPU would look like training on them."""
    there = torch.cuda.is_available()
    if asked == "gpu" and not there:
        fail("--device: was given gpu; allowed: cpu, as PyTorch sees no GPU here; do: --device cpu, or see nvidia-smi")
    if asked == "cpu" or not there:
        return torch.device("cpu")
    local = int(os.environ["LOCAL_RANK"])
    if local >= torch.cuda.device_count():
        fail(f"processes: process {local + 1} of this machine has no GPU; allowed: at most {torch.cuda.device_count()}")
    device = torch.device("cuda", local)
    torch.cuda.set_device(device)
    return device


def main():
    asked = arguments()
    if "LOCAL_RANK" not in os.environ:
        fail("train.py is started by torchrun; do: torchrun --standalone --nproc-per-node=1 train.py …")
    attempts.began()
    # Here, because it takes seconds that --help and a mistake need not wait for.
    import torch
    import torch.distributed as distributed

    device = pick_device(torch, asked.device)
    # Before the others are waited for, as a download may take long.
    learned, tested = digits.load(asked.data, asked.data_folder)
    backend = "nccl" if device.type == "cuda" else "gloo"
    distributed.init_process_group(backend, timeout=datetime.timedelta(seconds=asked.timeout))
    train(torch, distributed, asked, device, backend, learned, tested)
    # Not after a failure: it would wait for processes that are gone.
    distributed.destroy_process_group()


def train(torch, distributed, asked, device, backend, learned, tested):
    rank, processes = distributed.get_rank(), distributed.get_world_size()
    plan = Plan(len(learned[1]), asked.batch, processes)
    total = plan.steps(asked.steps, asked.epochs)
    say(f"process {rank} of {processes}: {socket.gethostname()}, id {os.getpid()}, {backend} on {device}")
    first = rank == 0
    if first:
        say(f"training: {total} steps of {processes} x {asked.batch} examples of {plan.examples} ({asked.data})")

    torch.manual_seed(SEED)
    model = network(torch).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=asked.learning_rate, momentum=MOMENTUM)
    state = checkpoint.newest(checkpoint.load(asked.checkpoint))
    begin = 0
    if state is not None:
        if state["data"] != asked.data:
            fail(f"--checkpoint: {asked.checkpoint} was trained on {state['data']}; do: give another folder")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict({**optimizer.state_dict(), "state": state["optimizer"]})
        begin = state["step"]
        if first:
            say(f"resumed: at step {begin} from {asked.checkpoint}")
    model = torch.nn.parallel.DistributedDataParallel(model, device_ids=[device.index] if device.type == "cuda" else None)

    examples = Examples(*learned, device)
    lines = Lines(torch, distributed, device, processes, plan.together, total)
    for step in range(begin, total):
        epoch, place = plan.place(step, rank)
        pictures, labels = examples.batch(torch, epoch, place, asked.batch)
        loss = torch.nn.functional.cross_entropy(model(pictures), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.add(loss.detach())
        done = step + 1
        if done % asked.log_every == 0 or done == total:
            lines.write(done, first)
        if first and (done % asked.checkpoint_every == 0 or done == total):
            # Without the wrapper: what is kept does not depend on how many processes there were.
            state = {"step": done, "data": asked.data, "model": model.module.state_dict()}
            # What it has learned, and not its settings: those are what this run is told.
            checkpoint.save(asked.checkpoint, {**state, "optimizer": optimizer.state_dict()["state"]})
            say(f"checkpoint: step {done} in {asked.checkpoint}")

    if first:
        right = accuracy(torch, model.module, Examples(*tested, device))
        checkpoint.finish(asked.checkpoint, os.environ.get("TORCHELASTIC_RUN_ID"))
        say(f"finished: step {max(begin, total)}, {right:.4f} of {len(tested[1])} other examples are right")


class Lines:
    """Counts between two lines, on the device, so that no step waits for a figure of it."""

    def __init__(self, torch, distributed, device, processes, together, total):
        self.distributed = distributed
        self.processes = processes
        self.together = together
        self.total = total
        self.sum = torch.zeros(1, device=device)
        self.steps = 0
        self.since = time.monotonic()

    def add(self, loss):
        self.sum += loss
        self.steps += 1

    def write(self, step, first):
        self.distributed.all_reduce(self.sum)
        loss = self.sum.item() / self.processes / self.steps
        now = time.monotonic()
        if first:
            rate = self.steps * self.together / (now - self.since)
            say(f"step {step} of {self.total}: loss {loss:.4f}, {rate:.0f} examples/s")
        self.sum.zero_()
        self.steps = 0
        self.since = now


def accuracy(torch, model, examples):
    model.eval()
    count = len(examples.labels)
    right = 0
    with torch.no_grad():
        for begin in range(0, count, 1000):
            pictures, labels = examples.at(slice(begin, begin + 1000))
            right += (model(pictures).argmax(1) == labels).sum().item()
    return right / count


def say(text):
    print(text, flush=True)


def fail(text):
    print(text, file=sys.stderr, flush=True)
    sys.exit(2)


if __name__ == "__main__":
    try:
        main()
    except digits.DataError as error:
        fail(f"--data: {error}")
