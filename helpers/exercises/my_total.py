"""my_total.py: add_part(folder, part, merge) and read_total(folder), used by separate programs."""

import time
from functools import wraps

from helpers.events import counted, listed
from helpers.exercises.answers import named_tool
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.findings import Failure, Unfinished
from helpers.exercises.part_adder import FACTOR
from helpers.exercises.separate_programs import ENDED, TooBusy, programs

_MERGE = f"Here merge gives total + {FACTOR} * part"
_PARTS = (1, -20, 3, 3, 0, 400)
_LONG = 2.1  # seconds that a merge takes, and a little more
_MOST_STEPS = 40  # of one add_part, before each of which it is held up
_ERRORS = ("RuntimeError", "OSError", "ValueError")  # what a failing merge raises
_ALONE = ("multiprocessing.Lock", "multiprocessing.RLock", "multiprocessing.Semaphore", "multiprocessing.BoundedSemaphore",
          "multiprocessing.Condition", "multiprocessing.Manager", "threading.Lock", "threading.RLock",
          "threading.Semaphore", "threading.Condition")  # fmt: skip


class _Wrong(Exception):
    """Ends an attack with the Failure that it has found."""

    def __init__(self, name, reason):
        super().__init__(name)
        self.failure = Failure(name, reason)


def _led_by(letters):
    """The attack made of a function that leads programs with these letters: `lead(answer, started, folder)`.

    `folder()` makes a new shared one. What it gives back is found, beside the _Wrong that it raises.
    """

    def decorate(lead):
        @wraps(lead)
        def attack(answer, *args):
            try:
                with programs(answer, letters) as (started, folder):
                    if died := [program for program in started if program.at == "died"]:
                        reason = f"A program that imports the file died: {died[0].error}."
                        raise _Wrong("fails_at_import", reason)
                    found = lead(answer, started, folder, *args)
                if found:
                    yield found
            except _Wrong as wrong:
                yield wrong.failure
            except TooBusy as busy:
                raise Unfinished(f"the machine was too busy: {busy}") from None

        return attack

    return decorate


# ---- one program after the other


@_led_by("AB")
def add_in_turn(_, started, folder):
    """Two programs in turn, in two folders: each merge is given what stood there before."""
    one, other = folder(), folder()
    total = 0
    _expect_total(started[1], one, 0, "Nobody has added anything yet")
    for number, part in enumerate(_PARTS):
        program = started[number % 2]
        _call(program, "add", one, part)
        if program.calls != [(total, part)]:
            given = ", ".join(f"merge({a}, {b})" for a, b in program.calls) or "nothing"
            reason = f"For each part merge must be called once, with the total so far and the part: merge({total}, {part}). What was called: {given}. {_MERGE}."
            raise _Wrong("wrong_merge", reason)
        total += FACTOR * part
        parts = listed(map(str, _PARTS[: number + 1]))
        _expect_total(started[0], one, total, f"After the parts {parts}")
    _call(started[0], "add", other, 7)
    _expect_total(started[1], other, 70, "In another folder, only 7 was added")
    _expect_total(started[1], one, total, "After a part in another folder")


@_led_by("A")
def leave_nothing(_, started, folder):
    """What add_part has started must have ended when it has returned."""
    [program] = started
    _call(program, "add", folder(), 1)
    if program.reported["left"]:
        reason = f"add_part has returned, and a thread that it started is still running: {program.reported['left'][0]}. End what you start."
        raise _Wrong("leaves_something", reason)
    if program.end():
        reason = "The program that called add_part has ended, and a process that the file started is still running. End what you start."
        raise _Wrong("leaves_something", reason)


# ---- several at once


@_led_by("ABC")
def add_during_a_merge(answer, started, folder):
    """B comes while A is in merge, and C when A has ended and B goes on; in a new folder and in one with a total."""
    first, second, third = started
    for before in (0, 100):
        place = _place_with(before, third, folder)
        _bring_into_merge(first, place, 1)
        second.begin("add", place, 10)
        second.advance()
        first.finish()
        second.advance()
        third.begin("add", place, 100)
        third.advance()
        _end_all(answer, started, place, before + 111 * FACTOR)


@_led_by("AB")
def add_between_any_two_steps(answer, started, folder):
    """A stays before each of its steps, until B is in merge or waits."""
    first, second = started
    for before in (0, 100):
        for step in range(1, _MOST_STEPS):
            place = _place_with(before, second, folder)
            first.begin("add", place, 1)
            while (at := first.advance(before=step)) == "merge":
                pass
            if at == "done":
                break
            second.begin("add", place, 10)
            second.advance()  # it stays in merge, if it gets there
            first.advance()
            _end_all(answer, started, place, before + 11 * FACTOR)


@_led_by("AB")
def add_though_a_merge_takes_long(answer, started, folder):
    """A's merge takes two seconds, and B waits so long."""
    place = folder()
    first, second = started
    _bring_into_merge(first, place, 1)
    began = time.perf_counter()
    second.begin("add", place, 10)
    if second.wait_on(_LONG) == "raised":
        took = time.perf_counter() - began
        if took > 2 * _LONG:
            raise TooBusy(f"a merge of {_LONG:g} s took {took:.1f} s")
        reason = f"A merge may take two seconds. B could not wait so long for A's: add_part ended with {second.error}, and its part is missing."
        raise _Wrong("gives_up", reason)
    _end_all(answer, started, place, 11 * FACTOR)


def _end_all(answer, started, place, wanted):
    """Let all come to their ends, those in merge first. All parts must be in the total, each merged once."""
    calls = []
    for program in _those_who_can_first(started):
        if program.finish() == "raised" and program.error.startswith("ValueError"):
            say = f"one of them read what the other one was just writing: add_part ended with {program.error}"
            raise _lost(answer, say)
        _check_ended(program)
        calls += program.calls
    if len(calls) > len(started):
        reason = "Several programs at once, and for one part merge was called more than once. Call it once: let nobody else in before it, so that there is nothing to try again."
        raise _Wrong("merged_again", reason)
    found = _call(started[0], "read", place)
    if found != wanted:
        raise _lost(answer, f"{_MERGE}: the total should be {wanted}, and read_total says {found}")
    if len({total for total, _ in calls}) < len(calls):
        reason = "Several programs at once, and merge was given the same total by two of them. Each merge must be given what the one before it gave: nobody else may come in between the read of the total and the write."
        raise _Wrong("same_total", reason)


def _lost(answer, say):
    """The _Wrong for a part that two programs at once have lost; a lock that only related processes share is named."""
    tool = named_tool(answer.path, _ALONE)
    if tool and not named_tool(answer.path, ("filelock", "fcntl", "msvcrt", "sqlite3")):
        reason = f"{tool}. These programs were not started by one parent: each makes a lock of its own, and nobody waits for anybody. So programs that ran at once lost a part: {say}. What do they all have? The folder."
        return _Wrong("own_lock", reason)
    reason = f"Several programs at once: {say}. From the read of the total to the write, nobody else may come in between."
    return _Wrong("lost_parts", reason)


# ---- one is killed, or its merge fails


def add_beside_a_killed_holder(answer):
    """A is killed in merge; B stays before each step on its way into merge, until C is in merge or waits."""
    for step in range(1, _MOST_STEPS):
        for found in _kill_and_hold(answer, step):
            if found == "merge":
                return
            yield found


@_led_by("ABC")
def _kill_and_hold(_, started, folder, step):
    """One such order; "merge" where B came into merge before it had that many steps to do."""
    first, *others = started
    place = folder()
    _call(first, "add", place, 1)
    _bring_into_merge(first, place, 2)
    first.kill()
    others[0].begin("add", place, 10)
    at = others[0].advance(before=step)
    others[1].begin("add", place, 100)
    others[1].advance()
    others[0].advance()
    for program in _those_who_can_first(others):
        if program.finish() == "waits":
            reason = "One program was killed inside merge, and the others wait for ever: nothing happens in the folder any more. Its lock must go with it: which locks does the system free?"
            raise _Wrong("others_wait", reason)
        if program.at != "done":
            reason = f"One program was killed inside merge, and add_part of another one ended with {program.error}."
            raise _Wrong("crashed", reason)
    say = "One program added 1 and was killed in the merge of its part 2, while two others added 10 and 100. The killed part must not count, and the others must not come in between each other"
    _expect_total(others[0], place, 111 * FACTOR, say, "wrong_after_kill")
    return at if at == "merge" else None


@_led_by("AB")
def add_beside_a_failing_merge(_, started, folder):
    """Merges of A raise exceptions: each comes out, its part does not count, both programs go on."""
    first, second = started
    place = folder()
    for number, error in enumerate(_ERRORS, 1):
        _bring_into_merge(first, place, 2)
        first.tell("fail", error)
        if first.finish() != "raised" or not first.error.startswith(f"{error}: merge failed"):
            end = _end_of(first)
            reason = f"merge raised {error}, and add_part must let it through. But it {end}."
            raise _Wrong("hides_the_fault", reason)
        for program in (second, first):
            program.begin("add", place, 1)
            if program.finish() != "done":
                reason = f"An exception came out of A's merge, and after it an add_part of {program.letter} {_end_of(program)}. Release what you acquired on every way out."
                raise _Wrong("exception_keeps_lock", reason)
        say = f"{counted(number, 'merge')} of the part 2 failed and must not count, and {2 * number} times the part 1 was added"
        _expect_total(second, place, 2 * FACTOR * number, say, "wrong_after_fault")


# ---- the steps of an attack


def _those_who_can_first(started):
    """The programs in the order in which they can come to their ends: one that waits may wait for one in merge."""
    return sorted(started, key=lambda program: program.at not in ("merge", *ENDED))


def _call(program, *command):
    """What a program's call of add_part or read_total gives, with nobody in its way."""
    program.begin(*command)
    program.finish()
    _check_ended(program)
    return program.reported.get("given")


def _place_with(before, program, folder):
    """A new folder with that total, which `program` has brought there; with 0, an empty one."""
    place = folder()
    if before:
        _call(program, "add", place, before // FACTOR)
    return place


def _bring_into_merge(program, place, part):
    program.begin("add", place, part)
    if program.finish(("merge", *ENDED)) != "merge":
        _check_ended(program)
        raise _Wrong("wrong_merge", "add_part returned, and merge was never called.")


def _check_ended(program):
    """Raises _Wrong where a program is neither in merge nor well at its end."""
    if program.at in ("raised", "died"):
        raise _Wrong("crashed", f"add_part or read_total {_end_of(program)}.")
    if program.at not in ("done", "merge"):
        raise _never_ends(program)


def _end_of(program):
    """How an add_part came out, as the rest of a sentence."""
    if program.at in ("raised", "died"):
        return f"ended with {program.error}"
    return "returned as if all were well" if program.at == "done" else "waits for ever"


def _never_ends(program):
    """The _Wrong for a program that does not get on: does it, when others that are at rest have been ended?"""
    for other in program.others:
        if other.at == "done":
            other.kill()
            if program.finish() == "done":
                reason = f"{other.letter} had returned from its call and lived on, and {program.letter} waited: it got on only when the program {other.letter} had been ended. Release the lock before you return."
                return _Wrong("lock_kept", reason)
    reason = f"{program.letter} does not get to the end of add_part or read_total, though nobody is in its way. What does it wait for?"
    return _Wrong("never_ends", reason)


def _expect_total(program, place, wanted, say, name="wrong_total"):
    found = _call(program, "read", place)
    if found != wanted:
        reason = f"{say}. {_MERGE}: the total should be {wanted}, and read_total says {found}."
        raise _Wrong(name, reason)


EXERCISE = Exercise(
    functions=("add_part", "read_total"),
    asks=(
        Ask("`add_part(folder, part, merge)` calls `merge(total, part)` once and stores what it gives. `read_total(folder)` gives the total of that folder, "
            "0 at first. Parts and totals are whole numbers, also negative ones.", add_in_turn),
        Ask("When several programs add at the same time, no part is lost: each merge is given what the one before it gave.",
            add_during_a_merge, add_between_any_two_steps),
        Ask("A program that is killed inside `merge` holds nobody up, and its part does not count.", add_beside_a_killed_holder),
        Ask("An exception that `merge` raises comes out of `add_part`. Its part does not count, and all programs can go on, this one too.", add_beside_a_failing_merge),
        Ask("A merge may take two seconds, and the other programs wait for it.", add_though_a_merge_takes_long),
        Ask("When `add_part` has returned, nothing that it started is still running.", leave_nothing),
    ),
)  # fmt: skip
