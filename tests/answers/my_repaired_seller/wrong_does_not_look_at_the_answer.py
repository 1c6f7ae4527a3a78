# goes_on_without_lock or releases_a_stranger or released_twice
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        lock.acquire(timeout=0.001)  # at fault
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
