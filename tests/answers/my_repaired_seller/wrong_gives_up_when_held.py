# wrong_count or gives_up
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        if not lock.acquire(timeout=0.001):  # at fault
            continue
        try:
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        finally:
            lock.release()
        pause(work)  # print the ticket
