"""On PYTHONPATH of a script under check, this kills one of its child processes: the first that waits for its second customer."""

import os
import signal
import time
from contextlib import suppress

_WALK = 0.01  # seconds that a desk waits for a customer
_real_sleep = time.sleep
# The process in which each of these waits was: a forked child knows its parent's.
_waited: list[int] = []


def _sleep(seconds):
    if seconds == _WALK:
        _waited.append(os.getpid())
        if _waited.count(os.getpid()) == 2 and _is_child():
            with suppress(FileExistsError):  # another one was killed before
                os.mkdir("a desk was killed")
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    _real_sleep(seconds)


def _is_child():
    import multiprocessing

    return multiprocessing.parent_process() is not None


time.sleep = _sleep
