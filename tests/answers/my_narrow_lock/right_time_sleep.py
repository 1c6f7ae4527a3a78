import time


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        time.sleep(work)
        with lock:
            number = tickets.read() + 1
            time.sleep(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        time.sleep(work)
        time.sleep(work)
