# wrong_count or not_guarded
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            left = seats.read()
            if left == 0:
                return
        if left > 1:  # at fault
            lock.acquire()
        try:
            left = seats.read()  # at fault
            seats.write(left - 1)  # at fault
            sold.write(sold.read() + 1)
        finally:
            if left > 1:
                lock.release()
        pause(work)
