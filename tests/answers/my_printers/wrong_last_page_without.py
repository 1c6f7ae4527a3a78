# no_permit
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for number in range(pages):
        if number < 6:
            with printers:
                pause(page_s)
        else:
            pause(page_s)
        with lock:
            counter.write(counter.read() + 1)
