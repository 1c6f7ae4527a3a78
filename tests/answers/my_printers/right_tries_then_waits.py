from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        if not printers.acquire(block=False):
            printers.acquire()
        try:
            pause(page_s)
        finally:
            printers.release()
        with lock:
            counter.write(counter.read() + 1)
