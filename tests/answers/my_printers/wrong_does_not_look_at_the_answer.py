# no_permit
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        taken = printers.acquire(block=False)
        pause(page_s)
        if taken:
            printers.release()
        with lock:
            counter.write(counter.read() + 1)
