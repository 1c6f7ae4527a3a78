# wrong_end
"""The ticket office: two desks sell the eight seats of a show, and take tickets back.

tickets.txt says how many tickets are left, seats.db who has which seat, and office.log has a
numbered receipt for each sale and each return. Customers named on the command line cannot pay.
"""

import multiprocessing
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

SEATS = 8
# Seconds: until the next customer is at the desk, to look at a ticket, to print one.
WALK, LOOK, PRINT = 0.01, 0.05, 0.03
DESKS = ["Ada buys", "Ben buys", "Cleo buys"], ["Gus returns", "Dan buys", "Eve buys"]
TICKETS, LOG = Path("tickets.txt"), Path("office.log")


class NoMoney(Exception):
    pass


def open_seats():
    return closing(sqlite3.connect("seats.db"))


def charge(name):
    if name in sys.argv:
        raise NoMoney(name)


def sell(name, office_lock):
    charge(name)
    with office_lock:
        left = int(TICKETS.read_text())
        TICKETS.write_text(str(left - 1))
        with open_seats() as seats, seats:
            (free,) = seats.execute("SELECT min(number) FROM seats WHERE holder = ''").fetchone()
            seats.execute("UPDATE seats SET holder = ? WHERE number = ?", (name, free))
    time.sleep(PRINT)


def take_back(name, office_lock):
    time.sleep(LOOK)
    with office_lock:
        with open_seats() as seats, seats:
            seats.execute("UPDATE seats SET holder = '' WHERE holder = ?", (name,))
        left = int(TICKETS.read_text())
        TICKETS.write_text(str(left + 1))


def write_receipt(text, log_lock):
    with log_lock:
        number = len(LOG.read_text().splitlines()) + 1
        with LOG.open("a") as log:
            log.write(f"{number} {text}\n")


def serve(customers, office_lock, log_lock):
    for customer in customers:
        time.sleep(WALK)
        name, wish = customer.split()
        try:
            if wish == "buys":
                sell(name, office_lock)
            else:
                take_back(name, office_lock)
            write_receipt(customer, log_lock)
        except NoMoney:
            print(name, "cannot pay")
            return


def open_office():
    TICKETS.write_text(str(SEATS - 1))
    LOG.write_text("1 Gus buys\n")
    with open_seats() as seats, seats:
        seats.execute("DROP TABLE IF EXISTS seats")
        seats.execute("CREATE TABLE seats (number INTEGER, holder TEXT)")
        rows = [(number, "Gus" if number == 1 else "") for number in range(1, SEATS + 1)]
        seats.executemany("INSERT INTO seats VALUES (?, ?)", rows)


def close_office():
    left = int(TICKETS.read_text())
    with open_seats() as seats:
        (taken,) = seats.execute("SELECT count(*) FROM seats WHERE holder != ''").fetchone()
    numbers = [int(line.split()[0]) for line in LOG.read_text().splitlines()]
    print(f"{left} left, {taken} taken, receipts {numbers}")
    if left + taken != SEATS or numbers != list(range(1, len(numbers) + 1)):
        sys.exit("the books do not balance")


if __name__ == "__main__":
    open_office()
    office_lock, log_lock = multiprocessing.Lock(), multiprocessing.Lock()
    locks = office_lock, log_lock
    desks = [multiprocessing.Process(target=serve, args=(who, *locks)) for who in DESKS]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    close_office()
