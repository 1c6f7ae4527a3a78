"""A program of its own: adds to the number in a database, by one UPDATE each time."""

import os
import sqlite3
import sys
import threading
import time


def end_with_input():
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    path, times = sys.argv[1], int(sys.argv[2])
    threading.Thread(target=end_with_input, daemon=True).start()
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    for _ in range(times):
        connection.execute("UPDATE course_number SET number = number + 1")
        time.sleep(0.002)
    connection.close()
