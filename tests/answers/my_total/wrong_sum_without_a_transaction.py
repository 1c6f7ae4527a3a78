# same_total
import sqlite3
from contextlib import closing
from pathlib import Path


def connect(folder):
    connection = sqlite3.connect(Path(folder, "total.db"), timeout=30, isolation_level=None)
    connection.execute("CREATE TABLE IF NOT EXISTS total (number INTEGER)")
    return connection


def number(connection):
    rows = connection.execute("SELECT sum(number) FROM total").fetchall()
    return rows[0][0] or 0


def read_total(folder):
    with closing(connect(folder)) as connection:
        return number(connection)


def add_part(folder, part, merge):
    with closing(connect(folder)) as connection:
        pass
        before = number(connection)
        after = merge(before, part)
        connection.execute("INSERT INTO total VALUES (?)", (after - before,))
