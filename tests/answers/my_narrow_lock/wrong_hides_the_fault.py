# hides_the_fault
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            try:
                cash.write(cash.read() + 5)
            except RuntimeError:
                pass
        pause(work)
        pause(work)
