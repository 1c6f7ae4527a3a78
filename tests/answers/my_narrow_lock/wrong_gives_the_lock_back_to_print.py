# split_invariant
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            tickets.write(number)
            lock.release()  # at fault
            pause(work)
            lock.acquire()
            cash.write(cash.read() + 5)
        pause(work)
