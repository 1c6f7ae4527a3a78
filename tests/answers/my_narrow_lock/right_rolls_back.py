from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            try:
                cash.write(cash.read() + 5)
            except BaseException:
                tickets.write(number - 1)
                raise
        pause(work)
        pause(work)
