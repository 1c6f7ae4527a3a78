# not_guarded
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        money = cash.read()  # at fault
        with lock:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(money + 5)
        pause(work)
        pause(work)
