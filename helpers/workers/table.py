"""Workers that change a number in a database: with and without what it offers against a lost update, and beside a stranger."""

import sqlite3
import sys

from helpers.events import pause


def select_then_update(table, times, think):
    """Count, each statement for itself: what others do in between gets lost."""
    for _ in range(times):
        number = table.select()
        pause(think)
        table.update(number + 1)


def select_then_update_with_lock(table, lock, times, think):
    """Count under a lock that all these processes share."""
    for _ in range(times):
        with lock:
            number = table.select()
            pause(think)
            table.update(number + 1)


def count_in_deferred_transactions(table, times, think):
    """Count in transactions that take their locks as they go: the database refuses what would get lost."""
    for _ in range(times):
        try:
            with table.transaction("DEFERRED"):
                number = table.select()
                pause(think)
                table.update(number + 1)
        except sqlite3.OperationalError:  # database is locked
            continue


def count_in_immediate_transactions(table, times, think):
    """Count in transactions that take the lock for writing at their beginning."""
    for _ in range(times):
        with table.transaction("IMMEDIATE"):
            number = table.select()
            pause(think)
            table.update(number + 1)


def count_in_one_statement(table, times, think):
    """Count with UPDATE ... SET number = number + 1: the database reads and writes in one step."""
    for _ in range(times):
        pause(think)
        table.add(1)


def compare_and_set(table, times, think):
    """Count where the number is still the one that was read; else try again."""
    for _ in range(times):
        done = False
        while not done:
            number = table.select()
            pause(think)
            done = table.update_where(number, number + 1)


# ---- beside a stranger


def add_by_program(table, script, times):
    """Let another program add to the number: a fresh interpreter that knows the path of the database, and no lock."""
    import subprocess

    # It ends when its input does: with this process, at the latest.
    with subprocess.Popen(
        [sys.executable, script, table.path, str(times)], stdin=subprocess.PIPE
    ) as program:
        if program.wait():
            raise RuntimeError(f"the program ended with exit code {program.returncode}")


def once_it_grows(table, worker, *args):
    """Run `worker(table, *args)` as soon as somebody else has added to the number."""
    while table.select() == 0:
        pause(0.001)
    worker(table, *args)


# ---- seats: each customer gets one as long as one is free


def sell_after_a_look(seats, customers, think):
    """Check, then act: what was true when it was checked need not be true any more. How many it sold."""
    sold = 0
    for _ in range(customers):
        free = seats.select()
        pause(think)
        if free > 0:
            seats.update(free - 1)
            sold += 1
    return sold


def sell_in_a_transaction(seats, customers, think):
    """Check and act in one transaction that takes the lock for writing at its beginning. How many it sold."""
    sold = 0
    for _ in range(customers):
        with seats.transaction("IMMEDIATE"):
            sold += sell_after_a_look(seats, 1, think)
    return sold


def sell_in_one_statement(seats, customers, think):
    """Check and act in one UPDATE, which says whether it found a free seat. How many it sold."""
    sold = 0
    for _ in range(customers):
        pause(think)
        sold += seats.add(-1, at_least=0)
    return sold
