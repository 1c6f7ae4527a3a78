# not_guarded
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            pause(think)
        with lock:  # at fault
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
