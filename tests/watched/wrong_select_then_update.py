# fault: lost update of table tickets in shop.db, lines 12 and 14
# right end: 3 tickets left
# wrong end: 4 tickets left

import sqlite3
import time
from multiprocessing import Process


def buy(db):
    con = sqlite3.connect(db)
    left, = con.execute("SELECT left FROM tickets WHERE show = 'Hamlet'").fetchone()
    if left > 0:
        con.execute("UPDATE tickets SET left = ? WHERE show = 'Hamlet'", (left - 1,))
        con.commit()
    con.close()


if __name__ == "__main__":
    con = sqlite3.connect("shop.db")
    con.execute("CREATE TABLE tickets (show TEXT, left INTEGER)")
    con.execute("INSERT INTO tickets VALUES ('Hamlet', 5)")
    con.commit()

    buyers = [Process(target=buy, args=("shop.db",)) for _ in range(2)]
    for buyer in buyers:
        buyer.start()
        time.sleep(0.2)
    for buyer in buyers:
        buyer.join()

    print(con.execute("SELECT left FROM tickets").fetchone()[0], "tickets left")
    con.close()
