# lock_kept
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for i in range(times):
        lock.acquire()
        left = seats.read()
        if left == 0:
            continue
        seats.write(left - 1)
        sold.write(sold.read() + 1)
        lock.release()
        pause(work)
