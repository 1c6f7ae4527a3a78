# not_guarded
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        left = seats.read()  # at fault
        with lock:
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)  # print the ticket
