# wrong_count
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            if seats.read() == 0:
                return
        pause(think)
        with lock:
            seats.write(seats.read() - 1)
            sold.write(sold.read() + 1)
        pause(work)
