# deadlock
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for number in range(pages):
        if number % 2:
            with printers, lock:  # at fault
                counter.write(counter.read() + 1)
            with printers:
                pause(page_s)
        else:
            with lock:
                counter.write(counter.read() + 1)
                with printers:  # at fault
                    pass
            with printers:
                pause(page_s)
