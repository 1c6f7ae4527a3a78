# deadlock
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            with lock:
                cash.write(cash.read() + 5)
        pause(work)
        pause(work)
