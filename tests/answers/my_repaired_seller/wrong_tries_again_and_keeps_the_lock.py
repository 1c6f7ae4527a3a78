# exception_keeps_lock
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        while not lock.acquire(block=False):  # at fault
            pause(think)
        left = seats.read()
        if left == 0:
            lock.release()
            return
        seats.write(left - 1)
        sold.write(sold.read() + 1)
        lock.release()
        pause(work)
