"""my_total.py: add_part(folder, part, merge) and read_total(folder), used by separate programs.

The check leads the programs step by step: who goes on, who stays where it stands, who is killed.
"""

import multiprocessing
import os
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from functools import partial, partialmethod
from multiprocessing.connection import wait

from helpers import child
from helpers.events import counted, listed
from helpers.exercises import part_adder
from helpers.exercises.findings import Ask, Exercise, Unfinished
from helpers.exercises.part_adder import FACTOR
from helpers.lab import limits
from helpers.lab.interrupts import interrupts_held

_MERGE = f"Here merge gives total + {FACTOR} * part"
_PARTS = (1, -20, 3, 3, 0, 400)
_LONG = 2.1  # seconds that a merge takes, and a little more
_MOST_STEPS = 40  # of one add_part, before each of which it is held up
_ERRORS = ("RuntimeError", "OSError", "ValueError")  # what a failing merge raises
_GATES, _ENDED = ("op", "sleep", "merge"), ("done", "raised", "died")
# How much of a sign that it waits: its word, a merge too many, three sleeps without getting further, or two hundred steps.
_SIGNS = {"waits": 1, "merge": 1, "sleep": 0.34, "op": 0.005}
_SPAWN = multiprocessing.get_context("spawn")


# ---- one program after the other


def add_in_turn(answer):
    """Two programs in turn, in two folders: each merge is given what stood there before."""
    with programs(answer, "AB") as (started, folder):
        for program in (program for program in started if program.at != "done"):
            yield f"fails_at_import: A program that imports the file died: {program.reported['error']}."
        one, other, total = folder(), folder(), 0
        yield from _expect_total(started[1], one, 0, "Nobody has added anything yet")
        for number, part in enumerate(_PARTS):
            program = started[number % 2]
            yield from _call(program, "add_part", one, part)
            if (calls := program.reported["calls"]) != [(total, part)]:
                given = ", ".join(f"merge({a}, {b})" for a, b in calls) or "nothing"
                yield f"wrong_merge: For each part merge must be called once, with the total so far and the part: merge({total}, {part}). What was called: {given}. {_MERGE}."
            total += FACTOR * part
            parts = listed(map(str, _PARTS[: number + 1]))
            yield from _expect_total(started[0], one, total, f"After the parts {parts}")
        yield from _call(started[0], "add_part", other, 7)
        yield from _expect_total(started[1], other, 70, "In another folder, only 7 was added")
        yield from _expect_total(started[1], one, total, "After a part in another folder")


def leave_nothing(answer):
    """The processes that add_part has started must have ended when it has returned."""
    with programs(answer, "A") as ([program], folder):
        yield from _call(program, "add_part", folder(), 1)
        if program.end():
            yield "leaves_something: The program that called add_part has ended, and a process that the file started is still running. End what you start."


# ---- several at once


def add_during_a_merge(answer):
    """B comes while A is in merge, and C when A has ended and B goes on; in a new folder and in one with a total."""
    with programs(answer, "ABC") as ((first, second, third), folder):
        for before in (0, 100):
            place = yield from _place_with(before, third, folder)
            yield from _bring_into_merge(first, place, 1)
            second.tell("add_part", place, 10).advance()
            first.finish()
            second.advance()
            third.tell("add_part", place, 100).advance()
            yield from _end_all((first, second, third), place, before + 111 * FACTOR)


def add_between_any_two_steps(answer):
    """A stays before each of its steps, until B is in merge or waits."""
    with programs(answer, "AB") as ((first, second), folder):
        for before in (0, 100):
            for step in range(1, _MOST_STEPS):
                place = yield from _place_with(before, second, folder)
                if first.tell("add_part", place, 1).finish(before=step) == "done":
                    break
                second.tell("add_part", place, 10).advance()  # it stays in merge, if it gets there
                first.advance()
                yield from _end_all((first, second), place, before + 11 * FACTOR)


def add_though_a_merge_takes_long(answer):
    """A's merge takes two seconds, and B waits so long."""
    with programs(answer, "AB") as ((first, second), folder):
        place = folder()
        yield from _bring_into_merge(first, place, 1)
        began = time.perf_counter()
        if second.tell("add_part", place, 10).advance(seconds=_LONG) == "raised":
            took = time.perf_counter() - began
            if took > 2 * _LONG:
                say = f"the machine was too busy: a merge of {_LONG:g} s took {took:.1f} s"
                raise Unfinished(say)
            yield f"gives_up: A merge may take two seconds. B could not wait so long for A's: add_part ended with {second.reported['error']}, and its part is missing."
        yield from _end_all((first, second), place, 11 * FACTOR)


def _end_all(started, place, wanted):
    """Let all come to their ends, those in merge first. All parts must be in the total, each merged once."""
    calls = []
    for program in _those_who_can_first(started):
        program.finish()
        yield from _check_ended(program)
        calls += program.reported["calls"]
    if len(calls) > len(started):
        yield "merged_again: Several programs ran at once, and for one part merge was called more than once. Call it once: let nobody else in before it, so that there is nothing to try again."
    found = yield from _call(started[0], "read_total", place)
    if found != wanted:
        yield f"lost_parts: Several programs ran at once. {_MERGE}: the total should be {wanted}, but read_total says {found}. From the read of the total to the write, nobody else may come in between. A lock that each program makes for itself keeps nobody out. What do they all have? The folder."
    if len({total for total, _ in calls}) < len(calls):
        yield "same_total: Several programs ran at once, and merge was given the same total by two of them. Each merge must be given what the one before it gave: nobody else may come in between the read of the total and the write."


# ---- one is killed, or its merge fails


def add_beside_a_killed_holder(answer):
    """A is killed in merge; B stays before each step on its way into merge, until C is in merge or waits."""
    with programs(answer, "BC") as ((second, third), folder):
        for step in range(1, _MOST_STEPS):
            with programs(answer, "A") as ([first], _):
                place = folder()
                yield from _call(first, "add_part", place, 1)
                yield from _bring_into_merge(first, place, 2)
                first.kill()
                at = second.tell("add_part", place, 10).advance(before=step)
                third.tell("add_part", place, 100).advance()
                second.advance()
                yield from _end_beside_the_killed(second, third, place)
            if at == "merge":  # it had no more steps to do
                return


def _end_beside_the_killed(second, third, place):
    for program in _those_who_can_first((second, third)):
        if program.finish() == "waits":
            yield "others_wait: One program was killed inside merge, and the others wait for ever: nothing happens in the folder any more. Its lock must go with it: which locks does the system free?"
        if program.at != "done":
            yield f"crashed: One program was killed inside merge, and add_part of another one {_fate(program)}."
    say = "One program added 1 and was killed in the merge of its part 2, while two others added 10 and 100. The killed part must not count, and the others must not come in between each other"
    yield from _expect_total(second, place, 111 * FACTOR, say, "wrong_after_kill")


def add_beside_a_failing_merge(answer):
    """Merges of A raise exceptions: each comes out, its part does not count, both programs go on."""
    with programs(answer, "AB") as ((first, second), folder):
        place = folder()
        for number, error in enumerate(_ERRORS, 1):
            yield from _bring_into_merge(first, place, 2)
            first.tell("fail", error)
            first.finish()
            if not first.reported.get("error", "").startswith(f"{error}: merge failed"):
                yield f"hides_the_fault: merge raised {error}, and add_part must let it through. But it {_fate(first)}."
            for program in (second, first):
                if program.tell("add_part", place, 1).finish() != "done":
                    yield f"exception_keeps_lock: An exception came out of A's merge, and after it an add_part of {program.letter} {_fate(program)}. Release what you acquired on every way out."
            say = f"{counted(number, 'merge')} of the part 2 failed and must not count, and {2 * number} times the part 1 was added"
            yield from _expect_total(second, place, 2 * FACTOR * number, say, "wrong_after_fault")


# ---- the steps of an attack


def _those_who_can_first(started):
    """The programs in the order in which they can come to their ends: one that waits may wait for one in merge."""
    return sorted(started, key=lambda program: program.at not in ("merge", *_ENDED))


def _call(program, *command):
    """What a program's call of add_part or read_total gives, with nobody in its way."""
    program.tell(*command).finish()
    yield from _check_ended(program)
    return program.reported.get("given")


def _place_with(before, program, folder):
    """A new folder with that total, which `program` has brought there; with 0, an empty one."""
    place = folder()
    if before:
        yield from _call(program, "add_part", place, before // FACTOR)
    return place


def _bring_into_merge(program, place, part):
    if program.tell("add_part", place, part).advance(patience=30) != "merge":
        yield from _check_ended(program)
        yield "wrong_merge: add_part returned, and merge was never called."


def _check_ended(program):
    """The Failure of a program that is neither in merge nor well at its end."""
    if program.at in ("raised", "died"):
        yield f"crashed: add_part or read_total {_fate(program)}."
    if program.at not in ("merge", "done"):
        yield f"never_ends: {program.letter} does not get to the end of add_part or read_total, though nobody is in its way. What does it wait for? Does a program keep its lock after add_part has returned?"


def _fate(program):
    """How an add_part came out, as the rest of a sentence."""
    if program.at in ("raised", "died"):
        return f"ended with {program.reported['error']}"
    return "returned as if all were well" if program.at == "done" else "waits for ever"


def _expect_total(program, place, wanted, say, name="wrong_total"):
    found = yield from _call(program, "read_total", place)
    if found != wanted:
        yield f"{name}: {say}. {_MERGE}: the total should be {wanted}, but read_total says {found}."


# ---- a program, and several side by side


class Program:
    """One program. `at` says where it stands: "op", "sleep", "merge", "done", "raised" or "died"; "" on the way.

    `reported` is what it said last (see part_adder).
    """

    def __init__(self, letter, path, home):
        self.letter, self.at, self.reported = letter, "", {}
        # Strangers have only the shared folder in common.
        copy = shutil.copy(path, tempfile.mkdtemp(prefix=f"{letter} ", dir=home))
        self._conn, theirs = _SPAWN.Pipe()
        args = theirs, copy, os.path.dirname(path)
        self._process = _SPAWN.Process(target=part_adder.main, args=args)
        self._process.start()
        theirs.close()

    def tell(self, *words):
        """Tell it a command of part_adder, or how to go on from a gate; itself."""
        self.at = ""
        with suppress(OSError):  # it is gone: that will be heard
            self._conn.send(words)
        return self

    def advance(self, goals=("merge",), before=None, patience=1, seconds=0):
        """Let it go on until it is at one of the `goals` or at its end, or stands before step number `before`: `at`.

        Or until it seems to wait, with so much `patience` and for so many `seconds` by its own clock: "waits".
        """
        if self.at in _GATES:
            self.tell("go")
        else:
            while not self.at and wait([self._conn], 0):
                self.hear()  # that it waited before the others went on counts no more
        signs, end = 0, self.reported["clock"] + seconds
        while self.at not in (*goals, *_ENDED):
            if (self.at, self.reported["steps"]) == ("op", before):
                break
            if signs >= patience and self.reported["clock"] >= end:
                return "waits"
            if self.at:
                self.tell("go")
            self.hear()
            signs += _SIGNS.get(self.reported["kind"], 0)
        return self.at

    # With nobody in its way: so often it may seem to wait.
    finish = partialmethod(advance, goals=(), patience=30)

    def hear(self):
        """Take in the next that it says. Raises Unfinished where it says nothing."""
        seconds = limits.for_run()
        try:
            if not wait([self._conn], seconds):
                say = f"the machine was too busy: program {self.letter} said nothing for {seconds:g} s"
                raise Unfinished(say)
            self.reported = self._conn.recv()
        except (EOFError, OSError):
            self._process.join(limits.for_answer(2))
            self.reported |= {"kind": "died", "error": f"exit code {self._process.exitcode}"}
        self.at = self.reported["kind"].removeprefix("waits")

    def kill(self):
        self._process.kill()
        self._process.join()
        self.at = "died"

    def end(self):
        """Let it leave; whether a process that it has started is still there then."""
        self._conn.close()
        self._process.join(limits.for_answer(2))
        end = time.perf_counter() + limits.for_answer(1)
        with suppress(OSError, AttributeError):  # nobody is in its group; Windows knows no groups
            while time.perf_counter() < end:
                os.killpg(self._process.pid, 0)
                time.sleep(0.01)  # one that goes with it may take a moment
            return self._process.exitcode is not None
        return False

    def close(self):
        """End it, and all that it has started where the system lets us: on Windows only itself."""
        child.kill_group(self._process.pid)
        self.kill()
        self._conn.close()


@contextmanager
def programs(answer, letters):
    """Programs with these letters that have imported the file of `answer`, side by side; they end with the block.

    A pair: the programs, and a function that makes a new folder for them to share.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, ExitStack() as stack:
        answer.tried.runs["separate programs"] += 1
        started = []
        with interrupts_held():
            for letter in letters:
                started.append(Program(letter, answer.path, home))
                stack.callback(started[-1].close)
        for program in started:
            program.hear()
        yield started, partial(tempfile.mkdtemp, prefix="shared folder ", dir=home)


EXERCISE = Exercise(functions=("add_part", "read_total"), asks=(
    Ask("`add_part(folder, part, merge)` calls `merge(total, part)` once and stores what it gives. `read_total(folder)` gives the total of that folder, "
        "0 at first. Parts and totals are whole numbers, also negative ones.", add_in_turn),
    Ask("When several programs add at the same time, no part is lost: each merge is given what the one before it gave.",
        add_during_a_merge, add_between_any_two_steps),
    Ask("A program that is killed inside `merge` holds nobody up, and its part does not count.", add_beside_a_killed_holder),
    Ask("An exception that `merge` raises comes out of `add_part`. Its part does not count, and all programs can go on, this one too.", add_beside_a_failing_merge),
    Ask("A merge may take two seconds, and the other programs wait for it.", add_though_a_merge_takes_long),
    Ask("When `add_part` has returned, no process that it started is still running.", leave_nothing),
))  # fmt: skip
