# exception_keeps_lock
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        with printers:
            pause(page_s)
        lock.acquire()  # at fault
        counter.write(counter.read() + 1)
        lock.release()
