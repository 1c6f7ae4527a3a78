# deadlock
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        lock.acquire()
        with lock:
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)  # print the ticket
