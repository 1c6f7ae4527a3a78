"""CounterFile does the steps it says; the observed locks behave as the plain ones and leave a record."""

import contextlib
import importlib
import math
import multiprocessing
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial

import pytest
from cases import cases
from claim import claim
from conftest import ROOT

from helpers import events, lab
from helpers.resources import (
    CounterFile,
    DatabaseLock,
    FileLock,
    Lock,
    RLock,
    ThreadLock,
    shared_files,
)
from helpers.schedules import Walk, explore
from helpers.workers.counter import increment_without_lock


@pytest.fixture
def tape(tmp_path):
    """Steps of this process are recorded here, as A's."""
    tape = events.Tape(tmp_path / "A.tape", slots=100)
    events.observer = events.Free("A", tape)
    yield tape
    events.observer = events.Unobserved()
    tape.close()


def steps(tape):
    return [(event.op, event.arg, event.seen, event.outcome) for event in tape.events("A")]


@pytest.fixture
def number_file(tmp_path):
    path = tmp_path / "number.txt"
    path.write_text("-.0000 7")
    return path


# --- CounterFile ---------------------------------------------------------------------------------


def test_outside_a_run_a_counter_reads_and_writes_the_file_of_its_path(number_file):
    counter = CounterFile(path=str(number_file))
    counter.write(counter.read() + 1)
    assert number_file.read_text() == "-.0001 8"
    assert counter.read() == 8


def test_outside_a_run_a_counter_without_a_path_says_how_to_mend_it():
    with pytest.raises(RuntimeError, match=r"'counter' belongs to no run.*CounterFile\(path="):
        CounterFile().read()


def test_a_replacing_write_is_one_step_with_its_id(tape, number_file):
    counter = CounterFile(path=str(number_file))
    counter.read()
    counter.write(8)
    counter.write(9)
    assert steps(tape) == [
        ("read", "", "-.0000 7", "done"),
        ("write", "8", "A.0001 8", "done"),
        ("write", "9", "A.0002 9", "done"),
    ]
    assert number_file.read_text() == "A.0002 9"


def test_a_truncating_write_is_two_steps(tape, number_file):
    CounterFile(path=str(number_file), write="truncate").write(8)
    assert steps(tape) == [("empty", "8", "", "done"), ("fill", "8", "A.0001 8", "done")]
    assert number_file.read_text() == "A.0001 8"


def test_between_the_two_steps_of_a_truncating_write_the_file_is_empty(number_file):
    counter = CounterFile(path=str(number_file), write="truncate")
    counter.do("empty", 8)
    assert number_file.read_text() == ""
    counter.do("fill", 8)
    assert number_file.read_text() == "-.0001 8"


def test_a_reader_never_meets_an_empty_file_where_writes_replace_it(number_file, monkeypatch):
    replace, seen_before = os.replace, []

    def look_round_about(fresh, path):
        seen_before.append(number_file.read_text())
        replace(fresh, path)
        seen_before.append(number_file.read_text())

    monkeypatch.setattr(os, "replace", look_round_about)
    CounterFile(path=str(number_file)).write(8)
    assert seen_before == ["-.0000 7", "-.0001 8"]


def test_an_empty_file_reads_as_zero_or_raises_as_chosen(tape, number_file):
    number_file.write_text("")
    assert CounterFile(path=str(number_file), empty="zero").read() == 0
    with pytest.raises(ValueError, match=r"invalid literal for int\(\) with base 10: ''"):
        CounterFile(path=str(number_file), empty="raise").read()
    assert steps(tape) == [("read", "", "", "done"), ("read", "", "ValueError", "raised")]


def test_a_torn_number_is_read_as_it_stands_there(number_file):
    number_file.write_text("B.0009 90")
    assert CounterFile(path=str(number_file)).read() == 90


def test_the_number_behind_a_longer_id_is_read_right(number_file):
    number_file.write_text(events.stamp("B", 10_000, 12_345))
    assert CounterFile(path=str(number_file)).read() == 12_345


def test_ids_begin_again_with_the_files_of_the_next_trial(tmp_path):
    counter = CounterFile("a counter").bind(multiprocessing.get_context("spawn"))
    for trial in ("1", "2"):
        (tmp_path / trial).mkdir()
        counter.enter(tmp_path / trial)
        counter.prepare()
        counter.write(5)
    assert (tmp_path / "2" / "a counter.txt").read_text() == "-.0001 5"


@cases(
    "values error message",
    ({"write": "append"}, ValueError, 'write=\'append\': choose "replace" or "truncate"'),
    ({"empty": "nought"}, ValueError, 'empty=\'nought\': choose "zero" or "raise"'),
    ({"name": "../thesis"}, ValueError, "name='../thesis': choose 1 to 40 letters"),
    ({"name": "/home/me/thesis"}, ValueError, "choose 1 to 40 letters"),
    ({"name": ""}, ValueError, "choose 1 to 40 letters"),
    ({"name": "n" * 41}, ValueError, "choose 1 to 40 letters"),
    ({"name": 5}, ValueError, "name=5: choose 1 to 40 letters"),
    ({"start": "7"}, TypeError, "start='7': give a whole number"),
    ({"start": True}, TypeError, "start=True"),
)
def test_bad_descriptions_of_a_counter_are_refused(values, error, message):
    with pytest.raises(error, match=re.escape(message)):
        CounterFile(**values)


@pytest.mark.parametrize("number", [1.0, "8", None, True])
def test_only_whole_numbers_are_written(number_file, number):
    counter = CounterFile(path=str(number_file), write="truncate")
    with pytest.raises(TypeError, match=re.escape(f"number={number!r}: give a whole number")):
        counter.write(number)
    assert number_file.read_text() == "-.0000 7"


# --- Windows: somebody has the file open ---------------------------------------------------------


@cases(
    "is_windows refusals limit tries",
    (True, 3, 10, 4),  # again until the file is closed
    (True, 1_000_000, 0.02, None),  # and up to a limit
    (False, 1, 10, 1),
)
def test_windows_tries_again_until_the_file_is_closed(
    monkeypatch, is_windows, refusals, limit, tries
):
    def action():
        tried.append("once")
        if len(tried) <= refusals:
            raise PermissionError("in use")
        return "done"

    tried = []
    monkeypatch.setattr(shared_files, "_WINDOWS", is_windows)
    if tries and tries > refusals:
        assert shared_files.patiently(action, limit=limit) == "done"
    else:
        with pytest.raises(PermissionError, match="in use"):
            shared_files.patiently(action, limit=limit)
    assert len(tried) == tries if tries else len(tried) >= 2


# --- locks ---------------------------------------------------------------------------------------

SPAWN = multiprocessing.get_context("spawn")
PAIRS = {"Lock": (Lock, SPAWN.Lock), "RLock": (RLock, SPAWN.RLock)}
KINDS = {**PAIRS, "ThreadLock": (ThreadLock, threading.Lock)}


def in_other_thread(action):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(action).result()


def outcome(action):
    """What a call gives, or the type of what it raises."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - any two that differ
        return type(error)


def taken(lock):
    lock.acquire()
    return lock


def two_deep(lock):
    results = [lock.acquire(), lock.acquire(timeout=0)]
    for _ in range(sum(results) + 1):  # once more than it was taken
        results.append(outcome(lock.release))
    return results


def in_with(lock):
    with lock as entered:
        inside = in_other_thread(lambda: lock.acquire(False))
    return entered, inside, lock.acquire(False)


def after_error_in_with(lock):
    with contextlib.suppress(KeyError), lock:
        raise KeyError
    return lock.acquire(False)


BEHAVIOURS = {
    "acquire": lambda lock: lock.acquire(),
    "release when free": lambda lock: lock.release(),
    "acquire and release": lambda lock: taken(lock).release(),
    "acquire(False)": lambda lock: lock.acquire(False),
    "acquire(False) while held": lambda lock: taken(lock).acquire(False),
    "acquire(False, 5) while held": lambda lock: taken(lock).acquire(False, 5),
    "acquire(block=False, timeout=None)": lambda lock: lock.acquire(block=False, timeout=None),
    "timeout while held": lambda lock: taken(lock).acquire(timeout=0.001),
    "negative timeout": lambda lock: lock.acquire(timeout=-1),
    "negative timeout while held": lambda lock: taken(lock).acquire(True, -2),
    "timeout no number": lambda lock: lock.acquire(timeout="soon"),
    "wrong keyword": lambda lock: lock.acquire(blocking=False),
    "unknown attribute": lambda lock: lock.unlock,
    "two deep": two_deep,
    "with": in_with,
    "error in with": after_error_in_with,
    "acquire by another thread": lambda lock: in_other_thread(lambda: taken(lock) and True),
    "release by another thread": lambda lock: in_other_thread(lambda: outcome(taken(lock).release)),
    "released twice": lambda lock: (taken(lock).release(), lock.release()),
    "without a limit, as threads say": lambda lock: lock.acquire(True, -1),
    "no limit by None": lambda lock: lock.acquire(True, None),
    "blocking=True": lambda lock: lock.acquire(blocking=True),
    "locked": lambda lock: (lock.locked(), taken(lock).locked()),
    "release of another thread's": lambda lock: (
        in_other_thread(lock.acquire),
        outcome(lock.release),
    ),
    "acquire of another thread's": lambda lock: (
        in_other_thread(lock.acquire),
        lock.acquire(False),
    ),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("heard", [False, True], ids=["in a cell", "on a tape"])
def test_observed_locks_behave_as_the_plain_ones(kind, behaviour, heard, request):
    if heard:
        request.getfixturevalue("tape")
    observed, plain = KINDS[kind]
    act = BEHAVIOURS[behaviour]
    assert outcome(lambda: act(observed())) == outcome(lambda: act(plain()))


# Arguments of an acquire, many of which no lock takes, or only some kinds on some Pythons.
ODD = [
    *((value,) for value in (True, 1, 0, False, None, "yes", [1], [], 1.5)),
    *((True, value) for value in ("5", "x", [], b"1", math.nan, math.inf, -math.inf, 1e19, -1e19)),
    *(
        (True, value)
        for value in (2**63, 2**70, 10**400, 0, -1, -1.0, 0.001, 1e10, Fraction(1, 999))
    ),
    *((False, value) for value in ("5", math.nan, 1e19, 2**70, None, 0.5, -1)),
]
ON_FILES = {kind.__name__: (kind, SPAWN.Lock) for kind in (FileLock, DatabaseLock)}


class Modelling:
    """The observer of one lock that is a state in memory, as for `explore`."""

    lock_tape = None

    def __init__(self, state):
        self.state = state

    def step(self, lock, op, arg=None):
        done = lock.model(self.state, 0, op, arg)
        assert done is not events.BLOCKED
        self.state, given = done
        return given


def refuse_to_wait(word):
    assert word == "at"


def would_wait(plain, args):
    """Whether a plain lock that is held takes these arguments and waits, for ever or for long."""
    if outcome(lambda: plain().acquire(*args)) is not True or not args[0]:
        return False
    endless = -1 if plain is threading.Lock else None
    timeout = [*args, endless][1]
    return timeout == endless or 1 < timeout < 2**63


SITUATIONS = [(kind, situation) for kind in {**KINDS, **ON_FILES} for situation in ("free", "held")]


@pytest.mark.parametrize(("kind", "situation"), [*SITUATIONS, ("RLock", "owned")])
@pytest.mark.parametrize("way", ["in a cell", "free", "stepped", "model"])
def test_acquire_takes_and_refuses_what_the_plain_lock_does(way, kind, situation, tape, tmp_path):
    observed, plain = {**KINDS, **ON_FILES}[kind]
    others = {"RLock": (1, 1), "ThreadLock": frozenset({0})}.get(kind, 0)
    different = {}
    for args in ODD:
        if situation == "held" and would_wait(plain, args):
            continue
        lock, beside = observed(), plain()
        lock.enter(str(tmp_path))
        if situation == "held":
            for one in (beside, lock.real):
                in_other_thread(one.acquire) if kind == "RLock" else one.acquire()
        events.observer = {
            "in a cell": events.Unobserved(),
            "free": events.Free("A", tape),
            "stepped": events.Stepped("A", tape, refuse_to_wait),
            "model": Modelling(others if situation == "held" else lock.model_start()),
        }[way]
        if situation == "owned":
            beside.acquire()
            lock.acquire()
        found, right = (outcome(partial(one.acquire, *args)) for one in (lock, beside))
        if found != right:
            different[repr(args)] = found, right
        lock.leave()
    assert different == {}


@pytest.mark.parametrize("kind", PAIRS)
def test_the_repr_shows_name_and_plain_lock(kind):
    observed, plain = PAIRS[kind]
    lock = observed("door")
    assert repr(lock) == "<door: not used yet>"
    with lock:
        pass
    assert repr(lock) == f"<door: {plain()!r}>"
    with lock:
        assert re.fullmatch(f"<door: <{kind}.*MainProcess.*>>", repr(lock))


def lock_steps(tape):
    return [(event.op, event.arg, event.outcome) for event in tape.events("A")]


def test_acquire_and_release_are_recorded_with_their_marks(tape):
    lock = Lock("door")
    assert tape.held() == ()
    lock.acquire()
    assert tape.held() == ("door",)
    lock.release()
    assert tape.held() == ()
    assert lock_steps(tape) == [("acquire", "", "done"), ("release", "", "done")]


def test_a_try_for_a_held_lock_is_recorded_as_refused_and_marks_nothing(tape):
    lock, door = Lock("door"), Lock("free")
    lock.real.acquire()  # as another process would
    assert not lock.acquire(block=False)
    assert door.acquire(timeout=5)
    assert tape.held() == ("free",)
    assert lock_steps(tape) == [("acquire", "try", "refused"), ("acquire", "try", "done")]


def test_a_thread_lock_keeps_its_record(tape):
    lock = ThreadLock()
    with lock:
        lock.acquire(blocking=False)
        assert tape.held() == ("thread lock",)
    with pytest.raises(RuntimeError):
        lock.release()
    assert (tape.held(), tape.events("A")[0].identity) == ((), lock.identity)
    tries = [("acquire", "", "done"), ("acquire", "try", "refused")]
    assert lock_steps(tape) == [*tries, ("release", "", "done"), ("release", "", "raised")]


def test_what_a_lock_raises_is_recorded(tape):
    lock = RLock("door")
    with pytest.raises(AssertionError):
        lock.release()
    with pytest.raises(TypeError):
        lock.acquire(timeout="soon")
    assert lock_steps(tape) == [("release", "", "raised"), ("acquire", "try", "raised")]
    assert tape.held() == ()


def test_a_release_that_fails_leaves_the_mark(tape):
    lock = RLock("door")
    lock.acquire()
    error = in_other_thread(lambda: outcome(lock.release))
    assert (error, tape.held()) == (AssertionError, ("door",))


def test_a_reentrant_lock_is_marked_until_its_last_release(tape):
    lock = RLock("door")
    with lock:
        with lock:
            pass
        assert tape.held() == ("door",)
    assert tape.held() == ()


def test_a_waiting_acquire_is_open_on_the_tape(tape):
    lock = Lock("door")
    lock.real.acquire()
    waiting = threading.Thread(target=lock.acquire)
    waiting.start()
    while tape.counter == 0:
        pass
    (event,) = tape.events("A")
    assert (event.op, event.outcome, tape.held()) == ("acquire", "open", ())
    lock.real.release()
    waiting.join()
    assert (lock_steps(tape), tape.held()) == ([("acquire", "", "done")], ("door",))


@pytest.mark.parametrize("kind", PAIRS)
def test_a_lock_on_a_full_tape_still_works_and_is_counted(tmp_path, kind):
    tape = events.Tape(tmp_path / "full.tape", slots=1)
    events.observer = events.Free("A", tape)
    lock = PAIRS[kind][0]("door")
    for _ in range(2):
        with lock:
            assert tape.held() == ("door",)
    events.observer = events.Unobserved()
    assert lock_steps(tape) == [("acquire", "", "done")]
    assert tape.dropped() == {("door", "acquire"): 1, ("door", "release"): 2}
    tape.close()


def test_bound_locks_are_fresh_ones_of_the_same_name():
    lock = Lock("door")
    lock.acquire()
    bound = lock.bind(multiprocessing.get_context())
    assert bound.name == "door"
    assert bound.identity != lock.identity
    assert bound.acquire(block=False)


# ---- a resource of a new kind, as CONTRIBUTING shows one


def test_a_new_resource_works_in_all_three_ways_from_its_docstring_alone(tmp_path, monkeypatch):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(from helpers.*?)```", text, re.DOTALL)
    assert len([line for line in source.splitlines() if line]) <= 33
    (tmp_path / "ledger.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    ledger = importlib.import_module("ledger").Ledger("ledger")
    found = explore(increment_without_lock, ledger, 1, 0)
    assert [(outcome["ledger"], outcome.count) for outcome in found.outcomes] == [(1, 4), (2, 2)]
    for outcome in found.outcomes:
        how = {"processes": 2, "schedule": outcome.schedule}
        run = lab.run(increment_without_lock, ledger, 1, 0, **how)
        walk = Walk(increment_without_lock, ledger, 1, 0, **how)
        assert run.account.observed == walk.accounts["ledger"].observed == outcome["ledger"]
        assert run.verdict == ("correct" if outcome["ledger"] == 2 else "lost_updates")
    free = lab.run(increment_without_lock, ledger, 5, 0.01, processes=3)
    assert (free.verdict, free.account.total) == ("lost_updates", 15)


@claim("10", "on Windows a file that somebody has open cannot be replaced; elsewhere it can")
def test_a_file_that_somebody_has_open_can_be_replaced_except_on_windows(tmp_path):
    path, fresh = tmp_path / "log.txt", tmp_path / "fresh.txt"
    path.write_text("old")
    fresh.write_text("new")
    refused = pytest.raises(PermissionError) if os.name == "nt" else contextlib.nullcontext()
    with open(path) as file:
        with refused:
            os.replace(fresh, path)
        assert file.read() == "old"
    assert path.read_text() == ("old" if os.name == "nt" else "new")
