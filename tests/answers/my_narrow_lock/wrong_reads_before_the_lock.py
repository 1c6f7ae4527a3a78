# not_guarded
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        number = tickets.read() + 1  # at fault
        with lock:
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
