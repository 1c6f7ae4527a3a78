"""Streams and log files: each write is a step, and model and real files say the same."""

import os
from collections import Counter

import pytest
import workers_for_tests as workers
from claim import claim
from runs import every_order, observed

from helpers import analysis, lab, schedules
from helpers.events import stamps
from helpers.resources import Lock, LogFile, Stream
from helpers.workers import output

WORKERS = [
    (output.print_in_pieces, Stream, 1),
    (output.print_one_string, Stream, 2),
    (output.log_opened_with_w, LogFile, 1),
    (output.log_opened_with_a, LogFile, 2),
    (output.log_in_two_writes, LogFile, 1),
]
every = pytest.mark.parametrize(
    ("worker", "kind", "times"), WORKERS, ids=[worker.__name__ for worker, *_ in WORKERS]
)


@claim("10", "real streams and logs say in every order what the model says")
@every
def test_real_files_say_in_every_order_what_the_model_says(worker, kind, times):
    orders = list(every_order(worker, kind(), times, 0))
    assert len(orders) >= 6
    with lab.ProcessSet(2) as pair:
        for walk in orders:
            run = pair.run(worker, kind(), times, 0, schedule=walk.schedule)
            assert observed(run) == walk.values
            assert run.verdict == walk.result[0]


@every
def test_the_explorer_counts_what_one_by_one_is_found(worker, kind, times):
    found = schedules.explore(worker, kind(), times, 0)
    assert found.is_proof or worker is output.log_opened_with_w
    counts = {outcome.label: outcome.count for outcome in found.outcomes}
    orders = every_order(worker, kind(), times, 0)
    assert counts == Counter(next(iter(walk.values.values())) for walk in orders)


def test_three_like_processes_are_interchangeable():
    found = schedules.explore(output.log_in_two_writes, LogFile(), 1, 0, processes=3)
    assert found.schedules == 90  # 6! / (2! 2! 2!)
    assert found.is_proof and {outcome.verdict for outcome in found.outcomes} == {"ended"}
    whole = [outcome for outcome in found.outcomes if outcome["log"].startswith("3 kept")]
    assert [outcome.count for outcome in whole] == [6]


def test_pieces_scramble_one_string_never_does_and_a_lock_keeps_pieces_together():
    def kept(*args):
        return {outcome.label: outcome.count for outcome in schedules.explore(*args).outcomes}

    assert kept(output.print_one_string, Stream(), 2, 0) == {"4 kept, 0 torn, 0 lost": 6}
    assert kept(output.log_opened_with_a, LogFile(), 2, 0) == {"4 kept, 0 torn, 0 lost": 6}
    locked = schedules.explore(output.print_in_pieces_with_lock, Stream(), Lock(), 2, 0)
    assert locked.is_proof
    assert {outcome["screen"] for outcome in locked.outcomes} == {"4 kept, 0 torn, 0 lost"}
    assert len(kept(output.print_in_pieces, Stream(), 2, 0)) == 4


@claim("10", 'opened with `"w"`: three of four lines gone, none torn')
def test_opened_with_w_each_line_has_one_place_and_the_last_one_keeps_it():
    orders = every_order(output.log_opened_with_w, LogFile(), 2, 0)
    assert {walk.values["log"] for walk in orders} == {"2 kept, 0 torn, 2 lost"}


def test_who_opens_late_leaves_a_hole_in_front_of_the_others(start_method):
    how = {"start_method": start_method, "schedule": "AABA"}
    run = lab.run(output.log_opened_with_w, LogFile(), 2, 0, processes=2, **how)
    # A's second line was put behind a place that B had emptied; B fills it with its own two.
    assert run.account.text == "B.0001 order 0 is done\nB.0002 order 1 is done\n"
    assert run.sentence == "4 lines by 2 processes: 2 lost, 2 whole"


def test_a_line_whose_front_was_emptied_is_torn(start_method):
    log = LogFile()
    team = [(output.log_opened_with_w, (log, 2, 0)), (workers.open_and_leave, (log,))]
    run = lab.run(team=team, processes=2, start_method=start_method, schedule="AABA")
    hole = "\0" * len("A.0001 order 0 is done\n")
    assert run.account.text == f"{hole}A.0002 order 1 is done\n"
    assert run.verdict == "corrupted"
    assert run.sentence == "2 lines by 1 process: 1 lost and 1 torn, 0 whole"


def test_print_writes_piece_by_piece(tmp_path):
    screen = Stream(path=str(tmp_path / "screen.txt"))
    print("order", 3, "is done", file=screen, flush=True)
    found = screen.content()
    texts = [text for _, text in stamps.pieces(found)]
    assert texts == ["order", " ", "3", " ", "is done", "\n"]
    screen.leave()


def test_nothing_to_write_is_no_step():
    run = lab.run(workers.write_nothing, Stream(), processes=1)
    assert run.events == ()
    assert run.sentence == "0 lines by 0 processes: all whole"


@pytest.mark.parametrize(
    ("text", "error"),
    [(7, "7 is not text"), ("x" * 33, "up to 32 ASCII"), ("ä", "up to 32 ASCII")],
)
def test_only_short_plain_text_can_be_written(tmp_path, text, error):
    path = tmp_path / "log.txt"
    path.write_text("")
    with pytest.raises((TypeError, ValueError), match=error):
        LogFile(path=str(path)).open("a").write(text)
    assert path.read_text() == ""


@pytest.mark.parametrize("mode", ["r", "x", "A", None])
def test_a_log_has_two_modes(mode):
    with pytest.raises(ValueError, match='choose "w" or "a"'):
        LogFile().open(mode)


def test_without_a_run_it_needs_a_path():
    with pytest.raises(RuntimeError, match="LogFile\\(path="):
        LogFile().open("w")
    with pytest.raises(ValueError, match="name='a/b'"):
        Stream("a/b")


def test_records_are_kept_torn_or_lost():
    records = stamps.records(
        ["A.0001 one ", "A.0002 two\n", "A.0003 x\n", "A.0004 y\n", "A.0005 open"]
    )
    assert records == [
        ("A.0001 one ", "A.0002 two\n"), ("A.0003 x\n",), ("A.0004 y\n",), ("A.0005 open",)
    ]  # fmt: skip
    found = stamps.sort_records("A.0001 one B.0001 A.0002 two\nA.0003 x\n", records)
    assert found == (tuple(records[1:2]), tuple(records[:1]), tuple(records[2:3]))


def test_lines_tell_whose_their_pieces_are():
    run = lab.run(output.log_in_two_writes, LogFile(), 1, 0, processes=2, schedule="ABAB")
    assert isinstance(run.account, analysis.Records)
    assert run.account.lines == [
        ([("A", "order 0 "), ("B", "order 0 "), ("A", "is done\n")], False),
        ([("B", "is done\n")], False),
    ]


def test_a_file_of_its_own_is_closed_after_each_trial():
    if not os.path.isdir("/proc/self/fd"):
        return
    with lab.ProcessSet(1) as alone:
        counts = [alone.run(workers.count_open_files, LogFile()).returned["A"] for _ in range(3)]
    assert len(set(counts)) == 1
