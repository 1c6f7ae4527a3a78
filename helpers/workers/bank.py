"""Move money between accounts, `times` over, and look whether the books are right. The siblings differ in how they take the locks."""

from contextlib import ExitStack

from helpers.events import pause

PRICE = 5  # of a ticket


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


def deposit(accounts, locks, first, times, think):
    """Each account has a lock; where there are fewer locks than accounts, several accounts share one."""
    for number in range(first, first + times):
        place = number % len(accounts)
        with locks[place % len(locks)]:
            balance = accounts[place].read()
            pause(think)
            accounts[place].write(balance + 1)


def audit_one_by_one(accounts, locks):
    total = 0
    for account, lock in zip(accounts, locks, strict=True):
        with lock:
            total += account.read()
    return total


def audit_under_all_locks(accounts, locks):
    with ExitStack() as held:
        for lock in locks:
            held.enter_context(lock)
        return sum(account.read() for account in accounts)


def audit_tickets(tickets, cash, lock):
    """Raises ValueError where the money is not that of the tickets."""
    with lock:
        count, money = tickets.read(), cash.read()
    if money != PRICE * count:
        raise ValueError(f"{count} tickets at {PRICE}, and {money} in the cash box")
