# no_lock
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        if True:
            number = tickets.read() + 1  # at fault
            pause(think)
            tickets.write(number)  # at fault
            cash.write(cash.read() + 5)  # at fault
        pause(work)
        pause(work)
