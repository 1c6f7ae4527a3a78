# split_invariant
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    owed = 0
    for _ in range(times):
        pause(work)
        with lock:
            if owed:
                cash.write(cash.read() + owed)  # at fault
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            owed = 5
        pause(work)
        pause(work)
    with lock:
        cash.write(cash.read() + owed)  # at fault
