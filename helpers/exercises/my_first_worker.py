"""my_first_worker.py: work(numbers) gives back (process id, sum)."""

import os

from helpers import lab
from helpers.course.attacks import parts
from helpers.course.attacks.parts import Failure, death


def start_by_every_method(path):
    """Two children by each start method: each must give back its own process id and the right sum."""
    for method in parts.ALL_METHODS:
        numbers = [3, 4, len(method)]
        run = lab.run(
            lab.WorkerFile(path, "work"),
            numbers,
            processes=2,
            start_method=method,
            deadline=parts.DEADLINE,
        )
        failure = _death_at_import(run) or death(run) or _wrong_answer(run, numbers)
        if failure:
            return Failure(failure.name, f"Under {method}: {failure.reason}", failure.run)
    return None


def _death_at_import(run):
    if any("daemonic processes" in crash.message for crash in run.crashes):
        return Failure(
            "starts_at_import",
            "the file itself starts a process when it is imported. A worker module only defines functions.",
            run,
        )
    return None


def _wrong_answer(run, numbers):
    given = list(run.returned.values())
    if len(given) < len(run.processes) or any(answer is None for answer in given):
        return Failure(
            "returns_nothing",
            "the function gave nothing back. Use return: print does not come home, nor does an exit.",
            run,
        )
    if not all(isinstance(answer, (tuple, list)) and len(answer) == 2 for answer in given):
        return Failure("no_pair", f"it gave back {given[0]!r}, not a pair (process id, sum).", run)
    if any(total != sum(numbers) for _, total in given):
        return Failure(
            "wrong_sum",
            f"the sum of {numbers} is {sum(numbers)}, it gave back {given[0][1]!r}.",
            run,
        )
    pids = [pid for pid, _ in given]
    if not all(isinstance(pid, int) for pid in pids) or len({os.getpid(), *pids}) <= len(pids):
        return Failure(
            "wrong_process",
            f"two children gave the process ids {pids}: ask os.getpid() inside the function.",
            run,
        )
    return None
