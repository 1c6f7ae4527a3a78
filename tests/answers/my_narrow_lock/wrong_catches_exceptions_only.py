# exit_keeps_lock
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        lock.acquire()  # at fault
        try:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        except Exception:
            lock.release()
            raise
        lock.release()
        pause(work)
        pause(work)
