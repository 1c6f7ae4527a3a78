# wrong_count or no_real_sale
from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            left = seats.read()
            if left <= 1:
                return
            pause(think)
            seats.write(left - 2)
            sold.write(sold.read() + 2)
        pause(work)  # print the ticket
