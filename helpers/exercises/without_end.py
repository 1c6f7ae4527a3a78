"""my_challenge_<seed>.py: the repaired worker of an exercise without end, whatever its seed."""

from helpers.events import listed
from helpers.exercises import findings
from helpers.exercises.answers import hangs, own_lock
from helpers.exercises.attacks import Question, in_every_order
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.findings import Failure
from helpers.topics.endless import ends_right
from helpers.workers import drafts


def exercise_of(task):
    """The Exercise to repair the worker of an Endless."""

    def team(answer):
        return [(answer.worker(worker.__name__), args) for worker, args in task.team()]

    def alone(answer):
        for one, twin in zip(team(answer), drafts.team(task.key, " repaired"), strict=True):
            run, wanted = (answer.run(team=[it], processes=1, schedule="") for it in (one, twin))
            yield from hangs(answer, run)
            yield from findings.death(run)
            yield from own_lock(answer, run)
            if _work(run) != _work(wanted):
                reason = f"{one[0].name}, run alone, does not do the work that it did: every pause, and every number that it writes, must stay."
                yield Failure("other_work", reason, run)
            if not task.found.failures and (more := _covered(run) - _covered(wanted)):
                reason = f"It is right, but a lock is held during what concerns nobody else: {listed(sorted(more))}. Let it cover no more than it must."
                yield Failure("too_wide", reason, run)

    def bad_end(_, run):
        yield from findings.waits_for_ever(run)
        yield from findings.death(run)
        if (said := findings.observed(run)) and str(said) not in task.ends:
            yield from findings.lost_update(run)
            say = listed(f"{name} says {value}" for name, value in said.items())
            yield Failure(
                "wrong_end", f"{say}: no run of one process after the other can end like this.", run
            )

    def judge(found):
        if {str(end.values) for end in found.outcomes} != set(task.ends):
            yield Failure("other_work", "In some orders it no longer does the work that it did.")

    def in_orders(answer):
        return in_every_order(
            answer, [Question(team(answer), ends_right(task.ends), bad_end, judge=judge)]
        )

    names = dict.fromkeys(worker.__name__ for worker, _ in task.team())
    asks = (
        Ask(
            "Each process does the same work as before, and no lock covers more than it must.",
            alone,
        ),
        Ask("Every order ends as one process after the other can end.", in_orders),
        Ask("So it does at full speed.", lambda answer: answer.run_teams([team(answer)], bad_end)),
    )
    return Exercise(asks, tuple(names))


def _work(run):
    """What is written to each file, in its order, and the pauses."""
    written = {name: [u.value for u in account.updates] for name, account in run.accounts.items()}
    return written, sorted(pause.seconds for pause in run.pauses)


def _covered(run):
    """What is done under a lock, in words."""
    files = {
        repr(event.shared)
        for event, held, _ in findings.states(run)
        if held and event.op in ("read", "write")
    }
    return files | {"a pause" for pause in run.pauses if pause.held}
