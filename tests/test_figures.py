"""The figures say what the run says: bars, arrows, labels and words against runs told by hand."""

import base64
import dataclasses
import io
import re
from enum import Enum

import numpy as np
import pytest
from cases import cases, few
from conftest import ROOT
from drawings import assert_apart, assert_titles_whole, axes_of, figure_of, texts_in
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch
from PIL import Image
from scripts import python
from stories import tell

from helpers import pictures, topics
from helpers.panels.panel import Panel
from helpers.pictures.declared import PICTURES, TABLES, image_tag, new_figure
from helpers.schedules import Exploration, Outcome
from helpers.topics import orders

# B's 1 covers A's 1: one lost, two kept.
RACE = "A reads 0 / B reads 0 / A writes 1 / B writes 1 / A reads 1 / A writes 2"
TAKING_TURNS = (
    "A takes lock / B wants lock / A reads 0 / A writes 1 / A frees lock /"
    "B takes lock / B reads 1 / B writes 2 / B frees lock"
)
RESET = (
    "A reads 0 / A writes 1 / B reads 1 / B empties / C reads nothing / B fills 2 /"
    "C empties / C fills 1"
)
TORN = "A reads 0 / A writes 1 / file 90"
BRANCH = "A reads 0 / B reads 0 / A writes 1 / A reads 1 / A writes 2 / B writes 1"


class Timeline:
    """What the timeline of a run shows, found by the words and kinds of its parts."""

    def __init__(self, run):
        figure = new_figure()
        pictures.timeline.plot_timeline(figure, run)
        figure.canvas.draw()
        self.rows, self.value = figure.axes
        self.legend = [text.get_text() for text in self.value.get_legend().get_texts()]
        self.arrows = [a for a in self.rows.patches if isinstance(a, FancyArrowPatch)]
        self.labels = [(text.get_text(), text.get_window_extent()) for text in self.rows.texts]
        self.steps, self.expected = self.value.lines

    def place(self, ms, row):
        """The pixel of a moment in a process's row, as matplotlib's axes see it."""
        return self.rows.transData.transform((ms, row))

    def patch(self, words):
        """The bars that the legend explains by words that begin so, as one patch; None where there are none."""
        found = [shown for shown in self.rows.patches if shown.get_label().startswith(words)]
        return found[0] if found else None

    def bars(self, words):
        """x0, y0, x1, y1 of each of those bars, in pixels."""
        patch = self.patch(words)
        if patch is None:
            return []
        corners = patch.get_transform().transform(patch.get_path().vertices).reshape(-1, 5, 2)
        corners = corners[:, :4]  # the fifth says that the bar is closed
        return [(*map(float, c.min(axis=0)), *map(float, c.max(axis=0))) for c in corners]

    def lines(self, number):
        """The ends of each line between kept updates, 0, or between lost ones, 1: in pixels."""
        shown = self.rows.collections[number]
        return [self.rows.transData.transform(path.vertices) for path in shown.get_paths()]


@pytest.fixture
def timeline():
    """Draws a run and gives its Timeline."""
    return Timeline


def names(updates):
    return [f"{update.process}{int(update.key[2:])}" for update in updates]


def drawn_arrows(timeline, run):
    """Each arrow as (lost, rival): the names of the bars at which it begins and its tip ends."""
    lost = dict(zip(names(run.account.lost), timeline.bars("lost"), strict=True))
    kept = dict(zip(names(run.account.kept), timeline.bars("kept"), strict=True))
    ends = [
        arrow.get_transform().transform_path(arrow.get_path()).vertices for arrow in timeline.arrows
    ]
    return {(_bar_at(points[0], lost), _bar_at(points[-3], kept)) for points in ends}


def _bar_at(point, bars):
    x, y = point
    at = [n for n, (x0, y0, x1, y1) in bars.items() if x0 <= x <= x1 and y0 - 2 <= y <= y1 + 2]
    assert len(at) == 1, f"an arrow's end is at {at or 'no bar'}"
    return at[0]


def round_of_all(count, base, rest="0 ms"):
    """A story in which `count` processes read `base`, then all write the next number."""
    who = "ABCDEFGHIJKLMNOP"[:count]
    writes = (f"{name} writes {base + 1}" for name in who)
    return "/".join([*(f"{name} reads {base}" for name in who), rest, *writes])


# ---- the timeline


def test_bars_and_their_values_stand_where_the_updates_happened(timeline):
    shown = timeline(tell(RACE))
    (first, second), (lost,) = shown.bars("kept"), shown.bars("lost")
    bars = (first, 1, 1, 4), (second, 0, 4, 6), (lost, 0, 0, 3)
    for (x0, y0, x1, y1), row, began, ended in bars:
        left, middle = shown.place(began, row)
        right, _ = shown.place(ended, row)
        assert (x0, x1) == (pytest.approx(left, abs=1), pytest.approx(right, abs=1))
        assert (y0 + y1) / 2 == pytest.approx(middle, abs=1)
    assert list(shown.steps.get_ydata()) == [0, 1, 1, 2, 2]
    assert shown.expected.get_ydata()[0] == 3
    assert texts_in(shown.value)[-1] == "2"


@cases(
    "story kept lost",
    (RACE, 2, 1),
    (TAKING_TURNS, 2, 0),
    (BRANCH, 1, 2),
    (RESET, 1, 2),
    (TORN, 0, 1),
    ("A reads 0 / A writes 1", 1, 0),
    ("A reads 0", 0, 0),
    ("", 0, 0),
)
def test_every_update_has_one_bar(timeline, story, kept, lost):
    shown = timeline(tell(story, processes="A"))
    assert (len(shown.bars("kept")), len(shown.bars("lost"))) == (kept, lost)


@cases(
    "story arrows",
    (RACE, {("A1", "B1")}),
    (round_of_all(3, 0), {("A1", "C1"), ("B1", "C1")}),
    # A's second update built on its lost first: one arrow for the branch.
    (BRANCH, {("A1", "B1")}),
    # A's lost 1 and C's lost 2 are branches of their own, from different kept numbers.
    (
        round_of_all(2, 0) + "/ C reads 1 / B reads 1 / C writes 2 / B writes 2",
        {("A1", "B1"), ("C1", "B2")},
    ),
    # Cut off by a reset, or by a torn number: no rival.
    (RESET, set()),
    (TORN, set()),
    (TAKING_TURNS, set()),
)
def test_arrows_join_each_lost_branch_to_its_rival(timeline, story, arrows):
    run = tell(story)
    shown = timeline(run)
    assert drawn_arrows(shown, run) == arrows
    assert len(shown.arrows) == len(arrows)


def test_lines_join_kept_updates_and_the_updates_of_a_lost_branch(timeline):
    shown = timeline(tell(RACE))
    assert (len(shown.lines(0)), len(shown.lines(1))) == (1, 0)
    (link,) = shown.lines(0)
    assert link[0] == pytest.approx(shown.place(4, 1), abs=1)
    assert link[-1] == pytest.approx(shown.place(4, 0), abs=1)
    shown = timeline(tell(BRANCH))
    assert (len(shown.lines(0)), len(shown.lines(1))) == (0, 1)


def test_labels_stand_only_where_they_fit(timeline):
    # A's first update is long, its second one short; of B's, which are lost, too.
    run = tell(
        "A reads 0 / B reads 0 / 300 ms / B writes 1 / A writes 1 /"
        "B reads 1 / A reads 1 / B writes 2 / A writes 2 / 500 ms"
    )
    shown = timeline(run)
    assert [words for words, _ in shown.labels] == ["0→1", "0→1"]
    (bar, _), (frame, _) = shown.bars("kept"), shown.bars("lost")
    for one, (_, extents) in zip((bar, frame), shown.labels, strict=True):
        assert _is_inside(extents, one)


@pytest.mark.parametrize("count", few([2, 8, 4], 2))
@pytest.mark.parametrize("rounds", few([1, 9, 3, 25], 2))
def test_no_label_is_wider_than_its_bar_and_no_two_overlap(timeline, count, rounds):
    run = tell("/".join(round_of_all(count, base) for base in range(rounds)))
    shown = timeline(run)
    bars = shown.bars("kept") + shown.bars("lost")
    extents = [extent for _, extent in shown.labels]
    assert all(any(_is_inside(one, bar) for bar in bars) for one in extents)
    assert not any(a.overlaps(b) for i, a in enumerate(extents) for b in extents[:i])
    if rounds == 1:
        assert len(extents) == count


def _is_inside(extents, bar):
    x0, y0, x1, y1 = bar
    return x0 < extents.x0 and extents.x1 < x1 and y0 < extents.y0 and extents.y1 < y1


def test_3200_updates_are_drawn_without_labels_hatching_or_arrows(timeline):
    run = tell("/".join(round_of_all(16, base) for base in range(200)))
    shown = timeline(run)
    assert (len(shown.bars("kept")), len(shown.bars("lost"))) == (200, 3000)
    assert shown.labels == shown.arrows == [] and shown.patch("lost").get_hatch() is None
    assert "arrow" not in " ".join(shown.legend)


@pytest.mark.parametrize(
    ("count", "rounds", "are_joined"), [(2, 10, True), (4, 3, True), (8, 4, False)]
)
def test_of_more_joins_than_can_be_followed_none_is_drawn(timeline, count, rounds, are_joined):
    shown = timeline(tell("/".join(round_of_all(count, base) for base in range(rounds))))
    assert shown.patch("lost").get_hatch()
    assert bool(shown.arrows) is are_joined
    assert ("arrow" in " ".join(shown.legend)) is are_joined


def test_an_expected_number_far_above_does_not_press_the_curve_flat(timeline):
    for count in (2, 8):
        shown = timeline(tell("/".join(round_of_all(count, base) for base in range(5))))
        low, high = shown.value.get_ylim()
        assert 5 / (high - low) > 0.3
        words = shown.value.texts[0].get_text().strip()
        assert words == ("expected 10" if count == 2 else "expected 40, far above")
        assert shown.value.texts[0].get_position()[1] < high


def test_more_than_200_updates_have_no_labels_though_some_would_fit(timeline):
    for rounds, has_labels in ((20, True), (21, False)):
        story = "/".join(round_of_all(10, base, rest="40 ms") for base in range(rounds))
        shown = timeline(tell(story))
        assert shown.patch("lost").get_hatch()
        assert bool(shown.labels) is has_labels


def test_holds_and_waits_stand_in_the_rows_of_their_processes(timeline):
    # A holds from 0.05 ms until it frees at 3.05; B waits from 0.05 and has the lock at 4.1.
    shown = timeline(tell(TAKING_TURNS))
    held = [(box[0], box[2], box[1]) for box in shown.bars("holds")]
    spans = [(0.05, 3.05, 0), (4.1, 6.1, 1)]
    for (x0, x1, y), (began, ended, row) in zip(held, spans, strict=True):
        assert x0 == pytest.approx(shown.place(began, row)[0], abs=1)
        assert x1 == pytest.approx(shown.place(ended, row)[0], abs=1)
        assert shown.place(0, row + 0.5)[1] < y < shown.place(0, row)[1]
    (waited,) = shown.bars("waits")
    assert waited[0] == pytest.approx(shown.place(0.05, 1)[0], abs=1)
    assert waited[2] == pytest.approx(shown.place(4.1, 1)[0], abs=1)
    assert shown.place(0, 1.5)[1] < waited[1] < waited[3] < shown.place(0, 0.5)[1]
    assert {"holds the lock", "waits for the lock"} <= set(shown.legend)


def test_a_hold_and_a_wait_that_never_ended_reach_to_the_end(timeline):
    shown = timeline(tell("A takes lock / A reads 0 / B wants lock / 20 ms / A writes 1 / 20 ms"))
    end = shown.place(shown.rows.get_xlim()[1], 0)[0]
    for words in ("holds", "waits"):
        ((*_, right, _),) = shown.bars(words)
        assert right == pytest.approx(end, abs=1)


def test_the_legend_names_only_what_the_picture_holds(timeline):
    kept = "kept update; line: was read by the next"
    assert timeline(tell("A reads 0 / A writes 1")).legend == [kept]
    assert timeline(tell(RACE)).legend == [kept, "lost update; arrow: to its rival"]
    assert timeline(tell(TORN)).legend == ["lost update"]


@pytest.mark.parametrize("story", [RACE, RESET, TORN, BRANCH, "A reads 0 / A writes 1 / file 2"])
def test_the_number_at_the_end_stands_inside_the_axes(timeline, story):
    shown = timeline(tell(story))
    inside = shown.value.get_window_extent().padded(2)
    words = shown.value.texts[-1].get_window_extent()
    assert inside.y0 <= words.y0 and words.y1 <= inside.y1


# ---- charts


def trials(*observed):
    """Runs of two processes, one update each: at the end 2, or 1 where one is lost."""
    stories = {
        2: "A reads 0 / A writes 1 / B reads 1 / B writes 2",
        1: "A reads 0 / B reads 0 / A writes 1 / B writes 1",
    }
    settings = topics.RaceSettings(processes=2, times=1)
    return topics.Trials(settings, len(observed), tuple(tell(stories[n]) for n in observed))


@pytest.fixture
def ax():
    return new_figure().add_axes((0.1, 0.1, 0.8, 0.8))


@pytest.mark.parametrize(
    ("observed", "heights"),
    [([2, 1, 1], {2: 1, 1: 2}), ([2, 2], {2: 2}), ([1], {2: 0, 1: 1}), ([], {2: 0})],
)
def test_the_outcomes_bars_sum_to_the_runs_and_the_expected_number_is_marked(ax, observed, heights):
    pictures.charts.plot_outcomes(ax, trials(*observed))
    drawn = {bar.get_x() + bar.get_width() / 2: bar.get_height() for bar in ax.patches}
    assert drawn == pytest.approx(heights)
    assert list(ax.lines[0].get_xdata()) == [2, 2]
    assert "expected 2" in " ".join(texts_in(ax))


# R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3.
NEWCOMBE = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0, 0.1611),
    (1, 29): (0.0061, 0.1718),
}


def test_the_failure_rates_have_wilsons_published_intervals(ax):
    points = [topics.Point(i, n, failed) for i, (failed, n) in enumerate(NEWCOMBE)]
    topics.plot_failure_rate(ax, topics.Sweep("pause_ms", tuple(points)))
    ((bars,),) = (container.lines[2] for container in ax.containers)
    drawn = [(segment[0][1], segment[1][1]) for segment in bars.get_segments()]
    for found, published in zip(drawn, NEWCOMBE.values(), strict=True):
        assert found == pytest.approx(published, abs=0.00006)
    assert texts_in(ax) == ["81 of 263", "15 of 148", "0 of 20", "1 of 29"]
    assert ax.get_xlabel() == "pause in ms"


START_TIMES = topics.StartTimes({"spawn": [90.0, 40.0, 42.0], "forkserver": [30.0, 2.0, 4.0]})


def test_the_fork_servers_own_start_stands_apart(ax):
    topics.plot_start_times(ax, START_TIMES)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    drawn = {label: bar for label, bar in zip(labels, ax.patches, strict=True)}
    widths = {label: bar.get_width() for label, bar in drawn.items()}
    server = "the fork server itself, once"
    assert widths == {"forkserver": 3, "spawn": 41, server: 27}
    assert [label for label, bar in drawn.items() if bar.get_hatch()] == [server]


def test_without_a_fork_server_there_is_no_bar_for_it(ax):
    topics.plot_start_times(ax, topics.StartTimes({"spawn": [90.0, 40.0, 42.0]}))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["spawn"]


def starts():
    run = dataclasses.replace(tell("", "AB"), startup={"A": (0.0, 0.03), "B": (0.01, 0.05)})
    return topics.Starts(run)


def test_each_childs_start_up_is_a_bar_from_its_start_until_it_was_ready(ax):
    topics.plot_starts(ax, starts())
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert drawn == [pytest.approx((0, 30)), pytest.approx((10, 50))]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A", "B"]


def growth():
    return topics.measure_growth(processes=(2, 3), times=3, limit=200)


def test_growth_shows_orders_and_situations_of_each_case_up_to_the_limit(ax):
    topics.plot_growth(ax, growth())
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines]
    assert drawn == [([1, 2, 3], [6, 70, 924]), ([1, 2, 3], [8, 33, 106]), ([1], [90]), ([1], [20])]
    words = texts_in(ax)
    assert [word for word in words if "processes" not in word] == ["6", "70", "924", "90"]
    assert words[3].startswith("2 processes: ")
    assert words[-1].endswith("s,\nthen limit reached")
    assert ax.get_yscale() == "log"


def test_what_is_compared_is_percent(ax):
    orders.plot_orders_and_runs(ax, orders.OrdersAndRuns({2: 32, 3: 38}, {2: 5, 4: 15}))
    assert texts_in(ax) == ["46%", "54%", "25%", "75%"]
    ax.figure.canvas.draw()
    assert_apart(*ax.texts)


def test_the_growth_is_told_in_a_sentence():
    assert str(growth()) == (
        "Orders, as far as they were counted: 924 of 2 processes with 3 increments each; "
        "90 of 3 processes with 1 increment each"
    )


def test_orders_that_were_given_up_have_a_bar():
    some = dataclasses.replace(ends("KeyError: tea"), cut=7, tries=2)
    shown = axes_of(some)
    assert "7 not followed" in texts_in(shown)
    assert "given up after more than 2 refused tries of a process: 7" in pictures.alt_text(some)


def test_one_run_is_not_runs():
    assert trials(1).sentence.startswith("1 of 1 run went wrong")


def test_every_colour_of_a_mark_shows_on_white():
    """Contrast by WCAG 2.2, 1.4.11: at least 3."""
    style = pictures.style
    for colour in (style.KEPT, style.LOST, style.WAIT, style.GOOD, style.CUT_OFF, style.INK):
        shares = np.array(to_rgb(colour))
        linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ (0.2126, 0.7152, 0.0722) + 0.05) >= 3, colour


# ---- the image and its words

SWEEP = topics.Sweep("pause_ms", (topics.Point(0, 20, 3), topics.Point(1, 20, 20)))
RESULTS = {
    "run": (lambda: tell(RACE), "expected 3"),
    "corrupted run": (lambda: tell(TORN), "the file says 90"),
    "run without an update": (lambda: tell("", "A"), "expected 0"),
    "trials": (lambda: trials(2, 1, 1), "2 of 3 runs went wrong (expected 2)"),
    "no trials": (trials, "0 of 0 runs went wrong (expected 2)"),
    "sweep": (lambda: SWEEP, "pause ms. 0: 3 of 20 wrong; 1: 20 of 20 wrong"),
    "sweep without a point": (lambda: topics.Sweep("pause_ms", ()), "pause ms"),
    "start times": (lambda: START_TIMES, "spawn 41.0 ms, forkserver 3.0 ms. The fork server"),
    "growth": (growth, "3: 924 · 3 processes: 1: 90, 2: limit reached"),
    "no growth": (lambda: topics.Growth({}, 10), "powers of ten"),
    "starts": (starts, "one ready after 30 ms, all after 50 ms"),
}  # fmt: skip


# Results that a sentence tells whole.
WORDS_ONLY = {"Beside"}


def undeclared(kinds):
    """What is to be declared, in words: for each kind of result that has neither a picture nor a table."""
    return [
        f"{kind.__module__}.{kind.__name__} has no picture: write @picture({kind.__name__}, ...) over the "
        f"function that draws it, or @below({kind.__name__}) over the one that gives its table"
        for kind in kinds
        if kind.__str__ is not object.__str__ and kind not in {**PICTURES, **TABLES}
    ]


def test_every_result_of_a_topic_has_a_picture_or_a_table():
    kinds = [
        kind for kind in topics.public_names(topics.__name__).values() if isinstance(kind, type)
    ]
    results = [kind for kind in kinds if not issubclass(kind, (Enum, Panel))]
    assert undeclared(kind for kind in results if kind.__name__ not in WORDS_ONLY) == []


def test_a_result_without_a_picture_is_named_with_what_is_missing():
    class Weather:
        def __str__(self):
            return "rain"

    (missing,) = undeclared([topics.Sweep, topics.RaceSettings, Weather])
    assert "Weather has no picture: write @picture(Weather, ...)" in missing


@pytest.fixture(params=RESULTS)
def result(request):
    make, words = RESULTS[request.param]
    return make(), words


def test_every_result_has_an_image_with_its_alt_text_at_twice_the_pixels(result):
    result, _ = result
    alt, data, width = re.fullmatch(
        r'<img alt="([^"]+)" src="data:image/png;base64,([^"]+)" style="width: (\d+)px;[^"]*">',
        pictures.image(result),
    ).groups()
    assert alt == pictures.alt_text(result)
    picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    picture.load()
    assert picture.format == "PNG"
    assert (picture.width, int(width)) == (1920, 960)
    assert picture.height in (440, 520, 580, 790, 860)
    assert len(picture.getcolors(1 << 20)) > 10  # it is not blank


def test_no_title_or_label_of_a_picture_is_cut_and_no_title_is_overlapped(result):
    result, _ = result
    assert_titles_whole(figure_of(result))


def test_a_title_that_is_cut_or_overlapped_is_found(ax):
    pictures.style.title(ax, "long " * 60)
    with pytest.raises(AssertionError):
        assert_titles_whole(ax.figure)
    pictures.style.title(ax, "short")
    assert_titles_whole(ax.figure)
    ax.figure.text(0.1, 0.915, "over it")
    with pytest.raises(AssertionError):
        assert_titles_whole(ax.figure)


def test_every_alt_text_says_the_result(result):
    result, words = result
    assert words in pictures.alt_text(result).replace("Expected", "expected")


@pytest.mark.parametrize(
    ("story", "unrecorded", "expected", "observed", "kept", "lost"),
    [
        (RACE, 0, 3, 2, 2, 1),
        (BRANCH, 0, 3, 1, 1, 2),
        (RESET, 0, 3, 1, 1, 2),
        (TORN, 0, 1, 90, 0, 1),
        ("", 0, 0, 0, 0, 0),
        # Two writes, and two that found no room on the tape: who was kept can only be counted.
        ("A reads 0 / A writes 1 / A reads 1 / A writes 2 / file 4", 2, 4, 4, 4, 0),
        ("A reads 0 / A writes 1 / A reads 1 / A writes 2 / file 3", 2, 4, 3, 3, 1),
    ],
)  # fmt: skip
def test_the_alt_text_of_a_run_counts(story, unrecorded, expected, observed, kept, lost):
    alt = pictures.alt_text(tell(story, "A", unrecorded))
    found = re.search(r"Expected (\d+), the file says (\d+): (\d+) kept, (\d+) lost", alt)
    assert [int(number) for number in found.groups()] == [expected, observed, kept, lost]


def test_the_alt_text_is_escaped():
    assert 'alt="a &lt; &quot;b&quot; &amp; c"' in image_tag(new_figure(), 'a < "b" & c')


def test_a_run_without_a_counter_is_told_by_its_sentence():
    run = dataclasses.replace(tell(""), accounts={}, sentence="2 processes ended well")
    assert pictures.alt_text(run) == "2 processes ended well"


def test_what_has_no_picture_is_refused():
    with pytest.raises(TypeError, match="no picture for a int"):
        pictures.image(3)


def test_a_picture_without_an_alt_text_is_refused_by_name_where_it_is_declared():
    with pytest.raises(TypeError, match="the picture of Sweep has no alt text: give alt="):
        pictures.declared.picture(topics.Sweep, height=3)


def test_drawing_leaves_pyplot_alone():
    code = """
import sys
import test_figures as t
for make, _ in t.RESULTS.values():
    t.pictures.image(make())
helpers = sys.modules.get("matplotlib._pylab_helpers")
print("matplotlib.pyplot" in sys.modules, bool(helpers and helpers.Gcf.figs))
"""
    paths = [str(ROOT), str(ROOT / "tests")]
    done = python("-c", f"import sys; sys.path[:0] = {paths!r}\n{code}")
    assert (done.stdout.strip(), done.stderr) == ("False False", "")


def ends(*labels):
    """An exploration whose ends bear these errors, one order each."""
    outcomes = tuple(
        Outcome("ended", {"counter": 1}, (label,), 1, 1, "AB", (), False) for label in labels
    )
    return Exploration("work", ("A", "B"), outcomes, 1, 0.1)


def test_ends_that_look_alike_are_one_row_of_the_orders():
    rows = orders.rows_of_orders(ends("KeyError: tea", "KeyError: tea", "ValueError: milk"))
    wanted = {"1, KeyError: tea": 2, "1, ValueError: milk": 1}
    assert {label.split("\n")[0]: count for (label, _), count in rows.items()} == wanted


def test_of_many_ends_those_with_the_most_orders_have_a_row_of_their_own():
    some = ends(*(f"E{number}: x" for number in range(30) for _ in range(number + 1)))
    rows = orders.rows_of_orders(some)
    assert len(rows) == orders.MOST_ENDS
    assert rows["19 other ends", False] == sum(range(1, 20))
    assert sum(rows.values()) == some.schedules


def test_long_labels_of_orders_do_not_overlap():
    some = ends(*(f"E{number}: {'long words ' * 20}" for number in range(9)))
    assert_apart(*axes_of(some).get_yticklabels())


@cases(
    "failures trials low high",
    (0, 10, 0.0000, 0.2775),
    (5, 10, 0.2366, 0.7634),
    (10, 10, 0.7225, 1.0000),
    (81, 263, 0.2553, 0.3662),  # these four: R. G. Newcombe, 1998, table I, method 3
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
)
def test_wilsons_interval_gives_the_published_values(failures, trials, low, high):
    interval = pictures.charts.wilson_interval(failures, trials)
    assert interval == pytest.approx((low, high), abs=0.0001)
