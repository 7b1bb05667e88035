"""Pictures of digits, 28 by 28, and which digit each is: MNIST, or a synthetic set of the same shape."""

import fcntl
import os

CLASSES = 10
SIDE = 28
# As many as MNIST has cost memory and no insight.
SYNTHETIC_EXAMPLES = 12000
SYNTHETIC_TEST_EXAMPLES = 2000


class DataError(Exception):
    pass


def load(name, folder):
    """What to train on and what to test with: pictures as bytes and their digits, each a pair of tensors."""
    return synthetic() if name == "synthetic" else mnist(folder)


def mnist(folder):
    """By torchvision's own loader, which downloads what is not there yet."""
    from torchvision import datasets

    try:
        os.makedirs(folder, exist_ok=True)
        # Processes of one machine share the folder: the first one downloads, the others wait and find it there.
        with open(os.path.join(folder, "lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            parts = [datasets.MNIST(folder, train=train, download=True) for train in (True, False)]
    except (OSError, RuntimeError) as error:
        raise DataError(f"MNIST cannot be had in {folder}: {error}; do: --data synthetic, or fill the folder") from error
    return tuple((part.data, part.targets) for part in parts)


def synthetic():
    """Ten patterns, each example one of them, moved a little and under noise: easy to learn, and never the same twice."""
    import torch

    source = torch.Generator().manual_seed(20)
    coarse = torch.rand(CLASSES, 1, 7, 7, generator=source)
    patterns = torch.nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    return tuple(examples(patterns[:, 0], count, source) for count in (SYNTHETIC_EXAMPLES, SYNTHETIC_TEST_EXAMPLES))


def examples(patterns, count, source):
    import torch

    digits = torch.randint(CLASSES, (count,), generator=source)
    moves = torch.randint(-3, 4, (count, 2), generator=source)
    pictures = torch.empty(count, SIDE, SIDE, dtype=torch.uint8)
    noise = torch.empty(SIDE, SIDE)
    for i in range(count):
        down, right = moves[i].tolist()
        picture = torch.roll(patterns[digits[i]], shifts=(down, right), dims=(0, 1))
        noise.normal_(0, 0.35, generator=source)
        pictures[i] = ((picture + noise).clamp_(0, 1) * 255).to(torch.uint8)
    return pictures, digits
