# not_guarded
from helpers.events import pause
from contextlib import nullcontext


def serve(tickets, cash, lock, times, think, work):
    for i in range(times):
        pause(work)
        with lock if i < 6 else nullcontext():  # at fault
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
