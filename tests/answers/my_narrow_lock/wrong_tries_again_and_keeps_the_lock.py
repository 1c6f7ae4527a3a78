# exception_keeps_lock
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        while not lock.acquire(False):  # at fault
            pass
        tickets.write(tickets.read() + 1)
        cash.write(cash.read() + 5)
        lock.release()
        pause(work)
        pause(work)
