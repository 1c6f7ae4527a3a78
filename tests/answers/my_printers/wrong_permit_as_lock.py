# no_lock or outside_lock or own_lock or split_section or no_common_lock
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        with printers:
            pause(page_s)
            counter.write(counter.read() + 1)  # at fault
