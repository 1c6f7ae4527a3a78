"""Move money from one account to another, `times` over. The siblings differ in how they take the locks."""

from helpers.events import pause


def transfer_in_given_order(source, target, first, second, amount, times, think):
    for _ in range(times):
        with first:
            pause(think)
            with second:
                source.write(source.read() - amount)
                target.write(target.read() + amount)


def transfer_in_global_order(source, target, first, second, amount, times, think):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    for _ in range(times):
        with first:
            pause(think)
            with second:
                source.write(source.read() - amount)
                target.write(target.read() + amount)


def transfer_with_back_off(source, target, first, second, amount, times, think):
    wasted = 0
    for _ in range(times):
        moved = False
        while not moved:
            with first:
                pause(think)
                if second.acquire(block=False):
                    try:
                        source.write(source.read() - amount)
                        target.write(target.read() + amount)
                        moved = True
                    finally:
                        second.release()
            if not moved:
                wasted += 1
                pause(think)
    return wasted


def transfer_under_single_lock(source, target, bank_lock, amount, times, think):
    for _ in range(times):
        with bank_lock:
            pause(think)
            source.write(source.read() - amount)
            target.write(target.read() + amount)


def transfer_with_timeout(source, target, first, second, amount, times, think):
    given_up = 0
    for _ in range(times):
        moved = False
        while not moved:
            with first:
                pause(think)
                if second.acquire(timeout=0.02):
                    try:
                        source.write(source.read() - amount)
                        target.write(target.read() + amount)
                        moved = True
                    finally:
                        second.release()
            if not moved:
                given_up += 1
                pause(think)
    return given_up


def transfer_without_checking(source, target, first, second, amount, times, think):
    for _ in range(times):
        with first:
            pause(think)
            second.acquire(timeout=0.02)  # the answer is not looked at
            source.write(source.read() - amount)
            target.write(target.read() + amount)
            second.release()


def note_in_own_book(book, amount, times, think):
    for _ in range(times):
        pause(think)
        book.write(book.read() + amount)
