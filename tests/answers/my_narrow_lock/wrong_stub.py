# too_wide
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    with lock:
        for _ in range(times):
            pause(work)  # talk to the customer
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            pause(work)  # print the ticket with this number
            cash.write(cash.read() + 5)
            pause(work)  # say goodbye
