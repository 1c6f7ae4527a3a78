# permits_changed or lock_kept or deadlock
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        printers.acquire()
        pause(page_s)
        with lock:
            counter.write(counter.read() + 1)
