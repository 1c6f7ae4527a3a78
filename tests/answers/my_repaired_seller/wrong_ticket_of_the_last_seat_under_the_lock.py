# too_wide
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for i in range(times):
        with lock:
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
            if left == 1:
                pause(work)
                return
        pause(work)
