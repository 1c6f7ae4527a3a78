"""Exercises on plain programs: the learner's file is run under watch, under orders that are forced on it, and judged by its end."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import chdir
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from helpers import analysis, lab
from helpers.events import counted, listed
from helpers.exercises.findings import Ask, Exercise, Stopped, Unfinished, about
from helpers.scripts import watch
from helpers.scripts.recorder.journal import WRITES

_WORKERS = 2  # processes that it starts at least
_SLOW_WORDS = "No slow work is done while a lock is held, and all of it is done."


class Program(NamedTuple):
    """What a plain program must come to, whichever process comes first.

    `ends` has the possible ends, each with the text of the same files by their names; `prints` is the last line of the output, None for any.
    `works` has for each shared thing how often its processes change it at least.
    `right(folder)` gives in words what else is wrong in the end, or "". `pauses` is how many pieces of slow work there are,
    each a sleep of `slow` seconds. `may_fail`: one of its processes may end with an exception.
    """

    ends: Sequence[dict[str, str]] = ({},)
    prints: str | None = None
    works: dict[str, int] = {}  # noqa: RUF012 - never changed
    right: Callable = lambda _: ""
    slow: float = 0.0
    pauses: int = 0
    may_fail: bool = False

    def watched(self, answer, method, order="", *args):
        """One run of the answer with these arguments in a folder of its own: (the Watched, what is wrong at its end or "")."""
        path = Path(answer.path).absolute()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, chdir(folder):
            shutil.copy(path, folder)
            seen = watch(path.name, *args, start_method=method, order=order)
            if seen.ended == "stopped":
                raise Stopped
            answer.tried.runs[method] += 1
            return seen, self._wrong_end(seen, Path(folder))

    def _wrong_end(self, seen, folder):
        paths = (Path(folder, name) for name in self.ends[0])
        found = {p.name: p.read_text(errors="replace").strip() for p in paths if p.is_file()}
        if found not in self.ends:
            several = f"one of {len(self.ends)} ends, such as " if len(self.ends) > 1 else ""
            return f"the files should say {several}{self.ends[0]}, and say {found}"
        last = (seen.output.strip().splitlines() or [""])[-1]
        if self.prints is not None and last != self.prints:
            return f"its last line should be {self.prints!r}, and is {last!r}"
        return self.right(folder)

    # ---- attacks

    def exercise(self, words, slow_words=_SLOW_WORDS, more=()):
        """The Exercise on it: it comes to its end, nothing collides, slow work lies under no lock, and forced orders change nothing.

        `words` say what it must come to, `more` are further Asks.
        """
        slow = [Ask(slow_words, self.under_each_method(self._slow_outside))]
        return Exercise((
            Ask(words, self.under_each_method(self._ends_right)),
            Ask("Under each start method, `watch` finds nothing that can go wrong.", self.under_each_method(self._nothing_collides)),
            *(slow if self.pauses else ()),
            *more,
            Ask("The end is the same when another process is made to come in as soon as one has read.", self._holds_in_forced_orders),
        ))  # fmt: skip

    def under_each_method(self, judge):
        """The attack that has each start method's run judged: by `judge(seen, wrong, when)`."""

        def attack(answer):
            for method in lab.start_methods():
                seen, wrong = answer.once(self.watched, answer, method)
                yield from about(judge(seen, wrong, f"under {method}"), shown=seen)

        return attack

    def judged(self, answer, judge, when, order="", *args):
        """What `judge(seen, wrong, when)` says of a run under the default start method."""
        seen, wrong = self.watched(answer, lab.default_start_method(), order, *args)
        return about(judge(seen, wrong, when), shown=seen)

    def _holds_in_forced_orders(self, answer):
        seen, _ = answer.once(self.watched, answer, lab.default_start_method())
        for order in seen.races.orders:
            yield from self.judged(answer, self.bad_end, f"in the order {order}", order)

    def bad_end(self, seen, wrong, when):
        """The Failure for a run that ended badly: `wrong` says in words what its files say, `when` in which run that was."""
        in_time(seen)
        if seen.ended:
            name = "deadlock" if seen.stuck else "never_ends"
            yield f"{name}: It never ends {when}. {seen.sentence}"
        # A program that finds its end wrong may say so by its exit code.
        is_told = wrong and "Traceback" not in seen.errors
        if (seen.exit_code and not is_told) or (seen.deaths and not self.may_fail):
            yield from collides(seen, f"It fails {when}")
            yield f"crashed: It fails {when}. {seen.sentence}"
        if wrong:
            yield from collides(seen, f"It ends wrong {when}: {wrong}")
            yield f"wrong_end: It ends wrong {when}: {wrong}."

    def _ends_right(self, seen, wrong, when):
        yield from self.bad_end(seen, wrong, when)
        started = len({event.identity for event in seen.events if event.op == "start"})
        if started < _WORKERS:
            yield f"fewer_processes: It starts {counted(started, 'process')}, and {_WORKERS} were asked for."
        lives = sorted((e for e in seen.events if e.op in ("start", "join")), key=lambda e: e.start)
        if any((one.op, following.op) == ("join", "start") for one, following in pairwise(lives)):
            yield "one_after_the_other: It joins one process before it starts the next: let them run at the same time."
        for name, times in self.works.items():
            changes = (e for e in seen.events if e.shared == name and e.op in WRITES)
            done = sum(change.process != "P" for change in changes)
            if done < times:
                yield f"no_real_work: The processes change {name} {counted(done, 'time')}, and {times} were asked for: the work itself must stay."

    def _nothing_collides(self, seen, wrong, when):
        yield from collides(seen)
        for span in (span for span in seen.races.holds if span.end is None):
            yield f"lock_left_held: {span.process} has ended, and holds {analysis.lock_words(span.lock)} for ever. {seen.sentence}"

    def _slow_outside(self, seen, wrong, when):
        slow = [pause for pause in seen.pauses if pause.seconds >= self.slow]
        if under := [pause for pause in slow if pause.held]:
            at = listed(dict.fromkeys(str(pause.line) for pause in under))
            yield f"slow_under_lock: It is right but slow: it holds {listed(map(analysis.lock_words, under[0].held))} while it does its slow work at {at}."
        if len(slow) < self.pauses:
            yield f"no_real_work: There were {counted(self.pauses, 'piece')} of slow work, and {len(slow)} are left: the work itself must stay."


def in_time(seen):
    """Raises Unfinished for a run that was ended though one of its processes still worked: the machine may have been too slow."""
    living = [journal for journal in seen.recording.lanes if not journal.is_over]
    if seen.ended == "timed out" and len(seen.waits) < len(living):
        say = f"the machine was too busy, or the program never ends: {seen.sentence}"
        raise Unfinished(say)


def collides(seen, *before):
    """The Failure for a run that shows how processes can collide; `before` are sentences that come first."""
    if seen.collisions or seen.crossings:
        name = "collides" if seen.collisions else "opposite_orders"
        found = seen.sentence.removeprefix("This run ended right. It need not. ")
        yield f"{name}: {'. '.join((*before, found))}"
