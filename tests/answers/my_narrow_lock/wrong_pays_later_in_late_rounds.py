# split_invariant
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for i in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            tickets.write(number)
            if i < 4:
                cash.write(cash.read() + 5)
        if i >= 4:
            with lock:  # at fault
                cash.write(cash.read() + 5)  # at fault
        pause(work)
        pause(work)
