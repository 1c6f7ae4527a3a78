from helpers.events import pause
PRICE = 5


def slow(*lengths):
    for length in lengths:
        pause(length)


def serve(tickets, cash, lock, times, think, work):
    def bump(file, by):
        file.write(file.read() + by)

    left = times
    while left > 0:
        slow(work)
        with lock:
            bump(tickets, 1)
            slow(think)
            bump(cash, PRICE)
        slow(work, work)
        left -= 1
