# lock_kept or not_guarded
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        lock.acquire()
        left = seats.read()
        if left == 0:
            return
        pause(think)
        seats.write(left - 1)
        lock.release()
        sold.write(sold.read() + 1)  # at fault
        pause(work)  # print the ticket
