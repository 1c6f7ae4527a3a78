# no_lock
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        if True:
            left = seats.read()  # at fault
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)  # at fault
            sold.write(sold.read() + 1)  # at fault
        pause(work)  # print the ticket
