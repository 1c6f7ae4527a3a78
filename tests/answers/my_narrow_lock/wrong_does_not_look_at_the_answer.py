# goes_on_without_lock or releases_a_stranger or released_twice
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        lock.acquire(timeout=0.001)  # at fault
        if True:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
            lock.release()
        pause(work)
        pause(work)
