"""Two processes print 400 long lines each under one lock; flushed inside it if the script is given the word "flush"."""

import multiprocessing
import sys
import time


def print_lines(name, lock, start, flush):
    start.wait()
    for number in range(400):
        with lock:
            print(name, "prints line", number, "-" * 100, "end", flush=flush)
        time.sleep(0.0001)  # now the other one


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    lock, start = context.Lock(), context.Barrier(2)
    flush = sys.argv[1:] == ["flush"]
    children = [
        context.Process(target=print_lines, args=(name, lock, start, flush)) for name in "AB"
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
