"""The kernel's Interrupt, held back where it would leave something half made."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Keep an interrupt back while processes start or end, so that none is left half made.

    The mask is for the children, which inherit it. Here it is not enough: another thread takes the
    signal, and Python raises KeyboardInterrupt in the main one. So it is noted, and raised after.
    """
    has_mask = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]) if has_mask else set()
    try:
        with interrupts_noted(lambda: False):
            yield
    finally:
        if has_mask:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def interrupts_noted(is_raised_here: Callable[[], bool]) -> Iterator[list]:
    """Give a list that is empty until an interrupt comes; one that came is raised at the end at the latest.

    An interrupt is noted, and raised at once only where `is_raised_here()`: in code of others, which may go on
    for ever without it, but may also swallow it. Whoever goes on after such code looks at the list and raises
    KeyboardInterrupt. Elsewhere nothing is interrupted half-way. Another thread than the main one gets none.
    """
    noted: list = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield noted
        return

    def note(*args):
        noted.append(args)
        if is_raised_here():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)
        if noted:  # also in place of what it has led to: an error, or a result
            signal.raise_signal(signal.SIGINT)
