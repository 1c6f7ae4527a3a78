"""What is measured inside a kernel: run there by `bench`, one JSON line out."""

import json
import multiprocessing
import os
import sys
import tempfile
import time
from statistics import median


def bare_increments(barrier, path, times, pause, pipe):
    """The counter's loop with nothing round it."""
    barrier.wait()
    began = time.perf_counter()
    for _ in range(times):
        with open(path, "rb", buffering=0) as file:
            value = int(file.read())
        time.sleep(pause)
        fresh = f"{path}.{os.getpid()}"
        with open(fresh, "wb", buffering=0) as file:
            file.write(b"%d" % (value + 1))
        os.replace(fresh, path)
    pipe.send((began, time.perf_counter()))


def bare_experiment(method):
    """Milliseconds from the barrier to the last step of 4 x 10 increments with 1 ms, no lab."""
    context = multiprocessing.get_context(method)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counter.txt")
        with open(path, "w") as file:
            file.write("0")
        barrier, (here, there) = context.Barrier(4), context.Pipe()
        arguments = (barrier, path, 10, 0.001, there)
        children = [context.Process(target=bare_increments, args=arguments) for _ in range(4)]
        for child in children:
            child.start()
        spans = [here.recv() for _ in children]
        for child in children:
            child.join()
    return (max(end for _, end in spans) - min(began for began, _ in spans)) * 1000


def lab_run(method):
    """Milliseconds of `lab.run` of the same, from the call to the Run."""
    from helpers import lab
    from helpers.resources import CounterFile
    from helpers.workers.counter import increment_without_lock

    began = time.perf_counter()
    lab.run(increment_without_lock, CounterFile(), 10, 0.001, start_method=method)
    return (time.perf_counter() - began) * 1000


def lock_pair():
    """Microseconds that an observed acquire and release take over a plain one, and the plain one's."""
    from helpers import events
    from helpers.resources import Lock

    with tempfile.TemporaryDirectory() as folder:
        tape = events.Tape(os.path.join(folder, "A.tape"), slots=2048)
        events.observer = events.Free("A", tape)
        try:
            observed, plain = Lock(), multiprocessing.get_context("spawn").Lock()
            pairs = [(_pair(observed, tape), _pair(plain, tape)) for _ in range(51)]
        finally:
            events.observer = events.Unobserved()
            tape.close()
    return median(seen - bare for seen, bare in pairs), median(bare for _, bare in pairs)


def _pair(lock, tape, count=1000):
    tape.reset()
    began = time.perf_counter_ns()
    for _ in range(count):
        with lock:
            pass
    return (time.perf_counter_ns() - began) / count / 1000


def resident_megabytes():
    """Memory of this process that is in use now, in MB; None where the system does not tell it so."""
    try:
        with open("/proc/self/smaps_rollup") as file:
            reported = dict(line.split(":") for line in file.read().splitlines()[1:])
    except OSError:
        return None
    return int(reported["Rss"].split()[0]) / 1024


def measure():
    """Everything that a kernel can tell, as one JSON line."""
    from helpers import lab

    found = {}
    for method in multiprocessing.get_all_start_methods():
        over = []
        for _ in range(9):
            bare = bare_experiment(method)
            over.append(lab_run(method) - bare)
        found[f"run over bare, {method}"] = median(over)
    found["lock"], found["plain lock"] = lock_pair()
    found["children"] = len(multiprocessing.active_children())
    found["late"] = lab.machine.warmed_too_late()
    print(json.dumps(found), flush=True)
    return sys.version
