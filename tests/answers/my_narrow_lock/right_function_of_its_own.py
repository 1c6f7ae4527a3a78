from helpers.events import pause


def draw(tickets, cash, think):
    """The caller holds the lock."""
    number = tickets.read() + 1
    pause(think)
    tickets.write(number)
    cash.write(cash.read() + 5)
    return number


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = draw(tickets, cash, think)
        print("ticket", number)
        pause(work)
        pause(work)
