from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        pause(think)
        with lock:
            paid, number = cash.read(), tickets.read()
            tickets.write(number + 1)
            cash.write(paid + 5)
        for _ in range(2):
            pause(work)
