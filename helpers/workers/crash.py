"""Take a lock and leave without a word of goodbye: each worker leaves in another way."""

import os
import signal
import sys

from helpers.events import pause

_SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows one way to kill


def leave_by_exception(lock, think):
    with lock:
        pause(think)
        raise RuntimeError("something went wrong")


def leave_by_exception_after_acquire(lock, think):
    lock.acquire()
    pause(think)
    raise RuntimeError("something went wrong")


def leave_by_sys_exit(lock, think):
    with lock:
        pause(think)
        sys.exit(3)


def leave_by_keyboard_interrupt(lock, think):
    with lock:
        pause(think)
        raise KeyboardInterrupt


def leave_by_os_exit(lock, think):
    with lock:
        pause(think)
        os._exit(4)


def leave_by_sigterm(lock, think):
    with lock:
        pause(think)
        os.kill(os.getpid(), signal.SIGTERM)  # what terminate() sends
        pause(10)


def leave_by_sigkill(lock, think):
    with lock:
        pause(think)
        os.kill(os.getpid(), _SIGKILL)  # what kill() sends
        pause(10)


def leave_by_abort(lock, think):
    with lock:
        pause(think)
        os.abort()  # ends like a crash in C code
