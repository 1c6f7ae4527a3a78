# right end: 3 seats sold, 0 left, 5 asked

import sqlite3
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing


def sell(customer: int) -> bool:
    with closing(sqlite3.connect("seats.db", isolation_level=None)) as db:
        db.execute("UPDATE visits SET count = count + 1")
        sold = db.execute("UPDATE seats SET free = free - 1 WHERE free > 0")
        return sold.rowcount == 1


def main() -> None:
    with closing(sqlite3.connect("seats.db", isolation_level=None)) as db:
        db.execute("CREATE TABLE seats (free INTEGER)")
        db.execute("CREATE TABLE visits (count INTEGER)")
        db.execute("INSERT INTO seats VALUES (3)")
        db.execute("INSERT INTO visits VALUES (0)")
        with ProcessPoolExecutor(2) as executor:
            futures = [executor.submit(sell, n) for n in range(5)]
            sold = sum(f.result() for f in as_completed(futures))
        (free,) = db.execute("SELECT free FROM seats").fetchone()
        (asked,) = db.execute("SELECT count FROM visits").fetchone()
    print(f"{sold} seats sold, {free} left, {asked} asked")


if __name__ == "__main__":
    main()
