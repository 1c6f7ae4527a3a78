from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    for _ in range(pages):
        _print(printers, page_s)
        _count(counter, lock)


def _print(printers, page_s):
    with printers:
        pause(page_s)


def _count(counter, lock):
    with lock:
        number = counter.read()
        counter.write(number + 1)
