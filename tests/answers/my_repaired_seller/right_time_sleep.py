import os
from time import sleep


def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            left = seats.read()
            if left == 0:
                return
            sleep(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        print(os.getpid(), "prints")
        sleep(work)  # print the ticket
