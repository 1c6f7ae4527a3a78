# not_guarded
from helpers.events import pause
from contextlib import nullcontext

ready = []


def sell(seats, sold, lock, times, think, work):
    guard = nullcontext() if ready else lock  # at fault
    ready.append(1)
    for _ in range(times):
        with guard:  # at fault
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)
