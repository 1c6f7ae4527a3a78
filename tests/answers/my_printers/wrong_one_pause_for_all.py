# wrong_pages
from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    with printers:
        pause(pages * page_s)
    for _ in range(pages):
        with lock:
            counter.write(counter.read() + 1)
