"""The code of a schedule: made by walks, runs and explorations, taken by all of them, refused with the reason where it does not fit."""

import re

import pytest
import workers_for_tests as workers
from cases import cases, few
from runs import EACH, LOCKED, RACE, crossed, team_of

from helpers import lab
from helpers.course import check
from helpers.exercises import checking, findings
from helpers.pictures import result_html
from helpers.resources import CounterFile, Lock
from helpers.schedules import Walk, explore, progress_graph
from helpers.workers.counter import increment_without_lock

CODE = Walk(*RACE, schedule="ABBA").code
SOLO = "the code is for processes=2, increment-without-lock; here "


def walked(code, *experiment, **how):
    return Walk(*(experiment or RACE), schedule=code, **how)


def changed(code, *, at, to):
    """A code with another part at that place."""
    parts = code.split(":")
    return ":".join([*parts[:at], to, *parts[at + 1 :]])


# ---- what it is, and who takes it


def test_it_names_setup_processes_and_letters_and_needs_no_quotes():
    assert re.fullmatch("increment-without-lock:2:ABBA:[0-9a-f]{6}", CODE)
    file = CounterFile()
    team = [(workers.add_one, (file,)), (increment_without_lock, (file, 1, 0))]
    assert Walk(team=team, schedule="A").code.startswith("add-one-increment-without-lock:2:A:")
    assert Walk(*RACE).code == ""


def test_spaces_and_capitals_do_not_matter():
    for code in (f"  {CODE}\n", CODE.upper(), CODE.replace(":", ": "), f"03:other-name{CODE[22:]}"):
        assert walked(code).schedule == "ABBA"


def test_a_free_run_has_none_and_a_stepped_one_that_of_the_model():
    assert lab.run(*RACE, processes=2).code == ""
    for how in ({"schedule": "ABBA"}, {"schedule": CODE}):
        run = lab.run(*RACE, processes=2, **how)
        assert (run.schedule, run.code) == ("ABBA", CODE)


def test_one_that_begins_an_order_lets_the_rest_run_in_alphabetical_order():
    run = lab.run(*LOCKED, processes=2, schedule=Walk(*LOCKED, schedule="B").code)
    assert run.schedule == "BBBBAAAA"


@pytest.mark.parametrize("fault", [None, ("A", 1)])
def test_the_failing_order_of_an_exploration_can_be_run(fault):
    found = explore(*EACH, fault=fault, holds=lambda outcome: outcome["counter"] == 2)
    run = lab.run(*EACH, processes=2, schedule=found.code, fault=fault)
    assert run.schedule == found.failing.schedule
    assert run.code == found.code


def test_a_deadlock_has_one_too():
    found = explore(team=crossed())
    run = lab.run(team=crossed(), processes=2, schedule=found.code)
    assert (run.verdict, run.schedule, run.code) == ("deadlock", "AB", found.code)


def test_where_no_order_fails_there_is_none():
    assert explore(*LOCKED).code == ""


def test_a_learners_file_gives_its_name(tmp_path):
    path = tmp_path / "my_adder.py"
    path.write_text("def add(counter):\n    counter.write(counter.read() + 1)\n", encoding="utf-8")
    learners = lab.WorkerFile(str(path), "add"), CounterFile()
    run = lab.run(*learners, processes=2, schedule="ABBA")
    assert run.code.startswith("my-adder:2:ABBA:")
    assert lab.run(*learners, processes=2, schedule=run.code).schedule == "ABBA"
    assert (
        explore(*learners).code == ""
    )  # a file runs in a child, the walk to the code would run here


def test_a_progress_graph_draws_it():
    path = progress_graph(*RACE, paths=[CODE]).paths[0]
    assert (path.schedule, path.values) == ("ABBA", {"counter": 1})


@pytest.mark.parametrize("taker", [Walk, lab.run, explore])
def test_it_stands_under_a_result_once(taker):
    how = {} if taker is explore else {"schedule": "ABBA"}
    result = taker(*RACE, processes=2, **how)
    assert result_html(result).count(f"<code>{result.code}</code>") == 1


def test_nothing_stands_under_a_result_without_order():
    assert "<code>" not in result_html(explore(*LOCKED))


# ---- what does not fit


DAMAGED = [
    "07:opposite-orders:2",
    CODE[:-1],
    f"{CODE}0",
    f":{CODE}",
    CODE.replace("A", "\u0410"),  # Cyrillic
    CODE.replace(":2:", ":\u0662:"),  # an Arabic digit
    CODE.replace(":2:", ":200:"),
    changed(CODE, at=2, to=""),
    changed(CODE, at=2, to="AB" * 5_000 + "1"),
    CODE.replace("-", "\u2011"),  # another hyphen
    f"'{CODE}'",
]


@pytest.mark.parametrize("code", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_one_is_refused_with_what_a_whole_one_looks_like(code):
    with pytest.raises(ValueError, match="no whole code, such as 07:title:2:AB:d438e9") as refused:
        walked(code)
    assert len(str(refused.value)) < 200


DIFFER = "setup, arguments, fault or letters differ"


@cases(
    "code team how words",
    (CODE, team_of(*RACE, processes=3), {}, f"{SOLO}are 3"),
    (changed(CODE, at=1, to="3"), team_of(*RACE), {}, "for processes=3, increment-without-lock; here are 2"),
    (CODE, team_of(increment_without_lock, CounterFile(), 3, 0), {}, f"{SOLO}{DIFFER}"),
    (CODE, team_of(increment_without_lock, CounterFile(start=7), 1, 0), {}, f"{SOLO}{DIFFER}"),
    (CODE, team_of(*RACE), {"fault": ("A", 0)}, f"{SOLO}{DIFFER}"),
    (changed(CODE, at=2, to="ABAB"), team_of(*RACE), {}, f"{SOLO}{DIFFER}"),
)  # fmt: skip
def test_one_of_another_setup_is_refused_before_anything_starts(
    monkeypatch, code, team, how, words
):
    monkeypatch.setattr(lab.processes, "ChildProcess", None)
    how |= {"team": team, "processes": len(team), "schedule": code}
    for taker in (lab.run, Walk):
        with pytest.raises(lab.OtherSetup, match=re.escape(words)):
            taker(**how)


def test_the_length_of_pauses_does_not_matter():
    assert walked(CODE, increment_without_lock, CounterFile(), 1, 0.01).schedule == "ABBA"


OTHER = "the program is not the one that the code was made for"
SHARED = CounterFile(), Lock()
BARE = "counter.write(counter.read() + 1)"
THRICE, UNDER_LOCK, TWO_WRITES = (
    f"for _ in range(3): {BARE}",
    f"with lock: {BARE}",
    f"counter.write(1); {BARE}",
)
WAITS = "step 2 asks B to move, but it waits for the lock, which A holds"
CHANGES = [
    (BARE, "ABBA", UNDER_LOCK, f"schedule 'ABBA': {WAITS}: {OTHER}"),
    (BARE, "ABBA", TWO_WRITES, f"schedule 'ABBA': the steps are other ones: {OTHER}"),
    (BARE, "ABBA", THRICE, "the steps are other ones"),  # the same, but nobody is through
    (UNDER_LOCK, "", BARE, f"schedule 'AAAABBBB': step 3 asks A to move, but it has ended: {OTHER}"),
]  # fmt: skip


def in_reality(folder, body, schedule):
    """Two processes of a learner's file whose function has this body take a schedule, and go on to their ends."""
    path = folder / "my_work.py"
    path.write_text(f"def work(counter, lock):\n    {body}\n", encoding="utf-8")
    return lab.run(lab.WorkerFile(str(path), "work"), *SHARED, processes=2, schedule=schedule)


def in_the_model(_, body, schedule):
    """Such a function in a Walk."""
    made = {}
    exec(f"def work(counter, lock):\n    {body}", made)  # noqa: S102
    walk = Walk(made["work"], *SHARED, schedule=schedule)
    walk.finish()
    return walk


@pytest.mark.parametrize(("before", "order", "after", "words"), CHANGES)
@pytest.mark.parametrize("take", [in_reality, in_the_model])
def test_one_of_another_program_is_refused(tmp_path, take, before, order, after, words):
    code = take(tmp_path, before, order).code
    assert take(tmp_path, before, code).code == code
    with pytest.raises(ValueError, match=re.escape(words)):
        take(tmp_path, after, code)


@pytest.mark.parametrize(
    "other",
    [
        (workers.add_three, CounterFile()),
        (workers.add_one, CounterFile("other")),
    ],
)
def test_one_of_another_worker_or_file_is_refused_though_its_letters_could_be_taken(other):
    code = walked("AB", workers.add_one, CounterFile()).code
    with pytest.raises(ValueError, match=f"{DIFFER}|the steps are other ones"):
        walked(code, *other)


def test_a_walk_that_refuses_one_stays_where_it_was(tmp_path):
    code = in_the_model(tmp_path, BARE, "ABBA").code
    walk = in_the_model(tmp_path, UNDER_LOCK, "")
    walk.go("AA")
    with pytest.raises(ValueError, match=OTHER):
        walk.go(code)
    assert walk.schedule == "AA"


# ---- check


WRONG = [
    ("my_narrow_lock", "wrong_no_lock"),
    ("my_fenced_add", "wrong_a_huge_token"),  # shown by a second team that fits, in other locks
    ("my_safe_transfer", "wrong_stub"),
    ("my_recursive_worker", "wrong_one_release_too_many"),  # called twice in a row
]


@pytest.mark.parametrize("wrong", few(WRONG))
def test_check_takes_the_order_that_it_showed_and_refuses_it_in_another_file(answer, wrong):
    exercise, wrong = wrong
    path = answer(exercise, wrong)
    found = check(path)
    code = found.failure.run.code
    assert code.startswith(lab.check.slug(exercise) + ":")
    assert found._repr_html_().count(f"<code>{code}</code>") == 1
    run = check(path, order=code)
    assert (run.code, run.verdict) == (code, found.failure.run.verdict)
    answer(exercise, "right_solution")
    with pytest.raises(ValueError, match=OTHER):
        check(path, order=code)


def test_check_takes_one_with_a_fault_and_plain_letters(answer):
    path = answer("my_narrow_lock", "wrong_bare_acquire")
    failing = check(path).failure.run
    assert "InjectedFault" in str(failing)
    assert check(path, order=failing.code).code == failing.code
    assert check(path, order="AA").schedule.startswith("AA")


@cases(
    "order words",
    (CODE, "the order fits nothing that is tried"),
    ("my-narrow-lock:2:AB", "no whole code"),
)
def test_check_says_why_it_does_not_take_an_order(answer, order, words):
    path = answer("my_narrow_lock", "right_solution")
    with pytest.raises(ValueError, match=words):
        check(path, order=order)


def test_check_of_a_missing_file_says_so_whatever_the_order(tmp_path):
    assert check(tmp_path / "my_narrow_lock.py", order=CODE).failure.name == "missing_file"


def test_a_check_of_one_order_that_is_stopped_comes_out_as_an_interrupt(monkeypatch, answer):
    def stopped(answer):
        raise findings.Stopped

    task = findings.Exercise((findings.Ask("it holds", stopped),), functions=("serve",))
    monkeypatch.setattr(checking, "exercise", lambda name: task)
    with pytest.raises(KeyboardInterrupt):
        check(answer("my_narrow_lock", "right_solution"), order="AB")


def test_an_exploration_of_a_worker_that_changes_its_mind_is_shown_without_one():
    calls = []

    def moody(counter):
        calls.append(1)
        for _ in range(1 if len(calls) < 8 else 0):
            counter.write(counter.read() + 1)

    found = explore(moody, CounterFile(), holds=lambda outcome: False)
    assert found.failing
    assert found.failing.schedule
    calls += [1] * 8
    assert found.code == ""
    assert "orders go wrong" in result_html(found)
