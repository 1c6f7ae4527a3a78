# hides_the_fault
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        lock.acquire()
        try:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        finally:
            lock.release()
            pause(work)
            pause(work)
            continue
