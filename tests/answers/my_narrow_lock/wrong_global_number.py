# no_real_ticket or not_guarded
from helpers.events import pause


number = 0


def serve(tickets, cash, lock, times, think, work):
    global number
    for _ in range(times):
        pause(work)
        with lock:
            number = number + 1 if number else tickets.read() + 1  # at fault
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
