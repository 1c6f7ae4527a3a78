"""What the lessons claim, as far as a few runs can show it; tests/claims has what needs many."""

import contextlib
import io
import json
import math
import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
from itertools import pairwise

import pytest
from lesson_cells import cell_source, module_of
from runs import EACH, RACE
from scripts import python

from helpers import analysis, lab, topics
from helpers.course import check, run_as_cell
from helpers.lab import programs
from helpers.resources import CounterFile, Lock
from helpers.resources.stand_ins import FaultyCounterFile
from helpers.schedules import Walk, explore
from helpers.workers import counter as workers
from tests import workers_for_tests as odd
from tests.claim import claim
from tests.pages import wait_until

# ---- 00


@claim("00", "`run_counter()` starts 4 processes, ten increments each: the file should say 40")
def test_the_first_run_asks_four_processes_for_forty():
    settings = topics.RaceSettings()
    assert (settings.processes, settings.times, settings.expected) == (4, 10, 40)


@claim("00", "4 of the 6 orders end with 1")
def test_four_of_six_orders_lose_an_addition():
    every = explore(workers.increment_without_lock, CounterFile(), 1, 0, processes=2)
    ends = {outcome["counter"]: outcome.count for outcome in every.outcomes}
    assert ends == {1: 4, 2: 2}


@claim("00", "with the lock, the file says 2 in every order")
def test_with_the_lock_no_order_loses_an_addition():
    every = explore(workers.increment_with_lock, CounterFile(), Lock(), 1, 0, processes=2)
    assert every.is_proof and {outcome["counter"] for outcome in every.outcomes} == {2}


@claim("00", "under a lock from read to write, nothing is lost on real processes")
def test_with_the_lock_four_real_processes_lose_nothing():
    assert topics.run_counter(scope="read to write").account.observed == 40


@claim("00", "an edited module needs a fresh kernel, `check` reads it anew")
def test_an_edited_module_needs_a_fresh_kernel_but_check_reads_it_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "my_first_worker.py"
    path.write_text("def work(numbers):\n    return 1\n")
    import my_first_worker

    assert check(str(path)).failure.name == "no_pair"
    path.write_text("import os\n\n\ndef work(numbers):\n    return os.getpid(), sum(numbers)\n")
    import my_first_worker as again

    assert again.work is my_first_worker.work
    assert my_first_worker.work([]) == 1
    assert check(str(path)).state == "passed"


# ---- 01


@claim("01", "exit code 0 is a good end, 1 an exception")
def test_exit_codes_tell_how_a_plain_child_ended(start_method):
    context = multiprocessing.get_context(start_method)
    for target, code in ((odd.do_nothing, 0), (odd.fail, 1)):
        child = context.Process(target=target)
        child.start()
        child.join(30)
        assert child.exitcode == code


@claim("01", "exit code None: it still runs")
def test_a_child_that_still_runs_has_no_exit_code():
    reading, writing = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=odd.wait_for_word, args=(reading,))
    child.start()
    assert child.exitcode is None
    writing.send("go")
    child.join(30)
    assert child.exitcode == 0


@claim("01", "children share no memory with the parent, nor with each other")
def test_a_list_that_children_change_stays_as_it_was_in_the_parent(start_method):
    run = lab.run(odd.greet, "Ada", processes=2, start_method=start_method)
    assert run.returned == {"A": ["Ada"], "B": ["Ada"]}
    assert odd.names == []


@claim("01", "only under fork the child sees what the parent changed")
def test_only_a_forked_child_sees_what_the_parent_changed(start_method):
    reported = topics.start_children(processes=1, start_method=start_method).run.returned["A"]
    assert (reported["note"] == "as the parent changed it") is (start_method == "fork")


@claim("01", "the table of default start methods")
def test_pythons_own_default_is_the_one_in_the_table():
    reported = python(
        "-c", "import multiprocessing as m; print(m.get_context().get_start_method())"
    )
    newer = sys.version_info >= (3, 14)
    table = {"linux": "forkserver" if newer else "fork", "darwin": "spawn", "win32": "spawn"}
    assert reported.stdout.strip() == table[sys.platform]


UNGUARDED = """
import multiprocessing

def work():
    pass

{guard}multiprocessing.get_context({method!r}).Process(target=work).start()
"""


@claim("01", "a script needs the main guard unless it forks")
@pytest.mark.parametrize("guarded", [False, True])
def test_a_script_without_the_guard_fails_unless_it_forks(start_method, guarded, tmp_path):
    guard = "if __name__ == '__main__': " if guarded else ""
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED.format(guard=guard, method=start_method))
    done = python(script)
    assert ("RuntimeError" in done.stderr) is (not guarded and start_method != "fork")


@claim("01", "the guard does not help in a cell")
def test_the_guard_does_not_help_in_a_cell():
    code = UNGUARDED.format(guard="if __name__ == '__main__': ", method="spawn")
    assert "AttributeError" in str(run_as_cell(code))


@claim(
    "01",
    "what a plain child returns is thrown away, and its print does not pass through the parent",
)
def test_a_plain_child_gives_its_parent_neither_a_value_nor_a_print(start_method):
    context = multiprocessing.get_context(start_method)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        children = [
            context.Process(target=max, args=(2, 9)),
            context.Process(target=print, args=("9",)),
        ]
        for child in children:
            child.start()
            child.join(30)
    assert [child.exitcode for child in children] == [0, 0]
    assert said.getvalue() == ""


UNJOINED = """
import multiprocessing
import time
from pathlib import Path

def work():
    while not Path("go").exists():
        time.sleep(0.01)
    Path("done").touch()

if __name__ == "__main__":
    multiprocessing.get_context({method!r}).Process(target=work).start()
    print("last line", flush=True)
"""


@claim("01", "a program at its last line waits for its children, those of a killed one go on")
@pytest.mark.parametrize("killed", [False, True])
def test_a_program_waits_for_a_child_and_a_child_outlives_a_killed_one(
    start_method, killed, tmp_path
):
    (tmp_path / "script.py").write_text(UNJOINED.format(method=start_method))
    command = [sys.executable, "script.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout.readline() == "last line\n"
        with pytest.raises(subprocess.TimeoutExpired):
            program.wait(0.5)
        if killed:
            program.kill()
            program.wait(30)
        (tmp_path / "go").touch()
        assert (program.wait(30) == 0) is not killed
    wait_until((tmp_path / "done").exists)


# ---- 02


@claim("02", "0 of N still allows about 3/N")
def test_twenty_right_runs_in_a_row_fit_a_program_that_fails_in_15_percent():
    assert 0.03 < 0.85**20 < 0.05


@claim("02", "a late start keeps processes apart: right by luck")
def test_a_late_start_keeps_two_processes_apart():
    """A right result of a worker with a race: B begins when A is through."""
    counter = CounterFile()
    first = workers.increment_without_lock, (counter, 5, 0)
    run = lab.run(team=[first, (odd.add_after, (counter, 5))], processes=2)
    assert run.verdict == "correct"
    assert run.account.observed == 10


@pytest.mark.platform("linux")
@claim("02", "a single core is no protection")
def test_two_processes_on_a_single_core_can_lose_an_update():
    how = {"processes": 2, "schedule": "ABBA"}
    run = lab.run(odd.count_on_one_core, CounterFile(), **how)
    assert run.account.lost_count == 1
    assert len({cores for (cores,) in run.returned.values()}) == 1


@claim("02", "`total += price()` of two threads can lose an update: the GIL passes on in between")
@pytest.mark.parametrize(("meet", "total"), [(True, 1), (False, 2)])
def test_a_line_of_two_threads_can_lose_an_update(meet, total):
    """Each has read the total when it asks for the price: both wait there for the other, or one is done before the other begins."""
    asked = threading.Barrier(2 if meet else 1)

    def price():
        asked.wait(10)
        return 1

    names = {"price": price, "total": 0}
    threads = [threading.Thread(target=exec, args=("total += price()", names)) for _ in "AB"]
    for thread in threads:
        thread.start()
        if not meet:
            thread.join()
    for thread in threads:
        thread.join()
    assert names["total"] == total


# ---- 03


@claim("03", "one line is three actions, two of which touch what is shared")
def test_one_line_reads_once_and_writes_once():
    reported = []

    class Box:
        number = property(
            lambda self: reported.append("read") or 7, lambda self, n: reported.append(n)
        )

    Box().number += 1
    assert reported == ["read", 8]


@claim("03", "six orders, four of which lose an update: the table")
def test_four_of_the_six_orders_of_the_smallest_race_lose_an_update():
    table = {"AABB": 2, "ABAB": 1, "ABBA": 1, "BBAA": 2, "BABA": 1, "BAAB": 1}
    assert {order: Walk(*RACE, schedule=order).values["counter"] for order in table} == table
    every = explore(*RACE)
    assert (every.failures, every.schedules) == (4, 6)


@claim("03", "after `AB` nothing can save the count")
def test_after_both_have_read_nothing_saves_the_count():
    endings = {Walk(*RACE, schedule=f"AB{rest}").values["counter"] for rest in ("AB", "BA")}
    assert endings == {1}


@claim("03", "comb(4, 2), comb(20, 10), 2520, a number with 46 digits")
def test_how_many_orders_there_are():
    assert (math.comb(4, 2), math.comb(20, 10)) == (6, 184_756)
    assert math.factorial(8) // math.factorial(2) ** 4 == 2520
    assert len(str(math.factorial(80) // math.factorial(20) ** 4)) == 46


@claim("03", "2 of 6, 20 of 924, 252 of 184,756 orders are right")
@pytest.mark.parametrize(("times", "right", "orders"), [(1, 2, 6), (3, 20, 924), (5, 252, 184_756)])
def test_with_more_updates_the_right_orders_are_a_smaller_share(times, right, orders):
    every = explore(workers.increment_without_lock, CounterFile(), times, 0)
    assert (every.schedules - every.failures, every.schedules) == (right, orders)


@claim("03", "more than a third of the orders end with 6, 1 in 733 with 10")
def test_more_than_a_third_of_the_orders_of_five_updates_end_with_6():
    every = explore(workers.increment_without_lock, CounterFile(), 5, 0)
    counts = {outcome["counter"]: outcome.count for outcome in every.outcomes}
    assert max(counts, key=counts.get) == 6
    assert 1 / 3 < counts[6] / every.schedules < 1 / 2
    assert every.schedules // counts[10] == 733


@claim("03", "three that end with 1: all have read before the first write")
def test_three_processes_are_needed_to_read_before_the_first_write_to_end_with_1():
    every = explore(*RACE, processes=3)
    assert min(outcome["counter"] for outcome in every.outcomes) == 1
    for last in ("CBA", "ABC", "BCA"):
        walk = Walk(*RACE, processes=3)
        walk.go(f"ABC{last}")
        assert walk.values["counter"] == 1
    late = Walk(*RACE, processes=3, schedule="ABACBC")
    assert late.values["counter"] == 2


@claim("03", "three that add three each can end with 2, with nothing less")
def test_three_that_add_three_each_can_end_with_2_and_with_nothing_less():
    every = explore(workers.increment_without_lock, CounterFile(), 3, 0, processes=3)
    assert every.is_proof
    assert min(outcome["counter"] for outcome in every.outcomes) == 2


@claim("03", "two that add five or fifty each can end with 2")
@pytest.mark.parametrize("times", [5, 50])
def test_however_often_two_processes_add_they_can_end_with_2(times):
    rounds = 2 * times
    order = "A" + "B" * (rounds - 2) + "A" + "B" + "A" * (rounds - 2) + "B"
    walk = Walk(workers.increment_without_lock, CounterFile(), times, 0, schedule=order)
    assert walk.is_over
    assert walk.values["counter"] == 2


# ---- 04


@claim("04", "a lock for each step: 4 of 6 orders fail, one is replayed")
def test_a_lock_for_each_step_leaves_four_of_six_orders_that_fail_and_one_replays():
    every = explore(*EACH)
    assert (every.failures, every.schedules) == (4, 6)
    run = lab.run(*EACH, processes=2, schedule=every.failing.schedule)
    assert (run.verdict, run.account.observed) == ("lost_updates", 1)


@claim("04", "an exception leaves a bare acquire held for ever; `with` releases")
def test_with_releases_the_lock_on_an_exception_and_a_bare_acquire_does_not():
    """In turn: A dies before anybody else takes a step."""
    args = FaultyCounterFile(process="A", write_number=1), Lock(), 3, 0.001
    bare = lab.run(workers.increment_with_bare_acquire, *args, schedule="")
    safe = lab.run(workers.increment_with_lock, *args, schedule="")
    assert [crash.held for crash in bare.crashes] == [("lock",)]
    assert bare.verdict == "orphaned_lock"
    assert [(crash.process, crash.held) for crash in safe.crashes] == [("A", ())]
    assert safe.account.observed == 9


@claim("04", "a plain lock after an exception: held after acquire, free after `with`")
def test_a_plain_lock_is_free_after_with_and_held_after_a_bare_acquire():
    bare, guarded = multiprocessing.Lock(), multiprocessing.Lock()
    with pytest.raises(RuntimeError):
        bare.acquire()
        raise RuntimeError
    with pytest.raises(RuntimeError), guarded:
        raise RuntimeError
    assert not bare.acquire(block=False)
    assert guarded.acquire(block=False)


@claim("04", "no two holds overlap; 40 holds of 5 ms take 200 ms at least")
def test_forty_holds_of_5_ms_take_a_fifth_of_a_second_because_none_overlap():
    run = lab.run(workers.increment_with_lock, CounterFile(), Lock(), 10, 0.005)
    spans = analysis.holds(run.events)
    assert len(spans) == 40
    assert all(one.end <= following.start for one, following in pairwise(spans))
    assert run.elapsed >= analysis.contention(run.events).hold_time >= 0.2


@claim("04", "who does not take the lock walks past it")
def test_who_takes_no_lock_walks_past_it():
    counter, lock = CounterFile(), Lock()
    careful = workers.increment_with_lock, (counter, lock, 2, 0)
    careless = workers.increment_without_lock, (counter, 2, 0)
    run = lab.run(team=[careful, careless], processes=2)
    assert {span.process for span in analysis.holds(run.events)} == {"A"}


@claim("04", "a lock made in each process excludes nobody")
def test_a_lock_made_in_each_process_excludes_nobody(tmp_path):
    run = lab.run(odd.hold_own_lock_together, str(tmp_path), processes=2, deadline=30)
    assert run.verdict == "correct"
    first, second = analysis.holds(run.events)
    assert first.identity != second.identity
    assert second.start < first.end


@claim("04", "a process that waits for a lock uses no processor")
def test_a_process_that_waits_for_a_lock_uses_no_processor():
    """Of the time in which it waits, less than a twentieth is processor time."""
    context = multiprocessing.get_context("spawn")
    reading, writing = context.Pipe(duplex=False)
    lock = context.Lock()
    child = context.Process(target=odd.tell_the_price_of_a_wait, args=(lock, writing))
    with lock:
        child.start()
        assert reading.poll(60) and reading.recv() == "waits"
        time.sleep(0.5)
    assert reading.poll(60)
    waited, used = reading.recv()
    child.join(30)
    assert waited > 0.4
    assert used < waited / 20


def test_results_of_the_start_program_are_json():
    assert set(json.loads(programs.run_program("start_times.py", "2"))) == set(lab.start_methods())


# ---- 03, the scheduler in plain Python


def run_cell(source, names):
    """Run the code of a lesson's cell, as a kernel does whose variables are `names`."""
    exec(source, names)  # noqa: S102 - it is the lesson's own


@pytest.mark.parametrize("order", ["ABA", "AAAB", "", "abba", "ABC", "AABBA"])
def test_the_plain_scheduler_refuses_a_wrong_order_before_anything_starts(order):
    source = cell_source("03", "turns-go").replace('"ABBA"', repr(order), 1)
    started = []
    with pytest.raises(
        ValueError, match=re.escape(f"two turns each, as in 'ABBA'. This order: {order!r}")
    ):
        run_cell(source, {"start": lambda: started.append(1)})
    assert not started


@claim("03", "two plain processes do as `ABBA` says, each time")
def test_the_plain_scheduler_takes_one_order_after_the_other(tmp_path, monkeypatch, capsys):
    module_of("03", "turns", monkeypatch, tmp_path, "my_turns")
    names = {}
    for cell in ("turns-start", "turns-both"):
        run_cell(cell_source("03", cell), names)
    for order, number in (("ABBA", 1), ("AABB", 2), ("ABBA", 1)):
        source = cell_source("03", "turns-go").replace('"ABBA"', repr(order), 1)
        run_cell(source, names)
        assert capsys.readouterr().out.endswith(f"2 updates, the file says {number}\n")
    names["folder"].cleanup()
    assert not multiprocessing.active_children()


# ---- 04

BARE = """
import multiprocessing

def fail(lock):
    lock.acquire()
    raise RuntimeError("something went wrong")

def wait(lock):
    print("waits", flush=True)
    lock.acquire()

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    lock = context.Lock()
    failing = context.Process(target=fail, args=(lock,))
    failing.start()
    failing.join()
    context.Process(target=wait, args=(lock,), daemon=True).start()
    input()
    print("free:", lock.acquire(block=False))
"""


def test_a_program_of_ones_own_prints_the_traceback_and_then_does_not_end(tmp_path):
    script = tmp_path / "bare.py"
    script.write_text(BARE)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, str(script)], text=True, **pipes) as program:
        assert program.stdout.readline() == "waits\n"
        said, errors = program.communicate("look\n", timeout=60)
    assert said == "free: False\n"
    assert "Traceback" in errors and errors.rstrip().endswith("RuntimeError: something went wrong")


# ---- 07


@claim(
    "07",
    "two plain processes with two locks in opposite orders that have met are still there, and would be tomorrow",
)
def test_two_plain_processes_with_two_locks_wait_until_they_are_ended(tmp_path, monkeypatch):
    module = module_of("07", "plain-worker", monkeypatch, tmp_path)
    context = multiprocessing.get_context("spawn")
    x, y, meet = context.Lock(), context.Lock(), context.Barrier(3)
    pairs = (x, y, meet), (y, x, meet)
    children = [context.Process(target=module.hold_one_take_another, args=pair) for pair in pairs]
    for child in children:
        child.start()
    meet.wait(60)  # each of them holds its first lock
    for child in children:
        child.join(0.5)
    alive = [child.is_alive() for child in children]
    for child in children:
        child.terminate()
        child.join()
    assert alive == [True, True]
    assert os.name == "nt" or [child.exitcode for child in children] == [-15, -15]
