# wrong_count
from helpers.events import pause


rounds = 0


def sell(seats, sold, lock, times, think, work):
    global rounds
    while rounds < times:
        rounds += 1
        with lock:
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)
