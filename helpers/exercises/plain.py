"""Exercises on plain programs: the learner's file is run under watch, under orders that are forced on it, and judged by its end."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from helpers import analysis, lab
from helpers.events import counted, listed
from helpers.exercises.findings import Ask, Exercise, Failure, Stopped
from helpers.scripts import races, watch


class Program(NamedTuple):
    """What a plain program must come to, whichever process comes first.

    `files` has the text of each file in the end, by its name; `prints` is the last line of the output, None for any.
    `workers` is how many processes it starts at least, and `works` has for each shared thing how often they change it at least.
    `right(folder)` gives in words what else is wrong in the end, or "". `pauses` is how many pieces of slow work there are,
    each a sleep of `slow` seconds. `may_fail`: one of its processes may end with an exception.
    """

    files: dict[str, str] = {}  # noqa: RUF012 - never changed
    prints: str | None = None
    workers: int = 2
    works: dict[str, int] = {}  # noqa: RUF012
    right: Callable = lambda _: ""
    slow: float = 0.0
    pauses: int = 0
    may_fail: bool = False

    def watched(self, answer, method, order="", *args):
        """One run of the answer with these arguments in a folder of its own: (the Watched, what is wrong at its end or "")."""
        with _own_folder(answer.path) as script:
            seen = watch(script, *args, start_method=method, order=order)
            if seen.ended == "stopped":
                raise Stopped
            answer.tried.runs[method] += 1
            return seen, self._wrong_end(seen, Path.cwd())

    def _wrong_end(self, seen, folder):
        for name, text in self.files.items():
            path = Path(folder, name)
            is_there = path.is_file()
            said = path.read_text(errors="replace").strip() if is_there else "is not there"
            if said != text:
                says = f"says {said or 'nothing'}" if is_there else said
                return f"{name} should say {text} in the end, and {says}"
        last = (seen.output.strip().splitlines() or [""])[-1]
        if self.prints is not None and last != self.prints:
            return f"its last line should be {self.prints!r}, and is {last!r}"
        return self.right(folder)


@contextmanager
def _own_folder(path):
    """The answer's copy in a fresh folder, which is the working folder meanwhile."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shutil.copy(path, folder)
        os.chdir(folder)
        try:
            yield os.path.basename(path)
        finally:
            os.chdir(before)


# ---- attacks


def _under_each_method(program, judge):
    """The attack that has each start method's run of the program judged: by `judge(program, seen, wrong, when)`."""

    def attack(answer):
        for method in lab.start_methods():
            seen, wrong = answer.once(program.watched, answer, method)
            yield from judge(program, seen, wrong, f"under {method}")

    return attack


def _ends_right(program, seen, wrong, when):
    yield from bad_end(program, seen, wrong, when)
    yield from _no_work(program, seen)


def bad_end(program, seen, wrong, when):
    """The Failure for a run that ended badly: `wrong` says in words what its files say, `when` in which run that was."""
    if seen.stuck:
        yield Failure("deadlock", f"It never ends {when}. {seen.sentence}", shown=seen)
    if seen.ended:
        yield Failure("never_ends", f"It does not end {when}. {seen.sentence}", shown=seen)
    # A program that finds its end wrong may say so by its exit code.
    is_told = wrong and "Traceback" not in seen.errors
    if (seen.exit_code and not is_told) or (seen.deaths and not program.may_fail):
        yield from _collides(seen, f"It fails {when}")
        yield Failure("crashed", f"It fails {when}. {seen.sentence}", shown=seen)
    if wrong:
        yield from _collides(seen, f"It ends wrong {when}: {wrong}")
        yield Failure("wrong_end", f"It ends wrong {when}: {wrong}.", shown=seen)


def _collides(seen, *before):
    if seen.collisions or seen.crossings:
        name = "collides" if seen.collisions else "opposite_orders"
        found = seen.sentence.removeprefix("This run ended right. It need not. ")
        yield Failure(name, ". ".join((*before, found)), shown=seen)


def _no_work(program, seen):
    started = len({event.identity for event in seen.events if event.op == "start"})
    if started < program.workers:
        reason = f"It starts {counted(started, 'process')}, and {program.workers} were asked for."
        yield Failure("fewer_processes", reason, shown=seen)
    lives = sorted((e for e in seen.events if e.op in ("start", "join")), key=lambda e: e.start)
    if any((one.op, following.op) == ("join", "start") for one, following in pairwise(lives)):
        reason = "It joins one process before it starts another one: let them run at the same time."
        yield Failure("one_after_the_other", reason, shown=seen)
    for name, times in program.works.items():
        done = {
            (e.process, e.index)
            for e in seen.events
            if e.shared == name and e.op in races.WRITES and e.process != "P"
        }
        if len(done) < times:
            reason = f"The processes change {name} {counted(len(done), 'time')}, and {times} were asked for: the work itself must stay."
            yield Failure("no_real_work", reason, shown=seen)


def _nothing_collides(program, seen, wrong, when):
    yield from _collides(seen)
    for span in (span for span in seen.races.holds if span.end is None):
        reason = f"{span.process} has ended, and holds {analysis.lock_words(span.lock)} for ever. {seen.sentence}"
        yield Failure("lock_left_held", reason, shown=seen)


def _slow_outside(program, seen, wrong, when):
    slow = [pause for pause in seen.pauses if pause.seconds >= program.slow]
    if under := [pause for pause in slow if pause.held]:
        at = listed(dict.fromkeys(str(pause.line) for pause in under))
        reason = f"It is right but slow: it holds {listed(map(analysis.lock_words, under[0].held))} while it does its slow work at {at}."
        yield Failure("slow_under_lock", reason, shown=seen)
    if len(slow) < program.pauses:
        reason = f"There were {counted(program.pauses, 'piece')} of slow work, and {len(slow)} are left: the work itself must stay."
        yield Failure("no_real_work", reason, shown=seen)


def _holds_in_forced_orders(program):
    def attack(answer):
        method = lab.default_start_method()
        seen, _ = answer.once(program.watched, answer, method)
        for order in seen.orders:
            forced, wrong = program.watched(answer, method, order)
            yield from bad_end(program, forced, wrong, f"in the order {order}")

    return attack


def plain(
    program,
    *,
    words,
    slow_words="No slow work is done while a lock is held, and all of it is done.",
    more=(),
):
    """The Exercise on a plain program: it comes to its end, nothing collides, slow work lies under no lock, and forced orders change nothing.

    `words` say what it must come to, `more` are further Asks.
    """
    slow = [Ask(slow_words, _under_each_method(program, _slow_outside))] if program.pauses else []
    return Exercise(asks=(
        Ask(words, _under_each_method(program, _ends_right)),
        Ask("Under each start method, `watch` finds nothing that can go wrong.", _under_each_method(program, _nothing_collides)),
        *slow,
        *more,
        Ask("The end is the same when another process is made to come in as soon as one has read.", _holds_in_forced_orders(program)),
    ))  # fmt: skip
