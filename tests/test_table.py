"""Tables: a real SQLite database, and a model of its locks that says the same in every order."""

import os
import random
import sqlite3
from contextlib import closing

import pytest
import workers_for_tests as workers
from cases import cases
from claim import claim
from runs import every_order

from helpers import lab, schedules
from helpers.resources import Table
from helpers.workers import table

WORKERS = [
    table.select_then_update,
    table.count_in_deferred_transactions,
    table.count_in_immediate_transactions,
    table.count_in_one_statement,
    table.compare_and_set,
]
every = pytest.mark.parametrize("worker", WORKERS, ids=[worker.__name__ for worker in WORKERS])


@claim("10", "a real database does in every order what the model says")
@every
def test_real_databases_say_in_every_order_what_the_model_says(worker):
    with lab.ProcessSet(2) as pair:
        for walk in every_order(worker, Table(), 1, 0):
            run = pair.run(worker, Table(), 1, 0, schedule=walk.schedule)
            assert (run.schedule, run.verdict) == (walk.schedule, walk.result[0])
            assert run.account.observed == walk.values["database"]


@pytest.mark.parametrize("seed", range(6))
def test_three_processes_that_do_all_sorts_of_things_say_the_same(seed):
    chance = random.Random(seed)
    walk = schedules.Walk(workers.mixed, Table(start=5), seed, processes=3)
    while walk.able:
        walk.move(chance.choice(walk.able))
    run = lab.run(workers.mixed, Table(start=5), seed, processes=3, schedule=walk.schedule)
    found = run.schedule, run.verdict, run.account.observed, run.circle
    circle = walk.stuck.circle if walk.stuck else ()
    assert found == (walk.schedule, walk.result[0], walk.values["database"], circle)


@claim("10", "deferred transactions: 20 of 30 orders end in a circle, none loses")
def test_the_explorer_counts_them_and_merges_equal_ones():
    lost = schedules.explore(table.select_then_update, Table(), 1, 0)
    assert {o.label: o.count for o in lost.outcomes} == {"1": 4, "2": 2}
    circle = schedules.explore(table.count_in_deferred_transactions, Table(), 1, 0)
    assert {o.label: o.count for o in circle.outcomes} == {"2": 10, "deadlock": 20}
    assert circle.failing.circle == ("A", "database", "B", "database")
    for worker in WORKERS[2:]:
        found = schedules.explore(worker, Table(), 1, 0, processes=3)
        assert found.is_proof and {end["database"] for end in found.outcomes} == {3}, worker


def test_seats_are_oversold_only_where_look_and_take_are_apart():
    for worker in (table.sell_in_a_transaction, table.sell_in_one_statement):
        found = schedules.explore(worker, Table("seats database", start=1), 1, 0)
        assert {outcome["seats database"] for outcome in found.outcomes} == {0}
    experiment = table.sell_after_a_look, Table("seats database", start=1), 1, 0
    run = lab.run(*experiment, processes=2, schedule="ABBA")
    assert run.returned == {"A": 1, "B": 1}
    assert run.verdict == "lost_updates"


# ---- what the account says


def test_an_update_counts_when_it_is_committed():
    run = lab.run(workers.write_and_take_back, Table(start=3), processes=1)
    assert run.account.total == 1
    assert run.account.observed == 4
    assert run.verdict == "correct"


def test_an_update_in_one_statement_knows_what_it_replaced():
    run = lab.run(table.count_in_one_statement, Table(), 2, 0, processes=2, schedule="ABAB")
    assert [(u.process, u.base, u.value) for u in run.account.kept] == [
        ("A", 0, 1), ("B", 1, 2), ("A", 2, 3), ("B", 3, 4),
    ]  # fmt: skip


def test_a_refusal_is_counted_and_told():
    run = lab.run(table.count_in_deferred_transactions, Table(), 5, 0.002, processes=4)
    assert run.account.total + run.account.refused == 20
    assert run.account.lost_count == 0
    if run.account.refused:
        assert f"{run.account.refused} refused: database is locked" in run.sentence


@claim("10", "who waits too long gets `database is locked`")
def test_who_waits_too_long_dies_of_it_and_the_run_says_so(start_method):
    numbers = Table(timeout=0.0)
    team = [(workers.hold_for_long, (numbers,)), (workers.begin_late, (numbers,))]
    run = lab.run(team=team, processes=2, start_method=start_method)
    assert run.verdict == "crashed"
    assert run.sentence == "B ended with OperationalError: database is locked"
    assert run.account.observed == 1


def test_what_a_killed_process_has_not_committed_never_was(start_method):
    numbers = Table()
    counting = table.count_in_one_statement, (numbers, 3, 0)
    team = [(workers.die_in_a_transaction, (numbers,)), counting]
    run = lab.run(team=team, processes=2, start_method=start_method)
    assert run.account.observed == 3
    assert [crash.process for crash in run.crashes] == ["A"]


def test_what_a_worker_leaves_open_is_rolled_back_when_it_returns():
    numbers = Table()
    counting = table.count_in_one_statement, (numbers, 1, 0)
    team = [(workers.forget_to_commit, (numbers,)), counting]
    run = lab.run(team=team, processes=2, schedule="AAB")
    assert (run.verdict, run.account.observed) == ("correct", 1)


# ---- errors


@cases(
    "steps text",
    (("begin", "begin"), "cannot start a transaction within a transaction"),
    (("commit",), "cannot commit - no transaction is active"),
    (("rollback",), "cannot rollback - no transaction is active"),
)
def test_a_step_out_of_place_is_the_same_error_in_the_model(steps, text):
    run = lab.run(workers.do_steps, Table(), steps, processes=1)
    assert run.crashes[0].message == text
    walk = schedules.Walk(workers.do_steps, Table(), steps, processes=1)
    walk.finish()
    assert walk.errors == {"A": f"OperationalError: {text}"}


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Table(journal="off"), 'choose "delete" or "wal"'),
        (lambda: Table(timeout=-1), "choose 0 to 600 seconds"),
        (lambda: Table(start=1.5), "give a whole number"),
        (lambda: Table().begin("EXCLUSIVE"), 'choose "DEFERRED" or "IMMEDIATE"'),
        (lambda: Table().select(), "belongs to no run"),
        (lambda: Table().update("7"), "give a whole number"),
        (lambda: schedules.explore(table.select_then_update, Table(journal="wal"), 1, 0), "rollback journal only"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make, text):
    with pytest.raises((ValueError, TypeError, RuntimeError), match=text):
        make()


# ---- a database that is there already


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE mine (x)")
        connection.execute("INSERT INTO mine VALUES (7)")
    return str(path)


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_an_own_database_is_left_as_it_was(own, journal):
    run = lab.run(table.count_in_one_statement, Table(file=own, journal=journal), 5, 0)
    assert (run.verdict, run.account.observed) == ("correct", 20)
    with closing(sqlite3.connect(own)) as connection:
        assert connection.execute("SELECT * FROM mine").fetchall() == [(7,)]
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("mine",)]
    assert os.listdir(os.path.dirname(own)) == ["own.db"]


def test_a_database_that_cannot_be_used_is_refused_with_the_reason(own, tmp_path):
    text = tmp_path / "text.db"
    text.write_text("this is no database, and it is long enough to be seen as none" * 20)
    read_only = tmp_path / "read_only.db"
    read_only.write_bytes(b"")
    read_only.chmod(0o444)
    for path, why in {
        tmp_path / "nowhere.db": "there is no such file",
        text: "SQLite says: file is not a database; choose another file",
        read_only: "it cannot be written",
    }.items():
        with pytest.raises(ValueError, match=why):
            lab.run(table.count_in_one_statement, Table(file=str(path)), 1, 0)
    with closing(sqlite3.connect(own, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(ValueError, match="SQLite says: database is locked"):
            lab.run(table.count_in_one_statement, Table(file=own), 1, 0)
    assert not (tmp_path / "nowhere.db").exists()
    assert text.read_text().startswith("this is no database")


def test_in_a_cell_it_needs_a_path(tmp_path):
    numbers = Table(start=3, path=str(tmp_path / "mine.db"))
    numbers.prepare()
    with numbers.transaction("IMMEDIATE"):
        numbers.update(numbers.select() + 1)
    found = numbers.select(), numbers.add(-1, at_least=4), numbers.update_where(4, 9)
    assert found == (4, False, True)
    assert numbers.content().endswith(" 9")
    numbers.leave()
