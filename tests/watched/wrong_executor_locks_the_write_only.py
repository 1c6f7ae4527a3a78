# fault: lost update of total.txt, lines 16 and 18
# right end: The total is 30.
# wrong end: The total is 10. or The total is 20.

"""Adds numbers to a total, in a process pool."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Manager
from pathlib import Path

TOTAL = Path("total.txt")


def add(lock, amount: int) -> None:
    total = int(TOTAL.read_text())
    with lock:  # only one may write
        TOTAL.write_text(f"{total + amount}")


def main() -> None:
    TOTAL.write_text("0")
    with Manager() as manager, ProcessPoolExecutor(max_workers=2) as pool:
        lock = manager.Lock()
        futures = []
        for amount in (10, 20):
            futures.append(pool.submit(add, lock, amount))
            time.sleep(0.3)
        for future in futures:
            future.result()
    print(f"The total is {TOTAL.read_text()}.")


if __name__ == "__main__":
    main()
