"""Exercises on plain programs: the learner's file is run under watch, under orders that are forced on it, and judged by its end."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from helpers import lab
from helpers.events import counted, listed
from helpers.exercises.findings import Ask, Exercise, Failure, Stopped
from helpers.scripts import races, watch


class Program(NamedTuple):
    """What a plain program must come to, whoever comes first.

    `files` has the text of each file in the end, by its name; `prints` the last line of its output, None for any.
    `workers` is how many processes it starts at least, and `works` has for each shared thing how often they change it at least.
    `right(folder)` gives what else is wrong in the end, in words, or "". `slow` is the length in seconds of the pauses that may
    lie under no lock, `pauses` how many of them there are.
    """

    files: dict[str, str] = {}  # noqa: RUF012 - never changed
    prints: str | None = None
    workers: int = 2
    works: dict[str, int] = {}  # noqa: RUF012
    right: object = None
    slow: float = 0.0
    pauses: int = 0

    def watched(self, answer, method, order=""):
        """One run of the answer in a folder of its own: (the Watched, what is wrong at its end or "")."""
        with _own_folder(answer.path) as script:
            seen = watch(script, start_method=method, order=order)
            if seen.ended == "stopped":
                raise Stopped
            answer.tried.runs[method] += 1
            return seen, self._wrong_end(seen, Path.cwd())

    def _wrong_end(self, seen, folder):
        for name, text in self.files.items():
            found = Path(folder, name)
            said = (
                found.read_text(errors="replace").strip()
                if found.is_file()
                else "nothing: it is not there"
            )
            if said != text:
                return f"{name} should say {text} in the end, and says {said}"
        last = (seen.output.strip().splitlines() or [""])[-1]
        if self.prints is not None and last != self.prints:
            return f"its last line should be {self.prints!r}, and is {last!r}"
        return self.right(folder) if self.right else ""


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


def ends_right(program):
    """Under each start method the program ends by itself and comes to what it must."""

    def attack(answer):
        for method in lab.start_methods():
            seen, wrong = program.watched(answer, method)
            yield from _bad_end(seen, wrong, f"under {method}")
            yield from _no_work(program, seen)

    return attack


def _bad_end(seen, wrong, when):
    if seen.stuck:
        yield Failure("deadlock", f"It never ends {when}. {seen.sentence}", shown=seen)
    if seen.ended:
        yield Failure("never_ends", f"It does not end {when}. {seen.sentence}", shown=seen)
    if seen.exit_code or seen.deaths:
        yield Failure("crashed", f"It fails {when}. {seen.sentence}", shown=seen)
    if wrong:
        yield Failure("wrong_end", f"It ends wrong {when}: {wrong}.", shown=seen)


def _no_work(program, seen):
    workers = [process for process in seen.processes if process != "P"]
    if len(workers) < program.workers:
        reason = (
            f"It starts {counted(len(workers), 'process')}, and {program.workers} were asked for."
        )
        yield Failure("fewer_processes", reason, shown=seen)
    for name, times in program.works.items():
        done = {
            (e.process, e.index)
            for e in seen.events
            if e.shared == name and e.op in races.WRITES and e.process != "P"
        }
        if len({process for process, _ in done}) < min(program.workers, times) or len(done) < times:
            reason = f"The processes change {name} {counted(len(done), 'time')}, and {times} were asked for: the work itself must stay."
            yield Failure("no_real_work", reason, shown=seen)


def nothing_collides(program):
    """What several processes use is kept apart by a lock, or ordered by a hand-over."""

    def attack(answer):
        for method in lab.start_methods():
            seen, _ = program.watched(answer, method)
            if seen.collisions or seen.crossings:
                yield Failure("collides", seen.sentence, shown=seen)
            under = [
                pause for pause in seen.pauses if pause.seconds >= program.slow > 0 and pause.held
            ]
            if under:
                at = listed(dict.fromkeys(str(pause.line) for pause in under))
                reason = f"It is right but slow: it holds {listed(under[0].held)} while it does its slow work at {at}."
                yield Failure("slow_under_lock", reason, shown=seen)
            slow = sum(pause.seconds >= program.slow > 0 for pause in seen.pauses)
            if slow < program.pauses:
                reason = f"There were {program.pauses} pieces of slow work, and {slow} are left: the work itself must stay."
                yield Failure("no_real_work", reason, shown=seen)

    return attack


def holds_in_forced_orders(program):
    """Wherever one process has read, another one is made to come in between, if it can: the end is right."""

    def attack(answer):
        method = lab.default_start_method()
        seen, _ = program.watched(answer, method)
        for order in seen.orders:
            forced, wrong = program.watched(answer, method, order)
            yield from _bad_end(forced, wrong, f"in the order {order}")

    return attack


def plain(program, *, words, more=()):
    """The Exercise on a plain program: it comes to its end, nothing collides, and forced orders change nothing.

    `words` say what it must come to, `more` are further Asks.
    """
    return Exercise(asks=(
        Ask(words, ends_right(program)),
        Ask("No process can come in between where another one has read and not yet written: a lock keeps them apart, or a hand-over orders them.", nothing_collides(program)),
        Ask("It comes to the same end where another process is made to come as soon as one has read.", holds_in_forced_orders(program)),
        *more,
    ))  # fmt: skip
