# fault: lost update of table stock in shop.db, lines 13 and 14
# right end: 8
# wrong end: 9
import sqlite3
import time
from multiprocessing import Process


def sell(number):
    time.sleep(0.3 * number)
    with sqlite3.connect("shop.db", isolation_level=None, timeout=1) as db:
        db.execute("BEGIN")
        (left,) = db.execute("SELECT left FROM stock").fetchone()
        db.execute("UPDATE stock SET left = ?", (left - 1,))


if __name__ == "__main__":
    db = sqlite3.connect("shop.db")
    db.executescript("CREATE TABLE stock (left INTEGER); INSERT INTO stock VALUES (10)")
    db.close()
    sellers = [Process(target=sell, args=(number,)) for number in range(2)]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join()
    db = sqlite3.connect("shop.db")
    print(*db.execute("SELECT left FROM stock").fetchone())
