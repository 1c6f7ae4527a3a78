# hides_the_fault
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            try:
                sold.write(sold.read() + 1)
            except RuntimeError:
                pass
        pause(work)  # print the ticket
