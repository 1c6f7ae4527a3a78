# no_work or too_wide
from helpers.events import pause
def serve(tickets, cash, lock, times, think, work):
    for i in range(times):
        pause(work / 2)
        with lock:
            pause(work / 2)
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
