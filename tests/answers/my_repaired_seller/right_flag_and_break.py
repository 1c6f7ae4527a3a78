from helpers.events import pause


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        got = False
        lock.acquire()
        try:
            left = seats.read()
            if left > 0:
                pause(think)
                seats.write(left - 1)
                sold.write(1 + sold.read())
                got = True
        finally:
            lock.release()
        if not got:
            break
        pause(work)
