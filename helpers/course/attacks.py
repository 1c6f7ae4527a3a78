"""The attacks on a learner's file: real runs, injected faults, a clock.

An attack takes the file's path and gives a Failure, or None where the file held out.
"""

import ast
import os
from dataclasses import dataclass
from pathlib import Path

from helpers import experiments, lab
from helpers.analysis import waits
from helpers.course.puzzle import rival_puzzle
from helpers.resources import CounterFile, Lock
from helpers.resources.faulty import FaultyCounterFile
from helpers.workers import scopes

_ALL_METHODS = lab.start_methods()
_TWO_METHODS = [method for method in ("forkserver", "spawn") if method in _ALL_METHODS]
_DEADLINE = 3.0


@dataclass(frozen=True)
class Failure:
    """Why a file did not pass: a short name, the reason in the lesson's words, the run that showed it."""

    name: str
    reason: str
    run: lab.Run | None = None


def _death(run):
    """The Failure for a run that crashed or did not end; None for any other."""
    if run.verdict == "timed_out":
        return Failure("never_ends", f"It did not end: {run.sentence}.", run)
    if run.verdict == "crashed":
        return Failure("crashed", f"A process died: {run.sentence}.", run)
    if run.verdict == "stopped":
        return Failure("stopped", "The check was stopped before it was through.", run)
    return None


# ---- my_first_worker: work(numbers) gives back (process id, sum)


def start_by_every_method(path):
    """Two children by each start method: each must give back its own process id and the right sum."""
    for method in _ALL_METHODS:
        numbers = [3, 4, len(method)]
        run = lab.run(
            lab.WorkerFile(path, "work"),
            numbers,
            processes=2,
            start_method=method,
            deadline=_DEADLINE,
        )
        failure = _death_of_first_worker(run) or _wrong_answer(run, numbers)
        if failure:
            return Failure(failure.name, f"Under {method}: {failure.reason}", failure.run)
    return None


def _death_of_first_worker(run):
    if any("daemonic processes" in crash.message for crash in run.crashes):
        return Failure(
            "starts_at_import",
            "the file itself starts a process when it is imported. A worker module only defines functions.",
            run,
        )
    return _death(run)


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


# ---- my_broken_counter: count(counter, times, think), SETTINGS and RIVALS


def lose_all_but_one(path):
    """Five runs under each of two start methods: each must keep exactly one of at least 8 updates."""
    settings = _constant(path, "SETTINGS")
    if not isinstance(settings, dict):
        return Failure(
            "bad_settings", 'SETTINGS must be plain, as in {"processes": 8, "times": 1}.'
        )
    try:
        settings = experiments.Settings(**settings)
    except (TypeError, ValueError) as error:
        return Failure(
            "bad_settings",
            f"SETTINGS must hold processes, times and pause_ms in their ranges: {error}.",
        )
    if settings.expected < 8:
        return Failure(
            "too_few_updates", f"{settings.expected} updates are too easy: ask for at least 8."
        )
    args = CounterFile(), settings.times, settings.pause_ms / 1000
    for method in _TWO_METHODS:
        with lab.ProcessSet(settings.processes, method) as processes:
            for _ in range(5):
                run = processes.run(lab.WorkerFile(path, "count"), *args, deadline=_DEADLINE)
                if failure := _death(run) or _kept_too_much(run, settings.expected):
                    return failure
    return None


def _kept_too_much(run, expected):
    account = run.account
    reads = sum(event.op == "read" for event in run.events)
    if account.total < expected or reads < account.total:
        return Failure(
            "no_real_update",
            f"{expected} updates were asked for; there were {reads} reads and {account.total} writes. Each update reads, adds 1 and writes.",
            run,
        )
    if len(account.kept) != 1:
        return Failure(
            "kept_too_many",
            f"{len(account.kept)} of {account.total} updates were kept; all but one must be lost.",
            run,
        )
    return None


def name_three_rivals(path):
    """RIVALS must name the right rival for at least three lost updates of rival_puzzle()."""
    rivals = _constant(path, "RIVALS")
    puzzle = rival_puzzle()
    if not isinstance(rivals, dict) or len(rivals) < 3:
        return Failure(
            "missing_rivals", "RIVALS must name the rival of three lost updates of rival_puzzle()."
        )
    for lost, rival in rivals.items():
        if lost not in puzzle.lost:
            return Failure(
                "not_lost",
                f"{lost} was not lost: the final number descends from it, or there is no such update.",
            )
        if puzzle.rivals.get(lost) != rival:
            return Failure(
                "wrong_rival",
                f"The rival of {lost} is not {rival}. Which kept update started from the same kept number?",
            )
    return None


def _name(target):
    return getattr(target, "id", None)


def _constant(path, name):
    """The plain value that the file assigns to `name` at its top level, read without running it."""
    for node in ast.parse(Path(path).read_text(encoding="utf-8")).body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in map(_name, targets):
            try:
                return ast.literal_eval(node.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                return None
    return None


# ---- my_repaired_seller: sell(seats, sold, lock, times, think, work)

_SELLERS, _TIMES, _THINK, _WORK = 3, 4, 0.001, 0.01


def sell_in_real_runs(path):
    """Three runs under each of two start methods, with few seats and with many: every seat counted once."""
    for method in _TWO_METHODS:
        for seats in (5, 20):
            args = CounterFile("seats", start=seats), CounterFile("sold"), Lock()
            with lab.ProcessSet(_SELLERS, method) as sellers:
                for _ in range(3):
                    run = _sell(sellers, path, args)
                    if failure := _bad_sale(run, seats):
                        return failure
    return None


def _sell(sellers, path, args):
    return sellers.run(
        lab.WorkerFile(path, "sell"), *args, _TIMES, _THINK, _WORK, deadline=_DEADLINE / 2
    )


def _bad_sale(run, seats):
    if run.verdict == "timed_out" and any(wait.end is None for wait in waits(run.events)):
        return Failure(
            "lock_kept",
            f"A process went away with the lock, and the others wait for ever: {run.sentence}. Look at every way out.",
            run,
        )
    if run.verdict == "crashed" and "released too many times" in run.sentence:
        return Failure(
            "released_twice", f"A lock was released that was not held: {run.sentence}.", run
        )
    if failure := _death(run):
        return failure
    for account in run.accounts.values():
        if account.lost:
            return Failure(
                "lost_updates",
                f"{len(account.lost)} updates of {account.name!r} were lost: {run.sentence}.",
                run,
            )
    left, sold = run.accounts["seats"].observed, run.accounts["sold"].observed
    right = min(seats, _SELLERS * _TIMES)
    if (left, sold) != (seats - right, right):
        return Failure(
            "wrong_count",
            f"Of {seats} seats {right} should be sold; {sold} were counted as sold, {left} as left.",
            run,
        )
    return None


def sell_with_a_fault(path):
    """A's second write of `sold` fails with an exception: the others must still get the lock."""
    args = CounterFile("seats", start=20), FaultyCounterFile("sold", process="A"), Lock()
    with lab.ProcessSet(_SELLERS, _TWO_METHODS[0]) as sellers:
        run = _sell(sellers, path, args)
    if run.verdict == "timed_out":
        return Failure(
            "exception_keeps_lock",
            f"An exception inside the critical section left the lock held: {run.sentence}.",
            run,
        )
    if not run.crashes:
        return Failure(
            "hides_the_fault",
            "The injected exception vanished: the function must let it through.",
            run,
        )
    return None


def sell_in_time(path):
    """The slow work must stay outside the lock: faster than the middle of outside and inside, measured now."""
    outside, inside = (
        _fastest(worker, CounterFile(), Lock(), _TIMES, 2 * _THINK, _WORK)
        for worker in (scopes.lock_read_to_write, scopes.lock_slow_work_too)
    )
    args = CounterFile("seats", start=20), CounterFile("sold"), Lock()
    took = _fastest(lab.WorkerFile(path, "sell"), *args, _TIMES, _THINK, _WORK)
    if took > (outside + inside) / 2:
        return Failure(
            "too_slow",
            f"It is right but slow: {took * 1000:.0f} ms, where {outside * 1000:.0f} ms will do and locking the slow work takes {inside * 1000:.0f} ms. Print the ticket outside the lock.",
        )
    return None


def _fastest(worker, *args):
    """The shortest of three runs, in seconds: what the worker needs when the machine does not disturb it."""
    with lab.ProcessSet(_SELLERS, _TWO_METHODS[0]) as processes:
        return min(processes.run(worker, *args, deadline=_DEADLINE).elapsed for _ in range(3))
