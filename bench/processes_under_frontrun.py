"""The race on a file, and on a row of SQLite, explored by frontrun between processes, told as JSON.

`python processes_under_frontrun.py FOLDER`, in the environment of frontrun, with this file's folder on PYTHONPATH.
"""

import json
import sqlite3
import sys
import time
from pathlib import Path

from frontrun import Subprocess, explore_processes


def add_to_file(path):
    number = int(Path(path).read_text())
    Path(path).write_text(str(number + 1))


def add_to_row(path):
    table = sqlite3.connect(path, isolation_level=None)
    (number,) = table.execute("SELECT number FROM counter").fetchone()
    table.execute("UPDATE counter SET number = ?", (number + 1,))
    table.close()


def new_file(path):
    Path(path).write_text("0")


def new_row(path):
    Path(path).unlink(missing_ok=True)
    table = sqlite3.connect(path, isolation_level=None)
    table.execute("CREATE TABLE counter (number)")
    table.execute("INSERT INTO counter VALUES (0)")
    table.close()


def number_in_file(path):
    return int(Path(path).read_text())


def number_in_row(path):
    table = sqlite3.connect(path)
    ((number,),) = table.execute("SELECT number FROM counter").fetchall()
    table.close()
    return number


def explored(worker, path, new, number_in):
    """How many orders it tried, how many of them left another number than 2, and the seconds."""
    began = time.perf_counter()
    found = explore_processes(
        Subprocess(f"{Path(__file__).stem}:{worker}", (path,)),
        count=2,
        setup=lambda: new(path),
        invariant=lambda _: number_in(path) == 2,
        strategy="dpor",
        stop_on_first=False,
        preemption_bound=None,
    )
    return {
        "explored": found.iterations,
        "failing": len(found.failures),
        "why": str(found.failure)[:300],
        "seconds": time.perf_counter() - began,
    }


if __name__ == "__main__":
    in_folder = Path(sys.argv[1])
    told = {
        "text file": explored("add_to_file", str(in_folder / "n.txt"), new_file, number_in_file),
        "SQLite": explored("add_to_row", str(in_folder / "n.db"), new_row, number_in_row),
    }
    print(json.dumps(told))
