# too_wide
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for i in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
            if i > 2:
                pause(work)
        if i <= 2:
            pause(work)
        pause(work)
