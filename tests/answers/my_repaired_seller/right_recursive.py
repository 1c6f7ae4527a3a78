from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    if times == 0:
        return
    with lock:
        left = seats.read()
        if left == 0:
            return
        seats.write(left - 1)
        sold.write(sold.read() + 1)
    pause(work)
    sell(seats, sold, lock, times - 1, think, work)
