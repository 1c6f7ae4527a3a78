# released_unheld
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        try:
            lock.acquire()
            left = seats.read()
            if left == 0:
                return
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        finally:
            lock.release()
        pause(work)
