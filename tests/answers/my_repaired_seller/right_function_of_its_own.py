from helpers.events import pause


def sell_one(seats, sold, lock, think):
    """Sell a seat; True if there was one."""
    with lock:
        left = seats.read()
        if left > 0:
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        return left > 0


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        if not sell_one(seats, sold, lock, think):
            break
        pause(work)
