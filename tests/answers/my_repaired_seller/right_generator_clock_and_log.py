import logging, os, random, time
import helpers.events as ev
from contextlib import ExitStack


def _one(seats, sold):
    left = seats.read()
    if not left:
        return False
    seats.write(left - 1)
    sold.write(sold.read() + 1)
    return True


def _sales(seats, sold, lock, times):
    for _ in range(times):
        with ExitStack() as stack:
            stack.enter_context(lock)
            ok = _one(seats, sold)
        if not ok:
            return
        yield 1


def sell(seats, sold, lock, times, think, work):
    start = time.monotonic()
    random.random()
    for _ in _sales(seats, sold, lock, times):
        ev.pause(seconds=work)
        logging.info("sold by %s after %s", os.getpid(), time.monotonic() - start)
