# no_lock or not_guarded
from helpers.events import pause
from contextlib import nullcontext
def sell(seats, sold, lock, times, think, work):
    for i in range(times):
        with lock if i < 4 else nullcontext():  # at fault
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)
