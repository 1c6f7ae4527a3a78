import sqlite3


class Total:
    def __init__(self, folder):
        self.connection = sqlite3.connect(f"{folder}/sum.sqlite", timeout=60, isolation_level="EXCLUSIVE")
        with self.connection:
            self.connection.execute("CREATE TABLE IF NOT EXISTS total (id INTEGER PRIMARY KEY, number INTEGER)")
            self.connection.execute("INSERT OR IGNORE INTO total VALUES (1, 0)")

    def number(self):
        return self.connection.execute("SELECT number FROM total").fetchone()[0]

    def close(self):
        self.connection.close()


def read_total(folder):
    total = Total(folder)
    try:
        return total.number()
    finally:
        total.close()


def add_part(folder, part, merge):
    total = Total(folder)
    try:
        with total.connection as connection:
            connection.execute("UPDATE total SET number = number")
            connection.execute("UPDATE total SET number = ?", (merge(total.number(), part),))
    finally:
        total.close()
