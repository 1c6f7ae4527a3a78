from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        while not lock.acquire(block=False):
            pause(think)
        try:
            left = seats.read()
            if left == 0:
                return
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        finally:
            lock.release()
        pause(work)
