# exit_keeps_lock
from helpers.events import pause
def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        lock.acquire()  # at fault
        try:
            left = seats.read()
            if left == 0:
                lock.release()
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        except Exception:
            lock.release()
            raise
        lock.release()
        pause(work)
