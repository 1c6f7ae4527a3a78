from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
    for _ in range(times):
        with lock:
            tickets.write(tickets.read() + 1)
            cash.write(cash.read() + 5)
    for _ in range(2 * times):
        pause(work)
