# hides_the_fault
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        try:
            with printers:
                pause(page_s)
            with lock:
                counter.write(counter.read() + 1)
        except RuntimeError:
            return
