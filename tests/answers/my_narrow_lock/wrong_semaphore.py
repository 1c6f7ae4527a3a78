# own_lock
from helpers.events import pause
from multiprocessing import Semaphore

gate = Semaphore(1)


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with gate:
            tickets.write(tickets.read() + 1)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
