"""Deposits to many accounts and audits of all of them, under few locks and under many."""

from contextlib import ExitStack

from helpers.events import pause


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
