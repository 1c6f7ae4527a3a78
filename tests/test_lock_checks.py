"""The checks of lessons 07 to 09 on real files: right answers pass, wrong ones fail by name, nothing raises."""

import pytest
from answers import edited

from helpers import events, lab
from helpers.course.attacks import orders, parts, recursive_worker, safe_transfer, survivor
from helpers.resources import AccountFile
from helpers.resources.arranged import LingeringLock, ReservedLock
from helpers.workers.bank import transfer_in_given_order
from helpers.workers.waiting import come_second
from tests.spies import explorations

# ---- my_safe_transfer

MOVE = """source.write(source.read() - amount)
            target.write(target.read() + amount)
"""
TRANSFER_STUB = """
def transfer(source, target, first, second, amount):
    with first:
        with second:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
"""
TRANSFER = """
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    with first:
        with second:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
"""
BACK_OFF = """
from helpers.events import pause


def transfer(source, target, first, second, amount):
    while True:
        with first:
            if second.acquire(block=False):
                try:
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    return
                finally:
                    second.release()
        pause(0.001)
"""
# So many tries that a tape is full before the money is moved.
BUSY = edited(BACK_OFF, ("        pause(0.001)\n", ""))
BARE_ORDER = """
def transfer(source, target, first, second, amount):
    if source.name > target.name:
        first, second = second, first
    first.acquire()
    try:
        second.acquire()
        try:
            had, has = source.read(), target.read()
            target.write(has + amount)
            source.write(had - amount)
        finally:
            second.release()
    finally:
        first.release()
"""
WITH_TIMEOUT = edited(BACK_OFF, ("block=False", "timeout=0.05"))
KEEP_AND_TRY = """
def transfer(source, target, first, second, amount):
    with first:
        while not second.acquire(block=False):
            pass
        try:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
        finally:
            second.release()
"""
UNCHECKED = """
def transfer(source, target, first, second, amount):
    with first:
        second.acquire(timeout=0.02)
        source.write(source.read() - amount)
        target.write(target.read() + amount)
        second.release()
"""
UNCHECKED_TWICE = """
def transfer(source, target, first, second, amount):
    gots = [lock.acquire(timeout=0.02) for lock in (first, second)]
    source.write(source.read() - amount)
    target.write(target.read() + amount)
    for lock, got in zip((first, second), gots):
        if got:
            lock.release()
"""
ONE_BY_ONE = """
def transfer(source, target, first, second, amount):
    with first:
        source.write(source.read() - amount)
    with second:
        target.write(target.read() + amount)
"""
BARE_TRANSFER = """
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    first.acquire()
    second.acquire()
    source.write(source.read() - amount)
    target.write(target.read() + amount)
    second.release()
    first.release()
"""
LATE_WRITE = """
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    with first, second:
        source.write(source.read() - amount)
        money = target.read() + amount
    target.write(money)
"""
SPLIT_TRANSFER = """
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    with first, second:
        had, has = source.read(), target.read()
    with first, second:
        source.write(had - amount)
        target.write(has + amount)
"""
RELEASES_ANYWAY = """
def transfer(source, target, first, second, amount):
    while True:
        with first:
            try:
                if second.acquire(block=False):
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    return
            finally:
                second.release()
"""
ORDER = "key=lambda lock: lock.name"
OWN_LOCK = "from helpers.resources import Lock\n" + edited(
    TRANSFER, ("with first", "with Lock()"), ("with second", "with Lock()")
)
WRONG_TRANSFERS = [
    ("deadlock", TRANSFER_STUB),
    ("deadlock", edited(TRANSFER, ("[first, second], " + ORDER, "[first, second], key=lambda _: 0"))),
    ("deadlock", edited(BARE_ORDER, ("source.name > target.name", "source.read() > target.read()"))),
    ("no_lock", edited(TRANSFER, ("with first", "if True"), ("with second", "if True"))),
    ("no_common_lock", edited(TRANSFER_STUB, ("with second", "if True"))),
    ("no_common_lock", edited(TRANSFER, ("with second", "if True"))),
    ("one_lock_only", ONE_BY_ONE),
    ("outside_lock", LATE_WRITE),
    ("split_section", SPLIT_TRANSFER),
    ("own_lock", OWN_LOCK),
    ("own_lock", "import multiprocessing\nbank = multiprocessing.Lock()\n" + edited(TRANSFER, ("with first", "with bank"))),
    ("order_by_address", edited(TRANSFER, (ORDER, "key=id"))),
    ("order_by_address", edited(TRANSFER, (ORDER, "key=lambda lock: hash(lock.name)"))),
    ("waits_for_itself", edited(TRANSFER, ("with second", "with first"))),
    ("keeps_trying", KEEP_AND_TRY),
    ("gives_up", edited(BACK_OFF, ("while True", "for _ in range(2)"))),
    ("gives_up", edited(WITH_TIMEOUT, ("        pause(0.001)", "        raise TimeoutError(second.name)"))),
    ("goes_on_without_lock", UNCHECKED),
    ("goes_on_without_lock", UNCHECKED_TWICE),
    ("releases_a_stranger", RELEASES_ANYWAY),
    ("lock_kept", edited(BARE_TRANSFER, ("    second.release()\n", ""))),
    ("lock_kept", edited(BACK_OFF, ("finally", "except ZeroDivisionError"))),
    ("exception_keeps_lock", BARE_TRANSFER),
    ("exception_keeps_lock", edited(BACK_OFF, ("try:", "if True:"), ("return\n                finally:\n                    second.release()", "second.release()\n                    return"))),
    ("released_unheld", edited(BARE_ORDER, ("        second.acquire()\n        try:", "        try:\n            second.acquire()"))),
    ("released_twice", edited(BARE_TRANSFER, ("    first.release()", "    first.release()\n    first.release()"))),
    ("hides_the_fault", edited(TRANSFER, (MOVE, f"try:\n                {MOVE.replace('target', '    target')}            except RuntimeError: pass\n"))),
    ("lost_money", edited(TRANSFER, ("            target.write(target.read() + amount)\n", ""))),
    ("wrong_amount", edited(TRANSFER, ("- amount", "- 5"), ("+ amount", "+ 5"))),
    ("wrong_amount", "def transfer(source, target, first, second, amount): pass"),
    ("crashed", edited(TRANSFER, ("+ amount", "+ tea"))),
    ("never_ends", edited(TRANSFER, ("    with first", "    while True: pass\n    with first"))),
    ("foreign_tool", "import random\nrandom.random()\n" + TRANSFER),
    ("missing_function", edited(TRANSFER, ("def transfer", "def move"))),
]  # fmt: skip

# ---- my_survivor

SURVIVOR_STUB = """
PATIENCE = 0.5  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        lock.acquire(timeout=PATIENCE)
        counter.write(counter.read() + 1)
        lock.release()
"""
SURVIVOR = """
PATIENCE = 0.5  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(f"no lock {lock.name!r} after {PATIENCE} s: is its holder dead?")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
"""
WHOLE_LOOP = """
PATIENCE: float = 1.0


def add_safely(counter, lock, times):
    if not lock.acquire(True, PATIENCE):
        raise TimeoutError(lock.name)
    try:
        for _ in range(times):
            counter.write(counter.read() + 1)
    finally:
        lock.release()
"""
POLLING = """
from contextlib import contextmanager

from helpers.events import pause

PATIENCE, STEP = 0.5, 0.01


@contextmanager
def patiently(lock):
    for _ in range(50):
        if lock.acquire(block=False):
            break
        pause(STEP)
    else:
        raise TimeoutError(f"{lock}")
    try:
        yield
    finally:
        lock.release()


def add_safely(counter, lock, times):
    for _ in range(times):
        with patiently(lock):
            counter.write(counter.read() + 1)
"""
POLLING = edited(POLLING, ("PATIENCE, STEP = 0.5, 0.01", "PATIENCE = 0.5\nSTEP = 0.01"))
WITH_LOCK = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        with lock:
            counter.write(counter.read() + 1)
"""
RAISES = '            raise TimeoutError(f"no lock {lock.name!r} after {PATIENCE} s: is its holder dead?")\n'
RELEASE_IN_ALL_CASES = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        try:
            if not lock.acquire(timeout=PATIENCE):
                raise TimeoutError(lock.name)
            counter.write(counter.read() + 1)
        finally:
            lock.release()
"""
TAKE_IT_BY_FORCE = edited(
    SURVIVOR, (RAISES, "            lock.release()\n            lock.acquire()\n")
)
WRITE_LATER = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(lock.name)
        try:
            value = counter.read()
        finally:
            lock.release()
        counter.write(value + 1)
"""
WRITE_AGAIN = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        take(lock)
        value = counter.read()
        lock.release()
        take(lock)
        counter.write(value + 1)
        lock.release()


def take(lock):
    if not lock.acquire(timeout=PATIENCE):
        raise TimeoutError(lock.name)
"""
NO_LOCK = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        counter.write(counter.read() + 1)
"""
FINALLY = "        try:\n            counter.write(counter.read() + 1)\n        finally:\n            lock.release()\n"
BARE = "        counter.write(counter.read() + 1)\n        lock.release()\n"
WRONG_SURVIVORS = [
    ("goes_on_without_lock", SURVIVOR_STUB),
    ("goes_on_without_lock", edited(SURVIVOR, (RAISES, "            pass\n"))),
    ("waits_for_ever", WITH_LOCK),
    ("waits_for_ever", edited(SURVIVOR, ("if not", "while not"), (RAISES, "            pass\n"))),
    ("waits_for_ever", edited(SURVIVOR, ("timeout=PATIENCE", "timeout=30"))),
    ("releases_a_stranger", RELEASE_IN_ALL_CASES),
    ("releases_a_stranger", TAKE_IT_BY_FORCE),
    ("gives_up_silently", edited(SURVIVOR, (RAISES, "            return\n"))),
    ("gives_up_silently", edited(SURVIVOR, (RAISES, "            continue\n"))),
    ("wrong_error", edited(SURVIVOR, ("TimeoutError", "RuntimeError"))),
    ("wrong_error", edited(SURVIVOR, (RAISES, "            raise TimeoutError\n"))),
    ("too_impatient", edited(SURVIVOR, ("PATIENCE = 0.5", "PATIENCE = 0.01"))),
    ("too_impatient", edited(SURVIVOR, ("timeout=PATIENCE", "block=False"))),
    ("bad_patience", edited(SURVIVOR, ("PATIENCE = 0.5", "PATIENCE = 60"))),
    ("bad_patience", edited(SURVIVOR, ("PATIENCE = 0.5", "PATIENCE = None"))),
    ("bad_patience", edited(SURVIVOR, ("PATIENCE = 0.5", "patience = 0.5"))),
    ("lock_kept", edited(SURVIVOR, (FINALLY, "        counter.write(counter.read() + 1)\n"))),
    ("exception_keeps_lock", edited(SURVIVOR, (FINALLY, BARE))),
    ("hides_the_fault", edited(SURVIVOR, ("        finally:", "        except RuntimeError:\n            pass\n        finally:"))),
    ("no_lock", NO_LOCK),
    ("own_lock", "from helpers.resources import Lock\n" + edited(SURVIVOR, ("    for", "    lock = Lock('ledger')\n    for"))),
    ("outside_lock", WRITE_LATER),
    ("split_section", WRITE_AGAIN),
    ("wrong_count", edited(SURVIVOR, ("+ 1", "+ 2"))),
    ("crashed", edited(SURVIVOR, ("if not", "raise TimeoutError(lock.name)\n        if not"))),
]  # fmt: skip

# ---- my_recursive_worker

REENTRANT_STUB = """
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
    if depth > 1:
        count_down_reentrant(counter, lock, depth - 1)
"""
SPLIT_STUB = """
def count_down_split(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_split(counter, lock, depth - 1)
"""
REENTRANT = """
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)
"""
SPLIT = """
def count_down_split(counter, lock, depth):
    with lock:
        _count_down(counter, depth)


def _count_down(counter, depth):
    counter.write(counter.read() + 1)
    if depth > 1:
        _count_down(counter, depth - 1)
"""
RECURSIVE_STUB = f"{REENTRANT_STUB}\n{SPLIT_STUB}"
RECURSIVE = f"{REENTRANT}\n{SPLIT}"
BARE_RECURSIVE = """
def count_down_reentrant(counter, lock, depth):
    if depth == 0:
        return
    lock.acquire()
    try:
        count_down_reentrant(counter, lock, depth - 1)
        counter.write(counter.read() + 1)
    finally:
        lock.release()


def count_down_split(counter, lock, depth):
    def helper(level):
        if level:
            helper(level - 1)
            counter.write(counter.read() + 1)

    lock.acquire()
    try:
        helper(depth)
    finally:
        lock.release()
"""
CLASSES = """
class Till:
    def __init__(self, counter, lock):
        self.counter, self.lock = counter, lock

    def add(self, depth):
        with self.lock:
            self._add_one()
            if depth > 1:
                self.add(depth - 1)

    def add_split(self, depth):
        with self.lock:
            for _ in range(depth):
                self._add_one()

    def _add_one(self):
        self.counter.write(self.counter.read() + 1)


def count_down_reentrant(counter, lock, depth):
    Till(counter, lock).add(depth)


def count_down_split(counter, lock, depth):
    Till(counter, lock).add_split(depth)
"""
TRY_FIRST = """
def count_down_split(counter, lock, depth):
    got = lock.acquire(block=False)
    try:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_split(counter, lock, depth - 1)
    finally:
        if got:
            lock.release()
"""
ONE_RELEASE_SHORT = """
def count_down_reentrant(counter, lock, depth):
    lock.acquire()
    counter.write(counter.read() + 1)
    if depth > 1:
        count_down_reentrant(counter, lock, depth - 1)
        lock.release()
"""
ONE_RELEASE_MORE = edited(ONE_RELEASE_SHORT, ("        lock.release()\n", "        lock.release()\n    lock.release()\n"))  # fmt: skip
BARE_REENTRANT = edited(ONE_RELEASE_SHORT, ("        lock.release()", "    lock.release()"))
SPLIT_EACH = """
def count_down_split(counter, lock, depth):
    with lock:
        _add_one(counter)
    if depth > 1:
        count_down_split(counter, lock, depth - 1)


def _add_one(counter):
    counter.write(counter.read() + 1)
"""
READ_APART = edited(REENTRANT, ("    with lock:\n        counter.write(counter.read() + 1)", "    with lock:\n        value = counter.read()\n    with lock:\n        counter.write(value + 1)"))  # fmt: skip
READ_BEFORE = edited(SPLIT, ("    with lock:\n        _count_down(counter, depth)", "    value = counter.read()\n    with lock:\n        counter.write(value + depth)"))  # fmt: skip
UNLOCKED = edited(SPLIT, ("    with lock:", "    if True:"))
WRONG_RECURSIVE = [
    ("waits_for_itself", RECURSIVE_STUB),
    ("waits_for_itself", REENTRANT + SPLIT_STUB),
    ("split_section", REENTRANT_STUB + SPLIT),
    ("split_section", REENTRANT + SPLIT_EACH),
    ("split_section", READ_APART + SPLIT),
    ("lock_kept", ONE_RELEASE_SHORT + SPLIT),
    ("released_twice", ONE_RELEASE_MORE + SPLIT),
    ("exception_keeps_lock", BARE_REENTRANT + SPLIT),
    ("wrong_count", edited(RECURSIVE, ("if depth > 1", "if depth > 2"))),
    ("wrong_count", "def count_down_reentrant(*_): pass\ndef count_down_split(*_): pass"),
    ("no_lock", REENTRANT + UNLOCKED),
    ("outside_lock", REENTRANT + READ_BEFORE),
    ("own_lock", f"from helpers.resources import RLock\n{REENTRANT}{edited(SPLIT, ('with lock', 'with RLock()'))}"),
    ("own_lock", f"import threading\nmine = threading.RLock()\n{REENTRANT}{edited(SPLIT, ('with lock', 'with mine'))}"),
    ("goes_on_without_lock", REENTRANT + TRY_FIRST),
    ("not_reentrant", edited(SPLIT, ("count_down_split", "count_down_reentrant")) + SPLIT),
    ("hides_the_fault", edited(RECURSIVE, ("        _count_down(counter, depth)\n", "        try: _count_down(counter, depth)\n        except RuntimeError: pass\n"))),
    ("missing_function", REENTRANT),
    ("missing_function", SPLIT),
]  # fmt: skip


RIGHT = [
    ("my_safe_transfer", TRANSFER),
    ("my_safe_transfer_solution", TRANSFER),
    ("my_safe_transfer", BARE_ORDER),
    ("my_safe_transfer", BACK_OFF),
    ("my_safe_transfer", BUSY),
    ("my_safe_transfer", WITH_TIMEOUT),
    ("my_survivor", SURVIVOR),
    ("my_survivor", WHOLE_LOOP),
    ("my_survivor", POLLING),
    ("my_recursive_worker", RECURSIVE),
    ("my_recursive_worker", BARE_RECURSIVE),
    ("my_recursive_worker", CLASSES),
]


@pytest.mark.parametrize(("name", "source"), RIGHT)
def test_a_right_answer_passes(checked, name, source):
    found = checked(name, source)
    assert str(found) == f"{name}.py: passed. It held out against every attack."


def with_name(name, answers):
    return [(name, failure, source) for failure, source in answers]


WRONG = [
    *with_name("my_safe_transfer", WRONG_TRANSFERS),
    *with_name("my_survivor", WRONG_SURVIVORS),
    *with_name("my_recursive_worker", WRONG_RECURSIVE),
]


@pytest.mark.parametrize(("name", "failure", "source"), WRONG)
def test_a_wrong_answer_fails_by_its_name(checked, name, failure, source, monkeypatch):
    monkeypatch.setattr(parts, "TWO_METHODS", parts.TWO_METHODS[:1])
    found = checked(name, source)
    assert not found.passed
    assert found.failure.name == failure, str(found)
    assert found._repr_html_()


# ---- the attacks one by one


@pytest.fixture
def answer(tmp_path):
    """Writes an answer into a file and gives back its path."""

    def do(source):
        path = tmp_path / "my_answer.py"
        path.write_text(source)
        return str(path)

    return do


def asked_of(explored):
    """How many processes, how often each (the last argument), and which fault."""
    return {(len(o["team"]), o["team"][0][1][-1], o["fault"]) for o, _ in explored}


def test_the_model_asks_for_two_and_three_transfers_and_for_an_exception_at_each_step(
    answer, monkeypatch
):
    explored = explorations(monkeypatch)
    assert safe_transfer.transfer_in_every_order(answer(TRANSFER)) is None
    steps = range(6)  # two acquires, then read, write, read, write; a release may not fail
    assert asked_of(explored) == {(2, 10, None), (3, 10, None)} | {
        (processes, 10, ("A", step)) for processes in (1, 2) for step in steps
    }
    assert all(found.is_proof for _, found in explored)


@pytest.mark.parametrize("source", [BACK_OFF, WITH_TIMEOUT])
def test_who_tries_again_for_ever_is_followed_as_far_as_it_goes(answer, monkeypatch, source):
    monkeypatch.setattr(orders, "_PATIENCE", 30.0)
    explored = explorations(monkeypatch)
    assert safe_transfer.transfer_in_every_order(answer(source)) is None
    assert {found.ended for _, found in explored} == {"complete"}
    assert explored[0][1].cut and explored[0][1].schedules


def test_the_model_asks_for_every_survivor(answer, monkeypatch):
    explored = explorations(monkeypatch)
    assert survivor.add_in_every_order(answer(SURVIVOR)) is None
    plain = {(processes, times, None) for processes, times in ((2, 1), (3, 1), (2, 2))}
    steps = (0, 1, 2, 4, 5, 6)
    assert asked_of(explored) == plain | {(n, 2, ("A", step)) for n in (1, 2) for step in steps}
    assert all(found.is_proof for _, found in explored)


def test_the_model_asks_for_both_recursions(answer, monkeypatch):
    explored = explorations(monkeypatch)
    assert recursive_worker.count_in_every_order(answer(RECURSIVE)) is None
    assert {o["team"][0][0].name for o, _ in explored} == {
        "count_down_reentrant",
        "count_down_split",
    }
    assert {fault[1] for *_, fault in asked_of(explored) if fault} == {0, 1, 2, 3, 4, 5}
    assert all(found.is_proof for _, found in explored)


def test_the_circle_is_told_with_the_order_that_leads_to_it(checked):
    found = checked("my_safe_transfer", TRANSFER_STUB)
    assert found.failure.run.circle == ("A", "2", "B", "1")
    assert str(found).endswith(
        "(deadlock). A circle, in which nobody gives way: A waits for lock 2, which B holds and "
        "B waits for lock 1, which A holds. The order, one letter for each step: AB. "
        "Real processes took it."
    )


IN_REAL_RUNS = [
    ("deadlock", TRANSFER_STUB),
    ("keeps_trying", KEEP_AND_TRY),
    ("gives_up", edited(BACK_OFF, ("while True", "for _ in range(1)"))),
    ("goes_on_without_lock", UNCHECKED),
    ("lost_money", edited(TRANSFER, ("            target.write(target.read() + amount)\n", ""))),
]


@pytest.mark.parametrize(("failure", "source"), IN_REAL_RUNS)
def test_transfers_that_meet_for_real_find_it_too(answer, failure, source):
    found = safe_transfer.transfer_in_real_runs(answer(source))
    assert found.name == failure, found.reason
    assert not found.schedule


def test_a_killed_holder_is_outlived_by_the_clock_too(answer, monkeypatch):
    runs = []
    monkeypatch.setattr(survivor, "_no_survivor", runs.append)
    survivor.outlive_a_killed_holder(answer(SURVIVOR))
    assert [bool(run.schedule) for run in runs] == [True, False]
    for run in runs:
        assert [crash.process for crash in run.crashes] == ["A", "B", "C"]
        assert run.crashes[0].held == ("ledger",)
        assert [crash.error for crash in run.crashes[1:]] == ["TimeoutError"] * 2
        assert run.account.observed == 0


def test_a_level_that_lets_others_in_is_shown_with_who_came_in(answer):
    failure = recursive_worker.count_in_one_section(answer(REENTRANT + SPLIT_EACH))
    assert failure.run.schedule == failure.schedule == "AAAABBBBBBBBAAAA"
    writers = [event.process for event in failure.run.events if event.op == "write"]
    assert writers == list("ABBA")


def test_a_check_that_is_stopped_says_so(answer):
    team = recursive_worker._team(answer(RECURSIVE), "count_down_split", 2)
    run = recursive_worker.replace(lab.run(team=team, processes=2), verdict="stopped")
    assert recursive_worker._bad_end("count_down_split", 4, run).name == "stopped"
    assert survivor._bad_end(run, 2, range(4, 5)).name == "stopped"
    assert safe_transfer._bad_end({}, run).name == "stopped"


# ---- the locks that bring processes together


def test_those_that_linger_with_their_first_lock_meet():
    one, two = AccountFile("one"), AccountFile("two")
    first, second = LingeringLock("1", 0.2), LingeringLock("2", 0.2)
    team = [
        (transfer_in_given_order, (one, two, first, second, 10, 1, 0)),
        (transfer_in_given_order, (two, one, second, first, 10, 1, 0)),
    ]
    assert lab.run(team=team, processes=2).verdict == "deadlock"


def test_a_lock_lingers_once_in_each_trial(monkeypatch):
    pauses = []
    monkeypatch.setattr(events, "pause", pauses.append)
    lock = LingeringLock(seconds=3)
    for _ in range(2):
        lock.enter("")
        for _ in range(2):
            with lock:
                assert not lock.acquire(block=False)
    assert pauses == [3, 3]


def test_a_reserved_lock_is_taken_by_its_first_one_first():
    lock = ReservedLock(first="B")
    run = lab.run(team=[(come_second, (lock, 0)), (come_second, (lock, 0.02))], processes=2)
    assert run.verdict == "correct"
    assert [e.process for e in run.events if e.op == "acquire"] == ["B", "A"]
