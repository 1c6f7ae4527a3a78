# not_guarded
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
        cash.write(cash.read() + 5)  # at fault
        pause(work)
        pause(work)
