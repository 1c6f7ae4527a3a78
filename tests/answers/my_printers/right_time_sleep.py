import time


def print_all(printers, counter, lock, pages, page_s):
    left = pages
    while left > 0:
        with printers:
            time.sleep(page_s)
        with lock:
            counter.write(counter.read() + 1)
        left -= 1
