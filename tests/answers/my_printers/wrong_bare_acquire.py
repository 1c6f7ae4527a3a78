# exception_keeps_lock
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        printers.acquire()  # at fault
        pause(page_s)
        with lock:
            counter.write(counter.read() + 1)
        printers.release()
