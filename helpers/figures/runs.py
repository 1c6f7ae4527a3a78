"""Which picture a run gets: that of its counter, that of its locks, or that of who waits for whom."""

from helpers import analysis

# Verdicts whose picture is the graph of who waits for whom.
STUCK = ("deadlock", "orphaned_lock")


def shows_counter(run):
    """Whether the picture of a run is the timeline of its counter: not where it is about locks."""
    accounts = list(run.accounts.values())
    if not accounts or isinstance(accounts[0], analysis.Records) or run.verdict in STUCK:
        return False
    if not has_locks(run) or run.verdict in ("lost_updates", "corrupted"):
        return True
    is_waiting = any(wait.end is None for wait in analysis.waits(run.events))
    return len(run.accounts) == 1 and not (run.verdict == "timed_out" and is_waiting)


def has_locks(run):
    """Whether its picture can be that of locks: it took some, or got stuck in transactions."""
    return bool(run.stuck) or any(event.op == "acquire" for event in run.events)
