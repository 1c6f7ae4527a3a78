# not_guarded
from helpers.events import pause
from contextlib import nullcontext


def serve(tickets, cash, lock, times, think, work, seen=[]):
    guard = nullcontext() if seen else lock  # at fault
    seen.append(1)
    for i in range(times):
        pause(work)
        with guard:  # at fault
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
