"""Turns at a lock, the sleep outside it, and what locks cost: told by hand, run for real, drawn, in the panel."""

import inspect
import itertools
from types import SimpleNamespace

import pytest
from cases import cases, exhaustive, few
from drawings import assert_apart, assert_inside, axes_of
from pages import alts, called, cells, ends, htmls, move, press, sliders, source_rows, statuses
from runs import Stop
from stories import tell

from helpers import analysis, pictures, topics
from helpers.lab import machine
from helpers.pictures import image
from helpers.topics import Fairness, FairnessPanel, FairnessSettings, Inside, LockPrices, Outside
from helpers.workers import contention as workers

MS = 1_000_000
HOLD = "{0} takes lock / 2 ms / {0} frees lock"
# A three times, B once after a wait of 7.1 ms, A once more; C gets nothing.
STORY = (
    "A takes lock / 2 ms / A frees lock / B wants lock / C wants lock /"
    "A takes lock / 2 ms / A frees lock / A takes lock / A frees lock /"
    "B takes lock / 2 ms / B frees lock / A takes lock / A frees lock"
)


def story(*holders):
    """The run in which these held the lock, one after the other, 2 ms each."""
    return tell(" / ".join(HOLD.format(who) for who in holders))


# ---- turns, from events


def test_turns_tell_holds_streaks_and_the_longest_wait_of_each():
    reported = analysis.turns(tell(STORY).events)
    wanted = {"A": (4, 3), "B": (1, 1), "C": (0, 0)}
    assert {name: (t.holds, t.longest_streak) for name, t in reported.items()} == wanted
    assert reported["A"].longest_wait_ms == pytest.approx(0.05)
    assert reported["B"].longest_wait_ms == pytest.approx(2 + 2 * 0.05 + 2 + 2 + 0.05)


@pytest.mark.parametrize("before", ["", "B takes lock / B frees lock /"])
@pytest.mark.parametrize("after", ["", "/ B takes lock / B frees lock"])
def test_of_several_waits_the_longest_counts(before, after):
    run = tell(f"{before} B wants lock / 9 ms / B takes lock / B frees lock {after}")
    assert analysis.turns(run.events)["B"].longest_wait_ms == pytest.approx(10.05)


def test_a_wait_that_never_ended_lasts_to_the_last_stamp():
    run = tell(STORY)
    wait = analysis.turns(run.events)["C"].longest_wait
    assert wait.end == max(event.end or event.start for event in run.events)


def test_a_streak_ends_where_another_process_gets_the_lock():
    lengths = [len(streak) for streak in analysis.streaks(story(*"AABABBB").events)]
    assert lengths == [2, 1, 1, 3]
    assert analysis.streaks([]) == []
    assert analysis.turns([]) == {}


def test_holds_that_overlap_are_counted():
    events = list(story(*"ABA").events)
    assert analysis.overlaps(events) == 0
    (at,) = (i for i, e in enumerate(events) if (e.process, e.index) == ("A", 1))
    release = events[at]
    events[at] = release._replace(start=release.start + 3 * MS, end=release.end + 3 * MS)
    assert analysis.overlaps(events) == 1


# ---- the workers


def test_the_workers_differ_in_what_stands_outside_the_lock_only():
    workers_ = [FairnessSettings(outside=outside).worker for outside in Outside]
    plain, *others = (inspect.getsource(worker).splitlines()[1:] for worker in workers_)
    assert others == [[*plain, "        time.sleep(outside)"]] * 2


@pytest.fixture
def ticking(monkeypatch):
    """A clock for the workers that goes on by 1 s with each look; what they do is noted."""
    did, clock = [], itertools.count()
    time = SimpleNamespace(perf_counter=lambda: next(clock))
    time.sleep = lambda seconds: did.append(f"sleep {seconds:g}")
    monkeypatch.setattr(workers, "time", time)
    return did


class NotedLock:
    def __init__(self, did):
        self.did = did

    def __enter__(self):
        self.did.append("take")

    def __exit__(self, *_):
        self.did.append("free")


@cases(
    "worker more after",
    (workers.take_it_again_at_once, (), []),
    (workers.sleep_outside, (0,), ["sleep 0"]),
    (workers.sleep_outside, (0.5,), ["sleep 0.5"]),
)
def test_they_sleep_outside_the_lock_until_the_time_is_over(ticking, worker, more, after):
    worker(NotedLock(ticking), 3, lambda hold: ticking.append(f"work {hold}"), 7, *more)
    assert ticking == ["take", "work 7", "free", *after] * 2


# ---- the experiment


@pytest.mark.parametrize("outside", Outside)
@pytest.mark.parametrize("inside", Inside)
def test_every_hold_is_recorded_and_no_two_overlap(start_method, outside, inside):
    how = {"outside": outside, "inside": inside, "start_method": start_method, "deadline": 30}
    run = topics.run_fairness(processes=2, duration_ms=50, **how)
    assert (run.verdict, run.notes) == ("correct", machine.fork_note(start_method))
    assert analysis.overlaps(run.events) == 0
    reported = Fairness(run)
    assert len(run.events) == 2 * sum(turn.holds for turn in reported.turns.values())
    assert min(turn.holds for turn in reported.turns.values()) > 0
    assert f"holds, no two at a time; {reported.extremes}" in str(reported)


@pytest.mark.parametrize("hold_ms", [0.1, 0.3, 7, 100])
def test_no_process_can_fill_its_tape(ticking, monkeypatch, hold_ms):
    """By a clock that only holds move on: the most steps that there can be."""
    now = [0.0]
    monkeypatch.setattr(workers.time, "perf_counter", lambda: now[0])
    settings = FairnessSettings(hold_ms=hold_ms)
    seconds, hold = settings.duration_ms / 1000, settings.hold_ms / 1000
    workers.take_it_again_at_once(
        NotedLock(ticking), seconds, lambda hold: now.__setitem__(0, now[0] + hold), hold
    )
    assert 0 < len(ticking) <= settings.slots <= 1_000_000


def test_a_stopped_run_says_so_and_has_nothing_to_show():
    reported = Fairness(topics.run_fairness(stop=Stop(), processes=2))
    assert reported.run.verdict == "stopped"
    assert str(reported) == reported.run.sentence
    assert not pictures.drawable(reported)


def test_the_sentence_names_who_had_most_in_a_row_who_least_and_who_waited_longest():
    reported = Fairness(tell(STORY))
    said = "most holds in a row: 3 (A); fewest in all: 0 (C); longest wait: 9.2 ms (C)"
    assert reported.extremes == said
    assert reported.smallest_share == (0, 2)
    assert reported.sentence == f"5 holds, no two at a time; {reported.extremes}"


# ---- prices

PRICES = LockPrices(
    {
        "threading.Lock": 84.26,
        "multiprocessing.Lock": 160.0,
        "multiprocessing.RLock": 165.0,
        "file lock": 2512.0,
        "Manager().Lock": 396_555.0,
    }
)
SAID = ["84 ns", "160 ns", "160 ns", "2.5 µs", "400 µs"]


def test_prices_are_told_in_readable_units():
    assert str(PRICES) == "; ".join(map(": ".join, zip(PRICES.ns, SAID, strict=True)))


@pytest.mark.parametrize(
    ("ns", "say"),
    [(994, "990 ns"), (996, "1 µs"), (994_000, "990 µs"), (996_000, "1 ms"), (2_340_000, "2.3 ms")],
)
def test_the_unit_of_a_price_is_the_one_that_reads_best(ns, say):
    assert str(LockPrices({"a lock": ns})) == f"a lock: {say}"


def test_the_price_of_each_kind_is_measured():
    measured = topics.measure_lock_prices()
    assert list(measured.ns) == list(PRICES.ns)
    assert min(measured.ns.values()) > 0


# ---- the pictures


def bars_in(ax, what):
    """x0 and x1 of each bar of the strip, in ms, and the row it stands in."""
    (shown,) = [c for c in ax.collections if c.get_gid() == what]
    corners = [path.vertices for path in shown.get_paths()]
    return [(c[:, 0].min(), c[:, 0].max(), round(c[:, 1].mean())) for c in corners]


def test_the_strip_shows_holds_and_the_longest_wait_of_each():
    run = tell(STORY)
    strip = axes_of(Fairness(run))
    stamps = [(hold.start, hold.end) for hold in analysis.holds(run.events)]
    holds = [[(stamp - run.started) / MS for stamp in pair] for pair in stamps]
    assert [row for *_, row in bars_in(strip, "holds")] == [0, 0, 0, 1, 0]
    for (left, right, _), hold in zip(bars_in(strip, "holds"), holds, strict=True):
        assert (left, right) == pytest.approx(hold)
    assert [row for *_, row in bars_in(strip, "waits")] == [0, 1, 2]
    left, right, _ = bars_in(strip, "waits")[1]
    assert right - left == pytest.approx(Fairness(run).turns["B"].longest_wait_ms)


def test_thin_holds_of_a_streak_are_one_bar():
    run = story(*"A" * 300, *"B" * 200, "A")
    shown = bars_in(axes_of(Fairness(run)), "holds")
    assert [row for *_, row in shown] == [0, 1, 0]
    assert shown[0][1] <= shown[1][0]


def test_the_table_tells_the_turns_of_each():
    reported = Fairness(tell(STORY))
    head, *rows = cells(topics.turns_table(reported))
    waits = [f"{turn.longest_wait_ms:.1f} ms" for turn in reported.turns.values()]
    assert head == ["process", "holds", "most in a row", "longest wait"]
    assert [row[:3] for row in rows] == [["A", "4", "3"], ["B", "1", "1"], ["C", "0", "0"]]
    assert [row[3] for row in rows] == waits


EXTREMES = {
    "one alone": lambda: story("A"),
    "eight, ten thousand": lambda: story(*"ABCDEFGH", *"A" * 5000, *"BC" * 2500),
    "twenty-six": lambda: story(*"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "one that never gets it": lambda: tell(STORY),
    "two": lambda: story(*"AB"),
    "eight, 20 holds": lambda: story(*"ABCDEFGH", *"AB" * 6),
}


@pytest.mark.parametrize("name", few(EXTREMES, 4))
def test_nothing_overlaps_and_nothing_is_cut_off(name):
    strip = axes_of(Fairness(EXTREMES[name]()))
    texts = [*strip.texts, strip._left_title]
    texts += [*strip.get_legend().get_texts(), *strip.get_yticklabels(), strip.xaxis.label]
    assert_apart(*texts)
    assert_inside(strip.figure, *texts)
    assert min(text.get_fontsize() for text in texts) >= 9


def test_the_alt_text_tells_the_result():
    reported = Fairness(tell(STORY))
    assert pictures.alt_text(reported) == f"Strip of holds over time. {reported.sentence}."


def test_a_price_is_a_bar_with_its_number_and_a_hold_of_1_ms_beside():
    ax = axes_of(PRICES)
    assert [bar.get_width() for bar in ax.patches] == list(PRICES.ns.values())
    assert ax.get_xscale() == "log"
    assert list(ax.lines[-1].get_xdata()) == [MS, MS]
    assert [text.get_text() for text in ax.texts] == SAID
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a hold of 1 ms"]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(PRICES.ns)
    ticks = dict(zip(ax.get_xticks(), (t.get_text() for t in ax.get_xticklabels()), strict=True))
    assert ticks[1000] == "1 µs" and ticks[100] == "100 ns"


@pytest.mark.parametrize("manager_ns", [200.0, 40_000.0, 396_555.0, 5_000_000.0])
def test_no_words_of_the_prices_overlap_or_leave_the_picture(manager_ns):
    ax = axes_of(LockPrices({**PRICES.ns, "Manager().Lock": manager_ns}))
    texts = *ax.texts, *ax.get_legend().get_texts(), ax._left_title, ax.xaxis.label
    assert_apart(*texts)
    assert_inside(ax.figure, *texts, *ax.get_yticklabels())


def test_the_alt_text_of_the_prices_tells_them_all():
    assert str(PRICES) in pictures.alt_text(PRICES)
    assert pictures.alt_text(PRICES) in image(PRICES).replace("&#x27;", "'")


# ---- the panel


def test_the_panel_tells_the_turns_in_status_picture_and_history(panel):
    made = panel(FairnessPanel, processes=2, duration_ms=50)
    reported = Fairness(made.value)
    assert statuses(made)[0] == f"Run 1: {reported.sentence}"
    assert reported.extremes in alts(made)[0]
    fewest, equal = reported.smallest_share
    assert f"<title>{fewest} of {equal}: correct</title>" in htmls(made, "History")[0]


@pytest.mark.parametrize("outside", Outside)
def test_what_stands_outside_the_lock_is_shown(panel, outside):
    made = panel(FairnessPanel, processes=2, duration_ms=50)
    move(made, "outside", outside)
    (first, _), *_ = source_rows(htmls(made, "<pre")[0])
    assert first.startswith(f"def {made.value.worker}(")
    assert made.value.worker == FairnessSettings(outside=outside).worker.__name__


@exhaustive
def test_each_slider_goes_to_both_ends(panel):
    made = panel(FairnessPanel, processes=2, duration_ms=50)
    words = [slider.description for slider in sliders(made)]
    assert words == [
        "processes (2 to 8)",
        "hold time (0.1 to 20 ms)",
        "that sleep (0.1 to 20 ms)",
        "length in ms (50 to 1000)",
    ]
    for _ in ends(made, *reversed(words)):
        assert made.value.verdict == "correct"
    assert len(made.value.processes) == 2


def test_a_run_without_holds_leaves_no_picture_of_the_one_before(panel, monkeypatch):
    made = panel(FairnessPanel, processes=2, duration_ms=50)
    empty = tell("", "AB")
    monkeypatch.setattr(topics.run_fairness, "of", lambda *_: empty)
    press(made, "Run")
    assert alts(made) == []
    assert statuses(made)[0] == f"Run 2: {empty.sentence}"


def test_the_call_beside_the_panel_gives_such_a_run(panel):
    made = panel(FairnessPanel, processes=2, duration_ms=50, outside="time.sleep(0)")
    run = called(made)
    assert (run.verdict, run.worker) == (made.value.verdict, made.value.worker)
