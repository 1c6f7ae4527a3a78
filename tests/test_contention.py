"""Contention and granularity: what is measured, and what the pictures say of it."""

import os
import re
from types import SimpleNamespace

import pytest
import workers_for_tests as workers
from claim import claim
from drawings import texts_in
from runs import Stop

from helpers import analysis, lab, pictures, topics
from helpers.events import pause
from helpers.pictures.declared import new_figure
from helpers.resources import AccountFile, CounterFile, Lock
from helpers.topics import (
    Granularity,
    Load,
    LoadSettings,
    LoadSweep,
    measure_contention,
    measure_granularity,
)
from helpers.workers import bank, contention

QUICK = {"times": 2, "hold_ms": 0.2, "work_ms": 0.5}
SWEEP = LoadSweep(
    LoadSettings(), (Load(1, 200, 2, 0), Load(2, 400, 2, 0.5), Load(8, 480, 2.5, 9)), cores=2
)


def axes(count=1):
    return new_figure().subplots(count)


# ---- contention


def test_each_number_of_processes_is_measured_in_the_given_order():
    reported = []
    sweep = measure_contention((2, 1), 2, progress=lambda *done: reported.append(done), **QUICK)
    assert [load.processes for load in sweep.loads] == [2, 1]
    assert reported == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert (sweep.alone.processes, sweep.cores) == (1, lab.usable_cores())
    assert all(load.hold_ms >= 0.2 for load in sweep.loads)


def test_no_process_of_one_run_gets_more_done_than_its_holds_allow():
    """Of one run: the medians of several runs, of which one was slow, need not fit together."""
    for load in measure_contention((2, 1), 1, **QUICK).loads:
        assert 0 < load.throughput <= 1000 * load.processes / load.hold_ms


def test_the_serial_share_is_that_of_a_round_alone():
    assert SWEEP.serial_limit == 500
    assert SWEEP.serial_share == pytest.approx(0.4)
    assert (
        "40% of each round is under the lock when a process runs alone: at most 500, 2.5 times as many"
        in str(SWEEP)
    )


@pytest.mark.parametrize("computing", [False, True])
@pytest.mark.parametrize(
    "one_core", [False, pytest.param(True, marks=pytest.mark.platform("linux"))]
)
def test_every_kind_of_work_counts_right(start_method, computing, one_core):
    spend = contention.compute if computing else pause
    args = spend, CounterFile(), Lock(), 2, 0.001, 0.001
    how = {"processes": 2, "start_method": start_method, "deadline": 30}
    run = lab.run(contention.work_and_count, *args, **how)
    assert (run.verdict, run.account.observed) == ("correct", 4)


@pytest.mark.platform("linux")
def test_processes_that_share_a_core_leave_the_kernel_where_it_is():
    before = os.sched_getaffinity(0)
    assert measure_contention((2,), 1, one_core=True, **QUICK).cores == 1
    assert os.sched_getaffinity(0) == before


@pytest.mark.platform("linux")
def test_they_do_share_one_core():
    run = lab.run(workers.tell_cores, processes=2)
    assert {len(cores) for cores in run.returned.values()} == {1}
    assert len(set.union(*run.returned.values())) == 1


def test_where_a_system_cannot_tie_processes_to_a_core_it_says_so(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with pytest.raises(ValueError, match="this system cannot tie a process to one core"):
        measure_contention(one_core=True)


def test_compute_counts_no_time_in_which_others_had_the_processor(monkeypatch):
    """On a clock on which a turn of its loop takes 10 us, but for one, where others had the processor for a second."""
    moments = [0, 10, 20, 1_000_020, 1_000_030, 1_000_040, 1_000_050, 1_000_060]
    left = iter(moment / 1e6 for moment in moments)
    monkeypatch.setattr(contention, "time", SimpleNamespace(perf_counter=lambda: next(left)))
    contention.compute(79e-6)  # six turns of 10 us, and the long one counts as 20
    assert list(left) == []


def test_a_stopped_measurement_keeps_what_was_measured():
    stop = Stop(after=3)
    sweep = measure_contention((1, 2, 3), 2, stop.progress, stop, **QUICK)
    assert [load.processes for load in sweep.loads] == [1, 2]
    nothing = measure_contention((1,), 1, stop=stop, **QUICK)
    assert str(nothing) == "stopped before anything was measured"
    assert pictures.image(nothing).startswith("<img")


def test_the_picture_of_a_load_shows_the_limits_and_the_cores():
    throughput, times = axes(2)
    topics.plot_contention(throughput, times, SWEEP)
    labels = [line.get_label() for line in throughput.lines]
    assert "serial limit: 500, one hold after the other" in labels
    cores = next(line for line in throughput.lines if line.get_gid() == "cores")
    assert set(cores.get_xdata()) == {2}
    measured = next(line for line in throughput.lines if line.get_gid() == "measured")
    assert measured.get_xydata().tolist() == [[1, 200], [2, 400], [8, 480]]
    assert {"2 cores to compute on", "200", "400", "480"} == set(texts_in(throughput))
    assert texts_in(times) == ["2.0 + 0.0", "2.0 + 0.5", "2.5 + 9.0"]


def test_more_cores_than_the_picture_is_wide_are_told_in_words():
    throughput, times = axes(2)
    topics.plot_contention(throughput, times, LoadSweep(SWEEP.settings, SWEEP.loads, 64))
    assert "64 cores to compute on" in texts_in(throughput)
    assert not [line for line in throughput.lines if line.get_gid() == "cores"]


def test_the_alt_text_of_a_load_tells_all_numbers():
    assert pictures.alt_text(SWEEP).endswith(
        "In ms per update: 1: held 2.0, waited 0.0; 2: held 2.0, waited 0.5; 8: held 2.5, waited 9.0."
    )


# ---- granularity


def test_deposits_are_all_there_however_many_locks(start_method):
    files = [CounterFile(f"account {i}") for i in range(4)]
    for count in (1, 2, 4):
        locks = [Lock(f"lock {i}") for i in range(count)]
        team = [(bank.deposit, (files, locks, first, 6, 0)) for first in (0, 1, 3)]
        run = lab.run(team=team, processes=3, start_method=start_method, deadline=30)
        assert (run.verdict, sum(a.observed for a in run.accounts.values())) == ("correct", 18)
        assert {span.lock for span in analysis.holds(run.events)} == {
            f"lock {i}" for i in range(count)
        }


def test_an_account_always_has_the_same_lock():
    files = [CounterFile(f"account {i}") for i in range(4)]
    locks = [Lock("even"), Lock("odd")]
    run = lab.run(bank.deposit, files, locks, 0, 4, 0, processes=1)
    held = [span.lock for span in analysis.holds(run.events)]
    assert held == ["even", "odd", "even", "odd"]
    reads = [event.shared for event in run.events if event.op == "read"]
    assert reads == [f"account {i}" for i in range(4)]


def test_granularity_is_measured_for_each_number_of_locks():
    found = measure_granularity((1, 3), accounts=3, processes=2, times=2, pause_ms=0.5, count=2)
    assert list(found.seconds) == [1, 3]
    assert [len(seconds) for seconds in found.seconds.values()] == [2, 2]
    assert re.fullmatch(r"2 processes, 3 accounts: 1 lock: \d+ ms · 3 locks: \d+ ms", str(found))


def test_stopped_granularity_keeps_what_was_measured():
    assert measure_granularity(stop=Stop()).seconds == {}


def bank_and_audit(audit):
    accounts, locks = [AccountFile("1"), AccountFile("2")], [Lock("1"), Lock("2")]
    transfer = (bank.transfer_in_given_order, (*accounts, *locks, 10, 1, 0))
    return [(audit, (accounts, locks)), transfer]


@claim("05", "an audit with one lock at a time sees 210")
def test_an_audit_that_holds_one_lock_at_a_time_sees_money_twice(start_method):
    team = bank_and_audit(bank.audit_one_by_one)
    run = lab.run(team=team, processes=2, start_method=start_method, schedule="AAABBBBBBBB")
    assert (run.verdict, run.returned["A"]) == ("correct", 210)


@claim("05", "an audit with all locks sees 200")
def test_an_audit_that_holds_all_locks_sees_the_right_sum(start_method):
    team = bank_and_audit(bank.audit_under_all_locks)
    for schedule in ("A", "BBBBBBBB"):
        run = lab.run(team=team, processes=2, start_method=start_method, schedule=schedule)
        assert (run.verdict, run.returned["A"]) == ("correct", 200)


def test_the_picture_of_granularity_has_a_bar_for_each_number_of_locks():
    found = Granularity(8, 4, {1: [0.1, 0.12], 8: [0.03]}, {1: 5.0, 8: 0.0})
    ax = axes()
    topics.plot_granularity(ax, found)
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([110, 30])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1 lock", "8 locks"]
    assert texts_in(ax) == ["110 ms\nwaits 5.0 ms for each", "30 ms\nwaits 0.0 ms for each"]
    assert pictures.alt_text(found) == f"Bar chart of the time for the same deposits. {found}."


def test_a_result_without_runs_can_still_be_drawn():
    assert pictures.image(Granularity(8, 4, {}, {})).startswith("<img")
