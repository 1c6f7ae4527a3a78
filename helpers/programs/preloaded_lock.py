"""Is the lock of a module one lock for all children? With `preload` the fork server imports the module first."""

import multiprocessing
import os
import sys

import module_with_lock


def main(is_preloaded):
    context = multiprocessing.get_context("forkserver")
    os.environ["PYTHONPATH"] = os.path.dirname(__file__)  # where the server looks for modules
    if is_preloaded:
        context.set_forkserver_preload(["module_with_lock"])
    told, may_end = context.SimpleQueue(), context.Event()
    first = context.Process(target=module_with_lock.hold, args=(told, may_end))
    second = context.Process(target=module_with_lock.ask, args=(told,))
    first.start()
    print(told.get())
    second.start()
    print(told.get())
    may_end.set()
    first.join()
    second.join()


if __name__ == "__main__":
    has_server = "forkserver" in multiprocessing.get_all_start_methods()
    main("preload" in sys.argv) if has_server else print("this system has no fork server")
