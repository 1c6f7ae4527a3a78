# own_lock
from helpers.events import pause
from filelock import FileLock
def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with FileLock("seller_x.lock"):
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)
