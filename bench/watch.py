"""How soon the lab sees a deadlock: from the moment its circle closes to the verdict."""

from statistics import median

from helpers import analysis, topics

_RUNS = 200


def delays(count, **settings):
    """Milliseconds from the last acquire of the circle to the verdict, for each of `count` bank runs.

    Raises AssertionError where a run ends in no deadlock.
    """
    found = []
    for run in topics.repeat_transfers(count, **settings).runs:
        assert run.verdict == "deadlock", run
        closed = max(wait.start for wait in analysis.waits(run.events) if wait.end is None)
        found.append(run.elapsed * 1000 - (closed - run.started) / 1e6)
    return found


def measure_watch(report):
    """Two processes that get stuck in their first round, and seven."""
    for processes in (2, 7):
        found = delays(_RUNS, processes=processes)
        what = f"deadlock of {processes}: circle closed to verdict, {_RUNS} runs"
        report.line(f"{what}, median", median(found), 10, "ms")
        report.line(f"{what}, longest", max(found), 50, "ms")
