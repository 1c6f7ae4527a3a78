from helpers.events import pause


def print_all(printers, counter, lock, pages, page_s):
    with printers:
        for _ in range(pages):
            pause(page_s)
            with lock:
                counter.write(counter.read() + 1)
