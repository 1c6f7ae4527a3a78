"""The ordinary notebook's helper module: it imports pyplot, and so does every spawned child."""

import multiprocessing
import os
import tempfile
import time

import matplotlib.pyplot as plt


def increment(path, barrier, times, pause_ms, records):
    barrier.wait()
    for _ in range(times):
        began = time.perf_counter()
        with open(path) as file:
            value = int(file.read() or 0)
        time.sleep(pause_ms / 1000)
        fresh = f"{path}.{os.getpid()}"
        with open(fresh, "w") as file:
            file.write(str(value + 1))
        os.replace(fresh, path)
        records.put((os.getpid(), began, time.perf_counter(), value))


def race(processes=4, times=10, pause_ms=1):
    """Run the race by spawn and show its bars: what a slider of the ordinary notebook calls."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counter.txt")
        with open(path, "w") as file:
            file.write("0")
        barrier, records = context.Barrier(processes), context.Queue()
        arguments = (path, barrier, times, pause_ms, records)
        children = [context.Process(target=increment, args=arguments) for _ in range(processes)]
        for child in children:
            child.start()
        reported = [records.get() for _ in range(processes * times)]
        for child in children:
            child.join()
        with open(path) as file:
            print(f"expected {processes * times}, the file says {file.read()}")
    _draw(reported)


def _draw(reported):
    first = min(began for _, began, _, _ in reported)
    rows = {pid: row for row, pid in enumerate(dict.fromkeys(pid for pid, *_ in reported))}
    plt.figure(figsize=(9.6, 4.3), dpi=200)
    for pid, began, ended, value in reported:
        plt.barh(rows[pid], ended - began, left=began - first, edgecolor="black", hatch="xx")
        plt.text((began + ended) / 2 - first, rows[pid], f"{value}→{value + 1}", ha="center")
    plt.show()
