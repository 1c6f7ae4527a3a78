# not_guarded
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            left = seats.read()
            if left == 0:
                return
            pause(think)
        with lock:  # at fault
            seats.write(left - 1)
        with lock:
            sold.write(sold.read() + 1)
        pause(work)  # print the ticket
