"""What must be true of the three hints of a check, of any answer that was refused."""

import itertools
import random
import re
from collections import Counter, defaultdict

from cases import ALL

from helpers import lab
from helpers.exercises import attacks, checking
from helpers.schedules import Outcome, Walk

AT_FAULT = (
    "  # at fault"  # in a wrong answer that an order refuses, behind each line that is at fault
)
_DRAWN = 200 if ALL else 20  # orders, after those in which one process runs after the other
_LONGEST = 250  # steps of one
_CHANGES = {"write", "fill", "add", "swap", "empty"}


class Explored:
    """Notes what a check explores while the test runs, by the worker and the failing order."""

    def __init__(self, monkeypatch):
        explore, self._known = attacks.explore, {}

        def noted(**how):
            found = explore(**how)
            if found.failing:
                self._known[found.worker, found.failing.schedule] = how
            return found

        monkeypatch.setattr(attacks, "explore", noted)

    def forget(self):
        """Let go of what was explored: locks go with it."""
        self._known.clear()

    def ends(self, failure, steps):
        """Whether each of some orders ends right that begin as that of the failure, walked step by step in a child."""
        how, beginning = self._known[failure.run.worker, failure.schedule], failure.schedule[:steps]
        team = how["team"], how["fault"]
        with lab.ProcessSet(1) as child:
            run = child.run(ends_of_orders, *team, beginning, _DRAWN, deadline=100)
            assert "A" in run.returned, run
        outcomes = (
            Outcome(v, dict(values), errors, 1, 1, "", (), None)
            for v, values, errors in run.returned["A"]
        )
        return {bool(how["holds"](outcome)) for outcome in outcomes}


def ends_of_orders(members, fault, beginning, count):
    """How orders end that begin with `beginning`: a set of (verdict, values as pairs, errors), by one walk after the other.

    First the processes run on one after the other, in every sequence; then `count` orders are drawn, the same each time. What
    goes on for ever, as somebody who tries again and again does, has no end.
    """
    members, dice, ends = list(members), random.Random(1), set()
    team = {"team": members, "processes": len(members), "fault": fault, "schedule": beginning}
    for sequence in [*itertools.permutations("ABCDEF"[: len(members)]), *[None] * count]:
        walk = Walk(**team)
        for _ in range(_LONGEST):
            if able := walk.able:
                walk.move(min(able, key=sequence.index) if sequence else dice.choice(able))
        if walk.is_over:
            verdict = walk.stuck.verdict if walk.stuck else "ended"
            ends.add((verdict, tuple(walk.values.items()), tuple(sorted(walk.errors.values()))))
    return ends


def prove(found, path, explored):
    """Each hint of a Check of the answer in `path` is true, and none has a line of the solution."""
    solution = path.with_name("right_solution.py").read_text(encoding="utf-8").splitlines()
    own = path.read_text(encoding="latin-1")
    own += "".join(ask.words for ask in checking.exercise(path.parent.name).asks)
    for part in (part for part in found.parts if part.failure):
        assert len(part.hints) == 3
        for line in (line.strip() for line in solution if line.strip() not in own):
            assert len(line) < 8 or not any(line in hint for hint in part.hints), line
        if part.failure.why:
            _prove_order(part.failure, part.hints, own.splitlines(), explored)
        else:
            _prove_otherwise(part, path)
    explored.forget()


def _prove_otherwise(part, path):
    asked, place, seen = part.hints
    words = [ask.words for ask in checking.exercise(path.parent.name).asks]
    asked = asked.removeprefix("What is asked: ")
    if part.failure.name == "crashed" and part.failure.run:
        assert asked == checking.NO_ERROR
    else:
        assert asked in words or re.search("Python can (import|read) the file", asked)
    assert f"{path.parent.name}.py" in place
    assert seen == part.failure.reason


def _prove_order(failure, texts, lines, explored):
    why = failure.why
    # A walk knows no grant of a lease, and what depends on chance does other steps when it is walked again.
    if "unsteady" not in lines[0] and all(event.op != "grant" for event in failure.run.events):
        step = why.turn.step
        assert True in explored.ends(failure, step - 1)
        assert explored.ends(failure, step) == {False}
    assert str(why.turn) in texts[0]
    one, other = why.pair
    assert one.event in failure.run.events
    assert other.event in failure.run.events
    assert one.event.process != other.event.process
    assert one.event.identity == other.event.identity
    assert str(one) in texts[1]
    assert str(other) in texts[1]
    ops = {one.event.op, other.event.op}
    held = _held(failure.run)
    if not ops & {"acquire", "release"}:
        assert ops & _CHANGES
        both = held[one.event] & held[other.event]
        # A lock that both hold was given back in between, or was no longer the first one's, as a lease that has ended; or
        # the one who held it first goes on without it.
        bare = re.search("None is held at (.*?):", texts[2])
        assert not both or bare or re.search("given back in between|have it at once", texts[2])
        if bare:
            steps = sorted(failure.run.events, key=lambda event: event.start)
            assert not any(held[steps[int(n) - 1]] for n in re.findall(r"\d+", bare[1]))
    assert failure.reason in texts[2]
    for number in why.lines:
        assert re.search(r"\w", lines[number - 1].partition("#")[0])
        assert f"{number}" in texts[2]


def _held(run):
    """The locks that a process holds at each of its events, by counting."""
    counts, found = defaultdict(Counter), {}
    for event in sorted(run.events, key=lambda event: (event.process, event.index)):
        mine = counts[event.process]
        found[event] = set(+mine)
        if event.outcome == "done" and not event.arg.startswith("of "):
            mine[event.identity] += {"acquire": 1, "release": -1}.get(event.op, 0)
    return found


def lines_named(failure, third):
    """The numbers of all lines that the third hint names."""
    died = re.findall(r"error in line (\d+)", third)
    return {*(failure.why.lines if failure.why else ()), *map(int, died)}
