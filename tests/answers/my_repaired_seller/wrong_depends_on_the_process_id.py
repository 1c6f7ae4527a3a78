# unsteady or own_lock or no_lock or not_guarded
import os
from helpers.events import pause


from contextlib import nullcontext


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock if os.getpid() % 2 else nullcontext():
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)  # print the ticket
