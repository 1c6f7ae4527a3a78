from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        printers.acquire()
        try:
            pause(page_s)
        finally:
            printers.release()
        lock.acquire()
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
