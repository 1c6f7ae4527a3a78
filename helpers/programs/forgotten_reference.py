"""A lock that nobody in the parent has a name for is gone before the child opens it."""

import multiprocessing


def use(lock):
    with lock:
        print("the child has used the lock")


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=use, args=(context.Lock(),))  # the lock has no name here
    child.start()
    child.join()
    print("exit code of the child:", child.exitcode)
