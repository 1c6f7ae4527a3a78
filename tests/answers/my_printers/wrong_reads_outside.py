# not_guarded
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        with printers:
            pause(page_s)
        number = counter.read() + 1  # at fault
        with lock:
            counter.write(number)
