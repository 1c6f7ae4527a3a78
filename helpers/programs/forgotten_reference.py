"""A lock that nobody in the parent has a name for is gone before the child opens it."""

import multiprocessing
import subprocess
import sys


def use(lock):
    with lock:
        print("the child has used the lock")


def start_child():
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=use, args=(context.Lock(),))  # the lock has no name here
    child.start()
    child.join()
    print("exit code of the child:", child.exitcode)


if __name__ == "__main__":
    if "child" in sys.argv:
        start_child()
    else:  # once more, so that what the child says on its error stream is caught
        again = [sys.executable, __file__, "child"]
        done = subprocess.run(again, capture_output=True, text=True, timeout=30, check=False)
        print(done.stdout + (done.stderr.splitlines() or ["no error"])[-1])
