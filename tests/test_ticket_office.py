"""Lesson 12: what watch finds in the ticket office and in four small scripts, which orders prove it, and what its check calls balanced books."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT
from lesson_cells import cell_source

from helpers.exercises.my_ticket_office import two_desks_at_once, wrong_books
from helpers.scripts import watch
from tests.cases import cases
from tests.claim import claim

ANSWERS = ROOT / "tests" / "answers" / "my_ticket_office"
SCRIPT = "my_ticket_office.py"


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """The program of the lesson, in the working folder."""
    monkeypatch.chdir(tmp_path)
    Path(SCRIPT).write_text(cell_source("12", "stub"))


def line_of(text):
    """The number of the first line of the program that has this text."""
    lines = Path(SCRIPT).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def receipts():
    return [int(line.split()[0]) for line in Path("office.log").read_text().splitlines()]


def test_the_lessons_program_and_solution_are_among_the_answers():
    for cell, answer in (("stub", "wrong_stub.py"), ("solution", "right_solution.py")):
        text = (ANSWERS / answer).read_text().removeprefix("# collides\n")
        assert text.rstrip() == cell_source("12", cell)


# ---- what watch says of it


def undisturbed(sales=3):
    """The order in which B does its first step when A has served all its customers: their windows do not meet, also on a busy machine."""
    first = line_of("SET holder = ''")
    return f"A{line_of('log.write')}#{sales} B{first}"


@claim("12", "a run that ended right names the forgotten lock and the lock of one's own")
def test_the_forgotten_lock_and_the_lock_of_each_desk_are_found(start_method):
    seen = watch(SCRIPT, order=undisturbed(), start_method=start_method)
    assert "was kept" in seen.sentence and seen.exit_code == 0
    found = {each.name: each for each in reversed(seen.collisions)}
    assert set(found) == {"tickets.txt", "office.log", "table seats in seats.db"}
    number = found["tickets.txt"]
    lines = {access.line.number for access in (*number.first, *number.other)}
    sells, takes_back = line_of("left - 1"), line_of("left + 1")
    assert lines == {sells - 1, sells, takes_back - 1, takes_back}
    assert {name for side in number.locks for name in side} == {"office_lock"}
    named = {name for side in found["office.log"].locks for name in side}
    assert named == {"log_lock (A's own)", "log_lock (B's own)"}


@claim("12", "the order found loses the returned ticket each time, and the files say so")
def test_the_order_that_is_found_loses_a_ticket():
    order = watch(SCRIPT, order=undisturbed()).order
    for _ in range(2):
        seen = watch(SCRIPT, order=order)
        assert f"The order {order} was kept." in seen.sentence
        assert (seen.exit_code, Path("tickets.txt").read_text()) in ((1, "2"), (1, "4"))
        assert "the books do not balance" in seen.errors


@claim("12", "turned round, the sale is lost: one ticket too many")
def test_the_other_way_round_the_sale_is_lost():
    read, write = line_of("left + 1") - 1, line_of("left + 1")
    order = f"B{read} A{line_of('left = int')} A{line_of('left - 1')} B{write}"
    assert watch(SCRIPT, order=order).exit_code == 1
    assert Path("tickets.txt").read_text() == "4"


@claim("12", "two receipts have one number where both desks count before one writes")
def test_two_receipts_have_one_number():
    assert watch(SCRIPT, order=two_alike()).exit_code == 1
    assert len(set(receipts())) < len(receipts()) == 7


@claim("12", "one order makes both faults happen")
def test_one_order_makes_both_faults_happen():
    order = watch(SCRIPT, order=f"{lost_return()} {two_alike()}")
    assert "was kept" in order.sentence
    assert Path("tickets.txt").read_text() == "2"
    assert len(set(receipts())) < len(receipts())


def lost_return():
    """The order in which B takes a ticket back while A sells one."""
    sells, takes_back = line_of("left - 1"), line_of("left + 1")
    return f"A{sells - 1} B{takes_back - 1} B{takes_back} A{sells}"


def two_alike():
    """The order in which both desks count the receipts before one of them writes."""
    count, add = line_of("number = len"), line_of("log.write")
    return f"B{count} A{count} A{add} B{add}"


@claim("12", "between two sales the order cannot be kept: A waits for the lock that B holds")
def test_the_lock_forbids_an_order_of_two_sales():
    lock, read, write = line_of("with office_lock"), line_of("left = int"), line_of("left - 1")
    seen = watch(SCRIPT, order=f"B{lock} B{read} A{lock} A{read} A{write} B{write}")
    why = f"A waits at line {lock} for the office_lock, which B holds"
    assert f"cannot be kept beyond B{lock} B{read}: {why}" in seen.sentence
    assert seen.exit_code == 0


@claim("12", "a sale without money leaves the lock free and a ticket missing")
def test_who_cannot_pay_leaves_a_ticket_missing():
    seen = watch(SCRIPT, "Ben", order=undisturbed(sales=2))
    assert (seen.ended, seen.exit_code) == ("", 1)
    assert "3 left, 4 taken" in seen.output
    assert wrong_books(".", broke=["Ben"]) == "tickets.txt says 3, and 4 of the 8 seats are taken"


@claim("12", "five tickets are printed under the lock")
def test_the_printing_is_under_the_lock():
    under = [pause for pause in watch(SCRIPT, order=undisturbed()).pauses if pause.held]
    assert Counter(pause.line.number for pause in under) == {line_of("time.sleep(PRINT)"): 5}


@claim("12", "of four small scripts one is right, and watch says so")
@cases(
    "cell name finds",
    ("own-report", "my_daily_report.py", "check then act"),
    ("own-queue", "my_squares.py", ""),
    ("own-locks", "my_transfers.py", "a circle"),
    ("own-value", "my_votes.py", "lost update"),
)
def test_the_small_scripts(cell, name, finds):
    Path(name).write_text(cell_source("12", cell))
    seen = watch(name)
    kinds = {each.kind for each in seen.collisions}
    circles = {"a circle"} if seen.crossings or seen.stuck else set()
    assert finds in kinds | circles or not (finds or kinds or circles)


@claim("12", "an order makes the two that take two locks crosswise meet")
def test_two_locks_taken_crosswise_are_made_to_meet():
    script = Path("my_transfers.py")
    script.write_text(cell_source("12", "own-locks"))
    lines = script.read_text().splitlines()
    line = next(n for n, text in enumerate(lines, 1) if "with first, second" in text)
    seen = watch(script, order=f"A{line} B{line} A{line}#2 B{line}#2")
    assert seen.verdict == "deadlock"


# ---- what its check asks of the books


BOUGHT = ["Gus buys", "Gus returns", "Ada buys", "Dan buys", "Ben buys", "Eve buys", "Cleo buys"]


def write_books(left=3, holders="Ada Ben Cleo Dan Eve", log=BOUGHT):
    Path("tickets.txt").write_text(str(left))
    Path("office.log").write_text("".join(f"{n} {text}\n" for n, text in enumerate(log, 1)))
    with closing(sqlite3.connect("seats.db")) as seats, seats:
        seats.execute("CREATE TABLE seats (number INTEGER, holder TEXT)")
        rows = enumerate([*holders.split(), "", None], 1)
        seats.executemany("INSERT INTO seats VALUES (?, ?)", rows)


def test_balanced_books_are_right():
    write_books()
    assert wrong_books(".") == ""


@cases(
    "books says",
    ({"left": 4}, "tickets.txt says 4, and 5 of the 8 seats are taken"),
    ({"left": "many"}, "the books cannot be read (ValueError"),
    ({"holders": "Ada Ada Ben Cleo Dan Eve"}, "seats.db has given them to Ada, Ada, Ben"),
    ({"holders": "Ada Ben Cleo Dan"}, "seats.db has given them to Ada, Ben, Cleo and Dan"),
    ({"log": BOUGHT[:-1]}, "the receipts are Gus buys"),
    ({"log": [*BOUGHT, "Eve buys"]}, "the receipts are Gus buys"),
)
def test_books_that_do_not_balance_are_told(books, says):
    write_books(**books)
    assert says in wrong_books(".")


def test_receipts_are_numbered_without_a_gap():
    write_books()
    Path("office.log").write_text(Path("office.log").read_text().replace("4 ", "3 "))
    assert "the numbers of the receipts are 1, 2, 3, 3, 5, 6 and 7" in wrong_books(".")


def test_no_books_at_all_are_told():
    assert "the books cannot be read (FileNotFoundError" in wrong_books(".")


def test_beside_a_killed_desk_the_other_one_must_have_served_all():
    write_books(left=5, holders="Ada Dan Eve", log=[*BOUGHT[:4], "Eve buys"])
    assert wrong_books(".", was_killed=True) == ""
    assert "the receipts are" in wrong_books(".")


def test_neither_desk_has_served_all():
    write_books(left=6, holders="Ada Dan", log=BOUGHT[:4])
    assert "the receipts are" in wrong_books(".", was_killed=True)


def test_one_desk_is_killed_while_it_waits(start_method, monkeypatch):
    killing = ROOT / "helpers" / "exercises" / "killing"
    monkeypatch.setenv("PYTHONPATH", str(killing))
    seen = watch(SCRIPT, start_method=start_method)
    assert Path("a desk was killed").exists()
    served = Counter(event.process for event in seen.events if event.op == "append")
    assert sorted(served[desk] for desk in "AB") == [1, 3]
    assert wrong_books(".", was_killed=True) == ""


def test_two_tasks_of_a_pool_are_two_desks_though_one_worker_did_both():
    late = "\n    if multiprocessing.current_process()._identity[0] == 2: time.sleep(1)"
    text = (ANSWERS / "wrong_a_pool.py").read_text()
    Path(SCRIPT).write_text(text.replace("(*locks):", f"(*locks):{late}"))
    seen = watch(SCRIPT)
    assert len({pause.process for pause in seen.pauses if pause.seconds == 0.01}) == 1
    assert list(two_desks_at_once(seen, "", "")) == []
    one = text.replace("pool.map(serve, DESKS, 1)", "pool.apply(serve, (sum(DESKS, []),))")
    Path(SCRIPT).write_text(one)
    [refused] = two_desks_at_once(watch(SCRIPT), "", "")
    assert refused.startswith("no_real_work: ")
