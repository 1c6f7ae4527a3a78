"""Print on one of several printers: a semaphore has a permit for each."""

from helpers.events import pause


def print_pages(printers, pages, page_s, think):
    for _ in range(pages):
        pause(think)
        with printers:
            pause(page_s)


def take_permits(semaphore, count, think):
    for _ in range(count):
        semaphore.acquire()
        pause(think)
    for _ in range(count):
        semaphore.release()


def give_permits(semaphore, count, think):
    pause(think)
    for _ in range(count):
        semaphore.release()
