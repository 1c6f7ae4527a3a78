# deadlock
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        lock.acquire()
        if True:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
