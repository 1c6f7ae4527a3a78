"""my_total.py: add_part(folder, part, merge) and read_total(folder), used by separate programs."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from helpers.course.attacks import tools
from helpers.course.attacks.parts import Failure
from helpers.experiments.separate import run_together

FUNCTIONS = ("add_part", "read_total")
_COMMAND = str(Path(__file__).with_name("part_adder.py"))
_PARTS = {"A": (1, 2, 3, 4), "B": (10, 20, 30, 40), "C": (100, 200, 300, 400)}
_MERGE = "Here merge gives total + 10 * part"
_LIMIT = 5.0  # seconds that all may take together, once they are let go
_RELATED = (
    (
        "own_lock",
        [f"{module}.{lock}" for module in ("multiprocessing", "threading")
         for lock in ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Manager")],
        "These programs were not started by one parent: each would make a lock of its own. What do they all have? The folder.",
    ),
)  # fmt: skip


class Told(NamedTuple):
    """What one command said: its lines, its exit code (None: it had to be ended), its error stream."""

    lines: list
    code: int | None
    errors: str

    @property
    def raised(self):
        return [line.partition(" ")[2] for line in self.lines if line.startswith("raised")]

    @property
    def merged(self):
        """What merge was given, part by part."""
        return [line.split()[1:] for line in self.lines if line.startswith("done")]


def no_related_locks(path):
    """The file must not make a lock that only related processes can share."""
    return tools.first_used(path, _RELATED)


def add_alone(path):
    """One program adds four parts: each merge is given what stood there before."""
    with tempfile.TemporaryDirectory() as folder:
        (told,) = _add(path, folder, {"A": _PARTS["A"]})
        if failure := _never_ended(told) or _error(told):
            return failure
        if told.merged != [["0"], ["10"], ["30"], ["60"]]:
            given = ", ".join(" and ".join(calls) or "nothing" for calls in told.merged)
            return Failure(
                "wrong_merge",
                f"For the parts 1, 2, 3, 4 merge must be called once each, with the total so far. {_MERGE}: 0, 10, 30, 60. It was called with {given}.",
            )
        return _wrong_total(
            path, folder, 100, "wrong_total", "One program alone added 1, 2, 3 and 4"
        )


def add_together(path):
    """Three programs at once: no part may be lost."""
    with tempfile.TemporaryDirectory() as folder:
        ended = _add(path, folder, _PARTS)
        for told in ended:
            if failure := _never_ended(told) or _half_read(told) or _error(told):
                return failure
        say = "Three programs added 12 parts. From the read of the total to the write, nobody else may come in between"
        return _wrong_total(path, folder, 11100, "lost_parts", say) or _same_total(ended)


def _same_total(ended):
    """The Failure where merge was not called once for each part, or was given one total twice; else None."""
    calls = [call for told in ended for call in told.merged]
    if any(len(call) != 1 for call in calls):
        return Failure(
            "merged_again",
            "Three programs at once, and for one part merge was called more than once. Call it once: let nobody else in "
            "before it, so that there is nothing to try again.",
        )
    given = [call[0] for call in calls]
    again = next((total for total in given if given.count(total) > 1), None)
    if again is None:
        return None
    return Failure(
        "same_total",
        f"Three programs at once, and merge was given the total {again} by more than one of them. Each merge must be given what the "
        "one before it gave: nobody else may come in between the read of the total and the write.",
    )


def add_beside_a_killed_holder(path):
    """The first of three programs is killed in its second merge: the others must go on, and its half-done part not count."""
    with tempfile.TemporaryDirectory() as folder:
        _, *others = _add(path, folder, _PARTS, die=2)
        for told in others:
            if told.code is None:
                return Failure(
                    "others_wait",
                    f"One program was killed inside merge, and the others were still waiting after {_LIMIT:g} s. Its lock must go with it: which locks does the system free?",
                )
            if failure := _error(told):
                return failure
        say = "One program was killed inside its second merge, after it had added 1; the others added all their parts"
        return _wrong_total(path, folder, 11010, "wrong_after_kill", say)


def add_beside_a_failing_merge(path):
    """The second merge of the first program raises an exception: it comes out, the part does not count, all go on."""
    with tempfile.TemporaryDirectory() as folder:
        first, *others = _add(path, folder, _PARTS, fail=2)
        if any(told.code is None for told in (first, *others)) or first.raised[1:]:
            after = (
                f"add_part ended with {first.raised[1]}"
                if first.raised[1:]
                else "somebody waits for ever"
            )
            return Failure(
                "exception_keeps_lock",
                f"An exception came out of merge, and after it {after}. What was acquired must be given back on every way out.",
            )
        if [error.split()[0] for error in first.raised] != ["Fault"]:
            return Failure(
                "hides_the_fault",
                f"merge raised an exception, and add_part must let it through. What came out: {', '.join(first.raised) or 'nothing'}.",
            )
        for told in others:
            if failure := _error(told):
                return failure
        say = "The second merge of one program failed: its part, 2, must not count, and all the others must"
        return _wrong_total(path, folder, 11080, "wrong_after_fault", say)


def _add(path, folder, parts, die=0, fail=0):
    """What the commands say that add these parts, by letter; the first may die or fail in a merge."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as homes:
        commands = [
            [sys.executable, _COMMAND, _copied(path, homes, letter), folder]
            + [f"{die * first}", f"{fail * first}", *map(str, some)]
            for first, (letter, some) in zip([1, 0, 0], parts.items(), strict=False)
        ]
        _, ended = run_together(commands, _LIMIT)
    return [Told(out.splitlines(), code, errors) for code, out, errors in ended]


def _copied(path, homes, letter):
    """The path of a copy of the file in a folder of its own: strangers have only the shared folder in common."""
    home = Path(homes, letter)
    home.mkdir()
    return shutil.copy(path, home)


def _never_ended(told):
    if told.code is not None:
        return None
    return Failure("never_ends", f"It did not end within {_LIMIT:g} s. What does it wait for?")


def _half_read(told):
    """The Failure for a program that read what another one had not yet written, or None."""
    if not any(error.startswith("ValueError") for error in told.raised):
        return None
    return Failure(
        "lost_parts",
        f"Three programs at once, and one of them read what another one was just writing: add_part ended with {told.raised[0]}. Nobody may come in between read and write.",
    )


def _error(told):
    if told.raised:
        return Failure("crashed", f"add_part ended with {told.raised[0]}.")
    if told.code:
        last = told.errors.strip().splitlines()[-1:] or [f"exit code {told.code}"]
        return Failure("crashed", f"A program that uses the file died: {last[0]}.")
    return None


def _wrong_total(path, folder, wanted, name, say):
    """The Failure where read_total does not say `wanted`, or None."""
    (told,) = _add(path, folder, {"A": ()})
    if failure := _never_ended(told) or _error(told):
        return failure
    found = told.lines[-1].removeprefix("total ") if told.lines else "nothing"
    if found == str(wanted):
        return None
    return Failure(
        name, f"{say}. {_MERGE}: the total should be {wanted}, and read_total says {found}."
    )
