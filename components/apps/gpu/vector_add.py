"""A simulated vector addition, for a pod whose GPU is simulated: there is no CUDA, so the CPU adds, and the log says so.

Environment: REPEAT_SECONDS, for how long it is done again and again (0: once).
"""

import os
import sys
import time

ELEMENTS = 50000


def main():
    seconds = os.environ.get("REPEAT_SECONDS", "0")
    if not (seconds.isascii() and seconds.isdigit()):
        print(f'REPEAT_SECONDS: was given "{seconds}"; allowed: a whole number; do: correct the environment')
        sys.exit(2)
    end = time.monotonic() + int(seconds)
    times = 0
    print(f"[simulated vector addition of {ELEMENTS} elements: no GPU, no CUDA, the CPU adds]")
    while times == 0 or time.monotonic() < end:
        add()
        if times == 0:
            print("Simulated test PASSED")
        times += 1
        if int(seconds) > 0:
            # That the GPU is busy says an annotation, so the CPU need not be.
            time.sleep(min(1, max(0, end - time.monotonic())))
    print(f"added {times} times")


def add():
    left = [float(i) for i in range(ELEMENTS)]
    right = [2.0 * x for x in left]
    for x, total in zip(left, [a + b for a, b in zip(left, right)]):
        if total != 3.0 * x:
            print(f"Simulated test FAILED: {x} and {2.0 * x} gave {total}")
            sys.exit(1)


if __name__ == "__main__":
    main()
