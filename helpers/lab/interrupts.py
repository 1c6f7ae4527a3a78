"""The kernel's Interrupt, held back where it would leave something half made."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def interrupts_held():
    """Keep an interrupt back while processes start or end, so that none is left half made.

    The mask is for the children, which inherit it. Here it is not enough: another thread takes the
    signal, and Python raises KeyboardInterrupt in the main one. So it is noted, and raised after.
    """
    noted = []
    with _mask_held():
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, lambda *args: noted.append(args))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
    if noted:
        signal.raise_signal(signal.SIGINT)


@contextmanager
def _mask_held():
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
