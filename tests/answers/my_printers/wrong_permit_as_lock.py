# no_lock or not_guarded or own_lock
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        with printers:
            pause(page_s)
            counter.write(counter.read() + 1)  # at fault
