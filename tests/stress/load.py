"""A busy machine: two cores, and sixteen processes on them that want to compute all the time."""

import os
import subprocess
import sys
from contextlib import contextmanager

LOOPS = 16
_CORES = 2
# Each ends with its parent, whatever ended that one.
_LOOP = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""


@contextmanager
def busy_machine(loops=LOOPS):
    """This process and its children on two cores, beside `loops` busy loops, which end with the block."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    command = [sys.executable, "-c", _LOOP, str(os.getpid())]
    running = []
    try:
        running += (subprocess.Popen(command) for _ in range(loops))
        yield running
    finally:
        for loop in running:
            loop.kill()
        for loop in running:
            loop.wait()
