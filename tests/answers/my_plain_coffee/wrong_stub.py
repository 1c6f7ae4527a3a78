# collides
import sqlite3
from multiprocessing import Process


def brew(cups):
    kitchen = sqlite3.connect("kitchen.db", isolation_level=None)
    for _ in range(cups):
        (beans,) = kitchen.execute("SELECT grams FROM beans").fetchone()
        kitchen.execute("UPDATE beans SET grams = ?", (beans - 10,))


if __name__ == "__main__":
    kitchen = sqlite3.connect("kitchen.db", isolation_level=None)
    kitchen.executescript("DROP TABLE IF EXISTS beans; CREATE TABLE beans AS SELECT 500 AS grams")
    machines = [Process(target=brew, args=(3,)) for _ in range(2)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    print(*kitchen.execute("SELECT grams FROM beans").fetchone())
