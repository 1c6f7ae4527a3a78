"""my_challenge_<seed>.py: the repaired worker of an exercise without end, whatever its seed."""

from helpers.events import listed
from helpers.exercises import findings
from helpers.exercises.answers import hangs, own_lock
from helpers.exercises.attacks import Workload
from helpers.exercises.findings import Ask, Exercise, Failure
from helpers.topics.endless import ends_right
from helpers.workers import drafts


class _Repair(Workload):
    """The attacks on a repaired worker of the Endless `task`."""

    def __init__(self, task):
        self.task = task

    def team(self, answer, calls=1):
        return [(answer.worker(worker.__name__), args) for worker, args in self.task.team()]

    def alone(self, answer):
        """Each process alone, beside the same one of the twin."""
        for pair in zip(self.team(answer), drafts.team(self.task.key, " repaired"), strict=True):
            run, wanted = (answer.run(team=[one], schedule="") for one in pair)
            found = hangs(answer, run), findings.death(run), own_lock(answer, run)
            yield from findings.about(*found, run=run)
            if _work(run) != _work(wanted):
                reason = f"{pair[0][0].name}, run alone, does not do the work that it did: every pause, and every number that it writes, must stay."
                yield Failure("other_work", reason, run)
            more = _covered(run) - _covered(wanted)
            if more and not self.task.found.failures:
                reason = f"It is right, but a lock is held during what concerns nobody else: {listed(sorted(more))}. Let it cover no more than it must."
                yield Failure("too_wide", reason, run)

    def bad_end(self, answer, team, run):
        yield from findings.waits_for_ever(run)
        yield from findings.death(run)
        said = findings.observed(run)
        if str(said) not in self.task.ends:
            yield from findings.lost_update(run)
            say = listed(f"{name} says {value}" for name, value in said.items())
            yield f"wrong_end: {say}: no run of one process after the other can end like this."

    def all_ends(self, found):
        if {str(end.values) for end in found.outcomes} != set(self.task.ends):
            yield "other_work: In some orders it no longer does the work that it did."

    def holds(self, answer, team):
        return ends_right(self.task.ends)


def exercise_of(task):
    """The Exercise to repair the worker of an Endless."""
    repair, names = _Repair(task), dict.fromkeys(worker.__name__ for worker, _ in task.team())
    return Exercise(functions=tuple(names), asks=(
        Ask("Each process does its work as before, and no lock covers too much.", repair.alone),
        Ask("Every order ends as one process after the other can end.", repair.in_every_order((), judge=repair.all_ends)),
        Ask("So it does at full speed.", repair.in_real_runs(())),
    ))  # fmt: skip


def _work(run):
    """What is written to each file, in its order, and the pauses."""
    written = {name: [u.value for u in account.updates] for name, account in run.accounts.items()}
    return written, sorted(pause.seconds for pause in run.pauses)


def _covered(run):
    """What is done under a lock, in words."""
    steps = [event for event, held, _ in findings.states(run) if held]
    files = {repr(event.shared) for event in steps if event.op in ("read", "write")}
    return files | {"a pause" for pause in run.pauses if pause.held}
