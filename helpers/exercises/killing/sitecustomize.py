"""On PYTHONPATH of a script under check, this kills one of its child processes: the first that waits for its second customer.

The other ones wait long for their next customers then: who looks after the desks has time to see the dead one, and to do what it does about it.
"""

import os
import signal
import time
from contextlib import suppress

_WALK = 0.01  # seconds that a desk waits for a customer
_LONG = 0.5  # seconds that it waits when another one was killed
_KILLED = "a desk was killed"  # the folder that says so
_real_sleep = time.sleep
# The process in which each of these waits was: a forked child knows its parent's.
_waited: list[int] = []


def _sleep(seconds):
    if seconds == _WALK and _is_child():
        _waited.append(os.getpid())
        if _waited.count(os.getpid()) == 2:
            with suppress(FileExistsError):  # another one was killed before
                os.mkdir(_KILLED)
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        seconds = _LONG if os.path.isdir(_KILLED) else _WALK
    _real_sleep(seconds)


def _is_child():
    import multiprocessing

    return multiprocessing.parent_process() is not None


time.sleep = _sleep
