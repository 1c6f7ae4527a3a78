"""Every order of the steps of some workers, here or in a child process that can be ended."""

import os
import sys
import time
from contextlib import nullcontext

from helpers import lab
from helpers.lab import check
from helpers.schedules import worlds
from helpers.schedules.outcomes import Exploration
from helpers.schedules.search import Search, Told
from helpers.schedules.tree import Team
from helpers.schedules.walker import listening


def explore(
    worker=None,
    *args,
    processes=2,
    team=None,
    holds=None,
    fault=None,
    tries=3,
    limit=100_000,
    progress=None,
    stop=None,
    deadline=None,
    within=None,
):
    """All orders in which `processes` can run `worker(*args)` in the model: an Exploration.

    Worker, arguments, `team` and `fault` are those of `lab.run`, only that any function will do. An order
    is right if `holds(outcome)` is true; without it, if running one process after the other can end like
    this, and nobody died of anything but the fault. Orders with more than `tries` refused tries of one process are not followed; more than `limit`
    situations end it, and so does a threading.Event `stop`. `progress(situations)` is called now and
    then. A WorkerFile is explored in a child process, which may take `deadline` seconds (as in `lab.run`): one of its own,
    or that of `within`, a lab.ProcessSet of one, which serves several explorations.
    """
    check.processes(processes)
    check.whole("tries", tries, 0, 100)
    check.whole("limit", limit, 1, 10_000_000)
    members = check.members_of([(worker, args)] * processes if team is None else team, processes)
    fault = check.fault(fault, processes)
    began = time.perf_counter()
    if any(isinstance(member, check.WorkerFile) for member, _ in members):
        told = _explored_in_child(members, fault, tries, limit, stop, deadline, within)
    else:
        told = _explored(members, fault, tries, limit, progress, stop)
    return _exploration(members, told, holds, fault, tries, time.perf_counter() - began)


def _exploration(members, told, holds, fault, tries, elapsed):
    def judged(outcome):
        if holds:
            return outcome._replace(is_right=bool(holds(outcome)))
        if told.ended != "complete":  # how they end one after the other was not asked
            return outcome
        is_serial = _key(outcome) in told.right
        return outcome._replace(is_right=is_serial and (fault is not None or not outcome.errors))

    return Exploration(
        worker=check.worker_name(members),
        parameters=check.parameters(members),
        processes=tuple(check.LETTERS[: len(members)]),
        outcomes=tuple(judged(outcome) for outcome in told.outcomes),
        states=told.states,
        elapsed=elapsed,
        ended=told.ended,
        reason=told.reason,
        cut=told.cut,
        tries=tries,
        doubt=told.doubt,
        pauses=told.pauses or {},
        has_property=holds is not None,
    )


def _key(outcome):
    return outcome.verdict, tuple(outcome.values.items()), outcome.errors


def _explored_in_child(members, fault, tries, limit, stop, deadline, within):
    """The same in a process that can be ended, whatever the learner's file does."""
    with nullcontext(within) if within else lab.ProcessSet(1) as child:
        run = child.run(explore_here, members, fault, tries, limit, deadline=deadline, stop=stop)
    if "A" in run.returned and run.verdict != "stopped":
        return Told(*run.returned["A"])
    reasons = {
        "timed_out": f"no end after {run.limit:g} s: does the worker loop for ever, or wait for something that is no step",
        "stopped": "stopped",
    }
    why = [
        f"{crash.error}: {crash.message}" if crash.error else crash.sentence
        for crash in run.crashes
    ]
    ended = {"timed_out": "timed out", "stopped": "stopped"}.get(run.verdict, "failed")
    reason = reasons.get(run.verdict) or "; ".join(why) or "the worker ended its process"
    return Told([], set(), 0, ended, reason)


def explore_here(members, fault, tries, limit):
    """The worker of the child that explores: what `_explored` tells, as a plain tuple."""
    worlds.let_change()
    time.sleep = lambda seconds: None  # in other files than the learner's: see child.load
    # What the worker prints, it prints in every order: nobody could read that.
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return tuple(_explored(members, fault, tries, limit, None, None))


def _explored(members, fault, tries, limit, progress, stop):
    with listening():
        team = Team(members, fault, limit)
        try:
            explorer = Search(team, tries, limit, progress, stop)
            explorer.explore()
            return explorer.told()
        finally:
            team.close()
