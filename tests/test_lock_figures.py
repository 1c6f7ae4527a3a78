"""The pictures of locks say what the run says, and nothing in them overlaps: runs told by hand, and one real one."""

import itertools
import re
from functools import cache

import numpy as np
import pytest
from cases import few
from drawings import (
    assert_apart,
    assert_inside,
    assert_titles_whole,
    axes_of,
    figure_of,
    legend_of,
    texts_in,
)
from matplotlib.patches import FancyArrowPatch
from pages import alts, htmls
from stories import tell

from helpers import analysis, lab, pictures, topics
from helpers.course import notebook
from helpers.events import Event
from helpers.panels.panel import Screen
from helpers.pictures import drawn
from helpers.pictures.declared import drawable, new_figure
from helpers.pictures.run_picture import shows_counter

BEGIN = 5_000_000_000  # ns
MS = 1_000_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def changed(run, **values):
    """That Run, with other values of some of its fields."""
    return lab.Run(**{**vars(run), **values})


def run_of(steps, processes, elapsed=20, stuck=None, crashes=(), verdict=None, sentence="told"):
    """A Run of lock steps: (process, "takes", "wants" or "frees", lock, ms); a wait lasts 1 ms and more."""
    events = []
    for index, (who, what, lock, ms) in enumerate(steps):
        stamp = BEGIN + round(ms * MS)
        end = None if what == "wants" else stamp + MS // 20
        op, outcome = "release" if what == "frees" else "acquire", "done" if end else "open"
        events.append(Event(who, index, lock, f"id {lock}", op, stamp, end, "", "", outcome))
    return lab.Run(
        worker="told",
        parameters={},
        machine=lab.Machine.here("spawn"),
        processes=tuple(processes),
        events=tuple(events),
        started=BEGIN,
        elapsed=elapsed / 1000,
        verdict=verdict or (stuck.verdict if stuck else "correct"),
        sentence=sentence,
        crashes=tuple(crashes),
        stuck=stuck,
    )


def ring(count, more=0):
    """A deadlock of `count`; `more` others wait for lock 1, too."""
    names, steps, circle = LETTERS[:count], [], []
    for place, who in enumerate(names):
        wanted = f"{(place + 1) % count + 1}"
        steps += [(who, "takes", f"{place + 1}", 1), (who, "wants", wanted, 3)]
        circle += [who, wanted]
    if count == 1:
        steps, circle = [("A", "takes", "lock", 1), ("A", "wants", "lock", 3)], ["A", "lock"]
    others = LETTERS[count : count + more]
    steps += [(who, "wants", circle[1], 4) for who in others]
    return run_of(steps, names + others, stuck=analysis.Stuck(circle=tuple(circle)))


def orphan(waiters, exit_code=-9):
    """A is gone with the lock, and so many others wait."""
    names = LETTERS[: waiters + 1]
    steps = [("A", "takes", "lock", 1), *((who, "wants", "lock", 3) for who in names[1:])]
    orphans = tuple(analysis.Orphan(who, "lock", ("A",)) for who in names[1:])
    gone = [lab.Crash("A", exit_code, held=("lock",))]
    return run_of(steps, names, stuck=analysis.Stuck(orphans=orphans), crashes=gone)


def chain(count):
    """A is gone with lock 1; B holds lock 2 and waits for lock 1, and so on."""
    steps = [(who, "takes", f"{n}", 1) for n, who in enumerate(LETTERS[:count], 1)]
    steps += [(who, "wants", f"{n}", 3) for n, who in enumerate(LETTERS[1:count], 1)]
    stuck = analysis.Stuck(orphans=(analysis.Orphan("B", "1", ("A",)),))
    return run_of(steps, LETTERS[:count], stuck=stuck, crashes=[lab.Crash("A", -9, held=("1",))])


def eliminated():
    """A or B, both dead, took the lock along; C and D wait."""
    steps = [("A", "wants", "lock", 1), ("B", "wants", "lock", 1)]
    steps += [("C", "wants", "lock", 2), ("D", "wants", "lock", 2)]
    orphans = tuple(analysis.Orphan(who, "lock", ("A", "B"), True) for who in "CD")
    gone = [lab.Crash("A", -9), lab.Crash("B", -9)]
    return run_of(steps, "ABCD", stuck=analysis.Stuck(orphans=orphans), crashes=gone)


STUCK = {
    **{f"ring of {count}": ring(count) for count in range(1, 8)},
    "itself, and one more": ring(1, 1),
    "two, and five more": ring(2, 5),
    "four, and two more": ring(4, 2),
    **{f"orphan, {count} wait": orphan(count) for count in (1, 2, 3, 4, 5, 6, 20)},
    "an open chain of 3": chain(3),
    "by elimination": eliminated(),
}


@cache
def picture_of(name):
    """The picture of one of STUCK; drawn once, for it takes a while."""
    return figure_of(STUCK[name])


def shape(name):
    """The kind of such a picture: its name without numbers."""
    return re.sub(r"\d+", "", name)


@pytest.fixture(params=few(STUCK, kind=shape))
def stuck(request):
    """The graph in such a picture."""
    return picture_of(request.param).axes[0]


def nodes_in(ax):
    """The circles and squares, by what they are."""
    return {p.get_gid(): p for p in ax.patches if not isinstance(p, FancyArrowPatch)}


def words_on_arrows(ax):
    return [text for text in ax.texts if text.get_gid() == "word"]


def arrows_in(ax):
    return {p.get_gid(): p for p in ax.patches if isinstance(p, FancyArrowPatch)}


# ---- the graph


def test_nothing_in_a_graph_overlaps_and_nothing_is_cut_off(stuck):
    assert_titles_whole(stuck.figure)
    legend, nodes = stuck.get_legend(), nodes_in(stuck)
    assert_apart(*nodes.values())
    assert_apart(*stuck.texts)
    assert_inside(stuck.figure, *nodes.values(), *stuck.texts, legend)
    beside = [t for t in stuck.texts if t.get_text() in ("dead", "ended", "circle")]
    beside += words_on_arrows(stuck)
    for one, node in itertools.product([*beside, legend], nodes.values()):
        assert_apart(one, node)


def test_the_words_of_a_node_stand_in_it(stuck):
    for gid, node in nodes_in(stuck).items():
        box, word = node.get_window_extent(), gid.partition(" ")[2]
        extents = [t.get_window_extent() for t in stuck.texts if t.get_text() == word]
        (inside,) = [e for e in extents if box.contains((e.x0 + e.x1) / 2, (e.y0 + e.y1) / 2)]
        assert box.x0 < inside.x0 and inside.x1 < box.x1, gid


def test_no_arrow_runs_through_a_node_that_is_not_its_own(stuck):
    for gid, arrow in arrows_in(stuck).items():
        path = arrow.get_transform().transform_path(arrow.get_path()).interpolated(30)
        ends = re.split(" held | wants | perhaps ", gid)
        for name, node in nodes_in(stuck).items():
            box = node.get_window_extent().padded(-2 * stuck.figure.dpi / 100)
            is_through = any(box.contains(*point) for point in path.vertices)
            assert name.partition(" ")[2] in ends or not is_through, f"{gid}: {name}"


def test_no_word_of_a_graph_is_smaller_than_9_points(stuck):
    texts = [*stuck.texts, *stuck.get_legend().get_texts()]
    assert min(text.get_fontsize() for text in texts) >= 9


def test_the_arrows_are_the_open_waits_and_holds():
    circle = {"A wants lock 2", "lock 2 held B", "B wants lock 1", "lock 1 held A"}
    assert set(arrows_in(axes_of(ring(2, 1)))) == {*circle, "C wants lock 2"}
    assert set(arrows_in(axes_of(orphan(2)))) == {"lock held A", "B wants lock", "C wants lock"}


def test_a_lock_that_nobody_wants_is_left_out():
    run = ring(2)
    more = run_of([("A", "takes", "9", 2)], "A").events
    more = changed(run, events=run.events + more)
    assert set(nodes_in(axes_of(more))) == set(nodes_in(axes_of(run)))


@pytest.mark.parametrize("count", few([1, 2, 7, 3, 4, 5, 6], 3))
def test_the_circle_is_thicker_and_named_and_nothing_else_is(count):
    ax = axes_of(ring(count, more=2))
    widths = {gid: arrow.get_linewidth() for gid, arrow in arrows_in(ax).items()}
    thick = {gid for gid, width in widths.items() if width > 1.5 * min(widths.values())}
    assert len(thick) == 2 * count
    assert not any(gid.startswith((*LETTERS[count : count + 2],)) for gid in thick)
    assert texts_in(ax).count("circle") == 1
    labels = legend_of(ax)
    assert labels == ["is held by", "wants", "thick: the circle"]


@pytest.mark.parametrize("count", few([1, 2, 4, 3], 3))
def test_each_arrow_of_a_circle_says_what_it_means(count):
    ax = axes_of(ring(count))
    words = words_on_arrows(ax)
    assert [word.get_text() for word in words] == ["wants", "held by"] * count
    paths = {
        gid: arrow.get_transform().transform_path(arrow.get_path()).interpolated(20).vertices
        for gid, arrow in arrows_in(ax).items()
    }
    for word in words:
        box = word.get_window_extent()
        at = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
        nearest = min(paths, key=lambda gid: np.hypot(*(paths[gid] - at).T).min())
        assert ("wants" in nearest) is (word.get_text() == "wants"), nearest


def test_the_arrows_of_a_large_circle_are_told_by_the_legend():
    ax = axes_of(ring(5))
    assert not words_on_arrows(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()][:2] == ["is held by", "wants"]


def test_a_lock_has_one_colour_in_graph_and_timeline():
    graph, ax = axes_of(ring(5)), picture_of("ring of 5").axes[1]
    faces = {bars.get_facecolor() for bars in ax.patches if bars.get_gid() == "holds"}
    locks = [node for gid, node in nodes_in(graph).items() if gid.startswith("lock")]
    assert len(locks) == 5 and {tuple(lock.get_facecolor()) for lock in locks} == faces


def test_two_parts_of_one_database_have_names_of_their_own():
    def of(who, op, ms, end=1):
        stamp = BEGIN + ms * MS
        arg = "" if op == "begin" else "1"
        open_or_done = "done" if end else "open"
        return Event(
            who,
            ms,
            "database",
            "db",
            op,
            stamp,
            stamp + end if end else None,
            arg,
            "",
            open_or_done,
        )

    events = (
        of("A", "begin", 1),
        of("B", "begin", 2),
        of("A", "write", 3, 0),
        of("B", "write", 4, 0),
    )
    stuck = analysis.Stuck(circle=("A", "database", "B", "database"))
    run = changed(run_of([], "AB", stuck=stuck), events=events)
    nodes = {" ".join(gid.split()) for gid in nodes_in(axes_of(run))}
    assert nodes == {"process A", "process B", "lock database: B's part", "lock database: A's part"}


def test_a_process_that_waits_for_itself_has_two_arrows_apart():
    arrows = arrows_in(axes_of(ring(1)))
    assert set(arrows) == {"A wants lock", "lock held A"}
    heights = []
    for arrow in arrows.values():
        path = arrow.get_transform().transform_path(arrow.get_path()).interpolated(20)
        heights.append(path.vertices[len(path.vertices) // 2][1])
    assert abs(heights[0] - heights[1]) > 20 * arrow.figure.dpi / 72


@pytest.mark.parametrize(("code", "word"), [(-9, "dead"), (0, "ended"), (1, "ended")])
def test_a_holder_that_is_gone_is_crossed_out(code, word):
    ax = axes_of(orphan(2, code))
    assert word in texts_in(ax)
    box = nodes_in(ax)["process A"].get_window_extent().padded(1)
    (cross,) = [line for line in ax.lines if line.get_marker() == "x"]
    wide = cross.get_markersize() * ax.figure.dpi / 72
    ((x, y),) = ax.transData.transform(cross.get_xydata())
    assert box.contains(x - wide / 2, y - wide / 2) and box.contains(x + wide / 2, y + wide / 2)


def test_who_perhaps_took_a_lock_has_an_arrow_of_another_kind():
    ax = axes_of(eliminated())
    assert {"lock perhaps A", "lock perhaps B"} <= set(arrows_in(ax))
    labels = legend_of(ax)
    assert labels == ["wants", "went, by elimination, with"]


def test_a_run_in_which_nobody_waits_has_an_empty_graph():
    ax = new_figure().add_axes((0, 0, 1, 1))
    pictures.wait_for_graph.plot_wait_for_graph(ax, run_of([], "A"))
    assert texts_in(ax) == ["nobody waits"]


# ---- the timeline of locks


def timeline_of(run):
    ax = new_figure().add_axes((0.05, 0.1, 0.75, 0.7))
    pictures.run_picture.plot_lock_timeline(ax, run)
    ax.figure.canvas.draw()
    return ax


def spans_in(ax, what):
    """x0, x1, y0, y1 of each bar, in ms and rows."""
    shown = [patch.get_path().vertices for patch in ax.patches if patch.get_gid() == what]
    bars = [bar[:4] for vertices in shown for bar in vertices.reshape(-1, 5, 2)]
    return [(*map(float, np.sort(np.unique(c[:, 0]))), c[:, 1].min(), c[:, 1].max()) for c in bars]


NESTED = [
    ("A", "takes", "1", 1), ("A", "takes", "2", 3), ("A", "frees", "2", 8), ("A", "frees", "1", 10),
]  # fmt: skip
TWICE = [
    ("A", "takes", "1", 1), ("A", "takes", "1", 2), ("A", "frees", "1", 5), ("A", "frees", "1", 9),
]  # fmt: skip


def test_nested_holds_are_both_seen():
    outer, inner = spans_in(timeline_of(run_of(NESTED, "A")), "holds")
    assert outer[:2] == pytest.approx((1.05, 10))
    assert inner[:2] == pytest.approx((3.05, 8))
    assert -0.5 < outer[2] < outer[3] < inner[2] < inner[3] < 0.5


def test_a_lock_taken_again_is_one_hold():
    ((left, right, *_),) = spans_in(timeline_of(run_of(TWICE, "A")), "holds")
    assert (left, right) == pytest.approx((1.05, 9))


def test_bars_have_the_names_of_their_locks_where_these_fit():
    steps = [*NESTED, ("A", "takes", "a long name", 12), ("A", "frees", "a long name", 13)]
    ax = timeline_of(run_of(steps, "A"))
    assert texts_in(ax) == ["lock 1", "lock 2"]
    bars = [
        ax.transData.transform([(x0, y1), (x1, y0)]) for x0, x1, y0, y1 in spans_in(ax, "holds")
    ]
    for text, ((x0, y0), (x1, y1)) in zip(ax.texts, bars[:2], strict=True):
        box = text.get_window_extent()
        assert x0 < box.x0 and box.x1 < x1
        assert y0 < box.y0 and box.y1 < y1


def test_open_spans_end_where_the_run_ended():
    ax = timeline_of(ring(2))
    assert ax.get_xlim() == (0, 20)
    for what in ("holds", "waits"):
        assert [right for _, right, *_ in spans_in(ax, what)] == pytest.approx([20, 20])


def test_a_hold_without_an_end_lasts_until_another_process_gets_the_lock():
    """A died; the system freed its lock, and B has it."""
    steps = [("A", "takes", "1", 1), ("B", "takes", "1", 6), ("B", "frees", "1", 9)]
    run = run_of(steps, "AB", crashes=[lab.Crash("A", -9, held=("1",))], verdict="crashed")
    ax = timeline_of(run)
    first, second = spans_in(ax, "holds")
    assert first[:2] == pytest.approx((1.05, 6.05))
    assert second[:2] == pytest.approx((6.05, 9))
    assert ends(ax) == {"A": "dead"}


def ends(ax):
    return {
        t.get_gid()[-1]: t.get_text() for t in ax.texts if (t.get_gid() or "").startswith("end")
    }


def test_beside_each_row_stands_how_its_process_was_left():
    ax = timeline_of(ring(3))
    waiting = {"A": "waits for lock 2", "B": "waits for lock 3", "C": "waits for lock 1"}
    assert ends(ax) == waiting
    assert len([line for line in ax.lines if line.get_marker() == "X"]) == 3
    assert ends(timeline_of(orphan(1))) == {"A": "dead, kept lock", "B": "waits for lock"}
    assert ends(timeline_of(run_of([("A", "takes", "1", 1)], "AB"))) == {"A": "holds lock 1"}
    assert ends(timeline_of(run_of(NESTED, "A"))) == {}


@pytest.mark.parametrize("name", few(STUCK, kind=shape))
def test_the_words_beside_the_rows_are_not_cut_off_and_do_not_overlap(name):
    figure = picture_of(name)
    graph, ax = figure.axes
    words = [t for t in ax.texts if (t.get_gid() or "").startswith("end")]
    words += [ax.get_legend(), ax.xaxis.label]
    assert_apart(*words)
    assert_inside(figure, *words)
    assert not graph.get_legend().get_window_extent().overlaps(ax.bbox)


def test_a_wait_of_less_than_a_tenth_of_a_millisecond_is_not_drawn():
    """Nor one in which nobody held the lock: who waited for nobody had only lost the processor."""
    held = run_of([("B", "takes", "1", -2), ("B", "frees", "1", 0.05)], "AB")
    wait = Event("A", 0, "1", "id 1", "acquire", BEGIN, BEGIN + 90_000, "", "", "done")
    for others, end, count in (
        (held, 90_000, 0),
        (held, 300_000, 1),
        (run_of([], "AB"), 300_000, 0),
    ):
        ax = timeline_of(changed(held, events=(*others.events, wait._replace(end=BEGIN + end))))
        assert len(spans_in(ax, "waits")) == count
        labels = legend_of(ax)
        assert labels == ["holds lock 1", *["waits"] * count]


@pytest.mark.parametrize("count", [1, 2, 7, 26])
def test_one_to_26_processes_have_a_row_each(count):
    run = orphan(count - 1) if count > 1 else run_of(NESTED, "A")
    ax = timeline_of(run)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(LETTERS[:count])
    for *_, top, bottom in [*spans_in(ax, "holds"), *spans_in(ax, "waits")]:
        assert round((top + bottom) / 2) in range(count)


def test_a_run_without_an_event_has_empty_rows():
    ax = timeline_of(run_of([], "AB"))
    assert spans_in(ax, "holds") == spans_in(ax, "waits") == []


def test_many_spans_leave_names_out_and_many_locks_share_a_line_of_the_legend():
    steps = []
    for place, who in itertools.product(range(70), LETTERS[:7]):
        lock = f"{(place + LETTERS.index(who)) % 9}"
        steps += [(who, "takes", lock, place), (who, "frees", lock, place + 0.9)]
    ax = timeline_of(run_of(steps, LETTERS[:7], elapsed=71))
    assert len(spans_in(ax, "holds")) == 490
    assert len(texts_in(ax)) <= 200
    assert legend_of(ax) == ["holds a lock"]


# ---- how deep a lock was taken


def depth_of(run):
    ax = new_figure().add_axes((0.1, 0.1, 0.8, 0.8))
    pictures.run_picture.plot_recursion_depth(ax, run)
    return ax


def test_the_depth_goes_up_with_each_acquire_and_down_with_each_release():
    ax = depth_of(run_of(TWICE, "AB"))
    first, second = ax.lines
    assert list(first.get_ydata()) == [0, 1, 2, 1, 0, 0]
    assert list(first.get_xdata()) == pytest.approx([0, 1.05, 2.05, 5, 9, 20])
    assert list(second.get_ydata()) == [0, 0]
    assert first.get_marker() != second.get_marker() and first.get_color() != second.get_color()


def test_depth_and_timeline_have_the_same_ticks():
    for elapsed in (20, 43, 97, 141):
        steps = [("B", "takes", "1", 0.1), ("B", "frees", "1", 0.5), *TWICE]
        figure = figure_of(run_of(steps, "AB", elapsed=elapsed))
        above, below = ([*ax.get_xticks()] for ax in figure.axes)
        assert above == below


# ---- many bank runs


def transfers(*runs):
    """Bank runs of two processes with two transfers each, as (verdict, how many they completed)."""
    reported = []
    for verdict, done in runs:
        event = Event("A", 0, "account 1", "1", "write", BEGIN, BEGIN + 1, "", "", "done")
        run = run_of([], "AB", verdict=verdict)
        reported.append(changed(run, events=(event,) * (2 * done)))
    settings = topics.TransferSettings(processes=2, times=2)
    return topics.TransferTrials(settings, len(reported), tuple(reported))


MIXED = ("deadlock", 0), ("correct", 4), ("deadlock", 3), ("broken_invariant", 2)


@pytest.fixture
def ax():
    return new_figure().add_axes((0.1, 0.1, 0.8, 0.7))


def test_each_bank_run_has_a_bar_and_those_that_got_stuck_are_crossed(ax):
    topics.plot_transfers(ax, transfers(*MIXED))
    drawn = {
        round(b.get_x() + b.get_width() / 2): (b.get_height(), b.get_hatch()) for b in ax.patches
    }
    assert drawn == {1: (0, "xxx"), 2: (4, None), 3: (3, "xxx"), 4: (2, "///")}
    (crosses,) = [line for line in ax.lines if line.get_marker() == "X"]
    assert crosses.get_xydata().tolist() == [[1, 0], [3, 3]]
    (asked,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert list(asked.get_ydata()) == [4, 4]


@pytest.mark.parametrize("count", [0, 1, 200])
def test_no_run_and_200_runs_are_drawn(ax, count):
    topics.plot_transfers(ax, transfers(*(MIXED * 50)[:count]))
    assert len(ax.patches) == count


WASTED = {0: [900, 0, 30], 1.0: [4, 2]}


def test_wasted_tries_are_dots_with_their_median_and_0_is_seen(ax):
    topics.plot_wasted_tries(ax, topics.WastedTries(WASTED, 10))
    dots = [sorted(line.get_ydata()) for line in ax.lines if line.get_marker() == "o"]
    bars = [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "None"]
    assert dots == [[0, 30, 900], [2, 4]]
    assert bars == [30, 3] and texts_in(ax) == ["30", "3"]
    assert ax.get_yscale() == "symlog"
    x, y = ax.transData.transform((0, 0))
    assert ax.bbox.contains(x, y)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0 ms", "1 ms"]


def test_a_narrow_range_of_wasted_tries_is_on_a_plain_axis(ax):
    topics.plot_wasted_tries(ax, topics.WastedTries({1: [3, 0]}, 10))
    assert ax.get_yscale() == "linear"


# ---- which picture, and its words


def with_accounts(run, *names, verdict="correct"):
    account = tell("A reads 0 / A writes 1").account
    return changed(run, accounts=dict.fromkeys(names, account), verdict=verdict)


LOCKED, WAITING = run_of(NESTED, "A"), run_of([*NESTED, ("A", "wants", "1", 12)], "A")
PICTURES = {
    "a deadlock": (ring(2), 2),
    "a deadlock with counters": (with_accounts(ring(2), "a", verdict="deadlock"), 2),
    "an orphaned lock": (orphan(1), 2),
    "locks without a counter": (LOCKED, 1),
    "a bank": (with_accounts(LOCKED, "a", "b"), 1),
    "a bank whose sum is wrong": (with_accounts(LOCKED, "a", "b", verdict="broken_invariant"), 1),
    "late, and it waits": (with_accounts(WAITING, "a", verdict="timed_out"), 1),
    "late, but nobody waits": (with_accounts(LOCKED, "a", verdict="timed_out"), "counter"),
    "a counter with a lock": (with_accounts(LOCKED, "a"), "counter"),
    "two counters, updates lost": (
        with_accounts(LOCKED, "a", "b", verdict="lost_updates"), "counter",
    ),
    "a torn number in a bank": (with_accounts(LOCKED, "a", "b", verdict="corrupted"), "counter"),
    "two counters without a lock": (with_accounts(run_of([], "A"), "a", "b"), "counter"),
}  # fmt: skip


def axes_in(kind):
    return PICTURES[kind][1]


def shown(run):
    """A panel's screen that shows this run."""
    screen = Screen()
    screen.draw(run)
    return screen


@pytest.mark.parametrize("kind", PICTURES)
def test_each_run_has_the_picture_that_tells_most(kind):
    run, axes = PICTURES[kind]
    assert drawable(run)
    assert shows_counter(run) is (axes == "counter")
    if axes != "counter":
        assert len(drawn(run).axes) == axes


def test_a_run_without_counter_and_lock_has_no_picture():
    nothing = run_of([], "A")
    assert not drawable(nothing)
    assert "<img" not in notebook.result_html(nothing)
    assert alts(shown(nothing)) == []


@pytest.mark.parametrize("kind", few(PICTURES, kind=axes_in))
def test_notebook_and_panel_show_that_picture(kind):
    run, _ = PICTURES[kind]
    assert htmls(shown(run), "<img ") == [pictures.image(run)]
    assert pictures.image(run) in notebook.result_html(run)


def test_the_alt_text_of_a_run_of_locks_says_what_it_shows_and_its_sentence():
    alt = pictures.alt_text(changed(ring(2), sentence="deadlock: A waits for lock 2"))
    assert "deadlock: A waits for lock 2." in alt and "Graph of who waits" in alt
    told = "Timeline of holds and waits. told. Verdict: correct."
    assert pictures.alt_text(LOCKED) == told
    assert "Verdict: orphaned lock" in pictures.alt_text(orphan(1))


RESULTS = {
    "bank runs": (transfers(*MIXED), "completed: 0, 4, 3, 2. 2 of 4 runs ended in a deadlock"),
    "wasted tries": (topics.WastedTries(WASTED, 10), "medians: 0 ms: 30, 1 ms: 3"),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_each_result_has_a_picture_whose_alt_text_says_the_result(kind):
    result, words = RESULTS[kind]
    assert words in pictures.alt_text(result)
    assert drawable(result)
    assert notebook.result_html(result).count("<img ") == 1


def test_a_real_deadlock_is_drawn_as_its_run_tells_it():
    run = topics.run_transfers(processes=3, pause_ms=30)
    assert run.verdict == "deadlock"
    ax = axes_of(run)
    reported = set(re.findall(r"(\w) waits for (lock \d)", run.sentence))
    thick = {gid for gid, arrow in arrows_in(ax).items() if arrow.get_linewidth() > 2}
    assert {tuple(gid.split(" wants ")) for gid in thick if "wants" in gid} == reported
    beside = {(who, f"waits for {lock}") for who, lock in reported}
    assert set(ends(ax.figure.axes[1]).items()) == beside
    assert run.sentence in pictures.alt_text(run)
