import sqlite3
from multiprocessing import Lock, Process


def brew(lock, cups):
    kitchen = sqlite3.connect("kitchen.db", isolation_level=None)
    for _ in range(cups):
        with lock:
            (beans,) = kitchen.execute("SELECT grams FROM beans").fetchone()
            kitchen.execute("UPDATE beans SET grams = ?", (beans - 10,))


if __name__ == "__main__":
    kitchen = sqlite3.connect("kitchen.db", isolation_level=None)
    kitchen.executescript("DROP TABLE IF EXISTS beans; CREATE TABLE beans AS SELECT 500 AS grams")
    lock = Lock()
    machines = [Process(target=brew, args=(lock, 3)) for _ in range(2)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    print(*kitchen.execute("SELECT grams FROM beans").fetchone())
