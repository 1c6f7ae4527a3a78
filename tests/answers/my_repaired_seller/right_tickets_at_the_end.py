from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    tickets = 0
    while tickets < times:
        with lock:
            left = seats.read()
            if not left:
                break
            sold.write(sold.read() + 1)
            pause(think)
            seats.write(left - 1)
        tickets += 1
    for _ in range(tickets):
        pause(work)
