"""my_broken_counter.py: count(counter, times, think), SETTINGS and RIVALS."""

from helpers import experiments, lab
from helpers.course.attacks import parts
from helpers.course.attacks.parts import Failure, constant, death
from helpers.course.puzzle import rival_puzzle
from helpers.resources import CounterFile


def lose_all_but_one(path):
    """Five runs under each of two start methods: each must keep exactly one of at least 8 updates."""
    settings = constant(path, "SETTINGS")
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
    for method in parts.TWO_METHODS:
        with lab.ProcessSet(settings.processes, method) as processes:
            for _ in range(5):
                run = processes.run(lab.WorkerFile(path, "count"), *args, deadline=parts.DEADLINE)
                if failure := death(run) or _kept_too_much(run, settings.expected):
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
    rivals = constant(path, "RIVALS")
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
