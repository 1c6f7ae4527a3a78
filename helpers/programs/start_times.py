"""How long until a child's first line? Prints milliseconds for each start method, as JSON."""

import json
import multiprocessing
import sys
import time


def say_when(pipe):
    pipe.send(time.perf_counter())


def start_one(context):
    here, there = context.Pipe()
    began = time.perf_counter()
    child = context.Process(target=say_when, args=(there,))
    child.start()
    first_line = here.recv()
    child.join()
    return (first_line - began) * 1000


if __name__ == "__main__":
    times = {}
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        times[method] = [start_one(context) for _ in range(int(sys.argv[1]))]
    print(json.dumps(times))
