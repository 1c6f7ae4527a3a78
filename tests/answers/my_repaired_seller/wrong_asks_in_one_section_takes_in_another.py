# wrong_count
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            if seats.read() == 0:  # at fault
                return
        pause(think)
        with lock:  # at fault
            seats.write(seats.read() - 1)
            sold.write(sold.read() + 1)
        pause(work)
