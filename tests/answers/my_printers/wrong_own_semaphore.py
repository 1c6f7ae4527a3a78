# no_permit
import multiprocessing

from helpers.events import pause

ROOM = multiprocessing.Semaphore(2)


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        with ROOM:
            pause(page_s)
        with lock:
            counter.write(counter.read() + 1)
