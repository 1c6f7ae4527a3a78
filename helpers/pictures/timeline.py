"""Bars over time, a row for each process; and with them the timeline of a counter: who read what when, what was kept, what was lost."""

from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from helpers import analysis
from helpers.events import split_stamp
from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.charts import add_shapes

_MOST_LABELS = 200
_MOST_ARROWS = 16  # and lines between lost updates; of more, nobody can follow one
_VISIBLE = 100_000  # ns
_LETTERS = 7
_LONG, _HIGH = 9, 14  # points: where bars are shorter or rows lower, no hatching and no label fits
_BAR, _THIN_BAR, _WAIT, _HOLD = 0.3, 0.1, 0.13, 0.045  # half a height, in rows
_SOLID = {"edgecolor": "white", "linewidth": 0.4}
_PLATE = {"facecolor": "white", "linewidth": 0, "boxstyle": "square,pad=0.2"}


class Box(NamedTuple):
    """A span as it is drawn: `left` and `right` in ms since the start, `top` and `bottom` in rows."""

    span: tuple
    left: float
    right: float
    top: float
    bottom: float
    is_wait: bool

    @property
    def corners(self):
        """Its four corners, clockwise from the upper left one on axes whose rows go downward."""
        left, right, top, bottom = self[1:5]
        return [(left, top), (right, top), (right, bottom), (left, bottom)]

    @property
    def middle(self):
        """Its middle: ms since the start, row."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def box_of(run, span, top, high, is_wait=False):
    """The Box of anything with a `start` and an `end`; without an end it lasts as long as the run."""
    left = (span.start - run.started) / 1e6
    right = end_of(run) if span.end is None else (span.end - run.started) / 1e6
    return Box(span, left, right, top, top + high, is_wait)


def end_of(run):
    """When the run ended, in ms since it started."""
    last = max((event.end or event.start for event in run.events), default=run.started)
    return max((last - run.started) / 1e6, run.elapsed * 1000, 0.1)


def points(ax):
    """How many points a millisecond and a row are, on axes whose limits are set."""
    (left, right), (low, high), (across, up) = ax.get_xlim(), ax.get_ylim(), style.size(ax)
    return across / (right - left), up / (low - high)


def name_rows(ax, places, names):
    """Name the rows at some places, and the time below them."""
    ax.set_yticks(places, names)
    style.bare(ax, style.TIME)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(mpl.MaxNLocator(6))


def write_in(ax, box, names, letters, **look):
    """The longest of some names that has room in a Box, in bold letters of so many points; whether one has."""
    room = (box.right - box.left) * points(ax)[0] - 3
    fitting = [name for name in names if style.word_width(name, letters) <= room]
    for name in fitting[:1]:
        look = {"fontsize": letters, "fontweight": "bold", "va": "center_baseline", **look}
        ax.text(*box.middle, name, ha="center", **look)
    return bool(fitting)


def plot_timeline(figure, run):
    """The timeline of `run`, which has a counter, on an empty figure: its number over a row for each process."""
    left, width = 0.065, 0.915
    rows = figure.add_axes((left, 0.125, width, 0.575))
    rows.set(xlim=(0, end_of(run)), ylim=(len(run.processes) - 0.35, -0.65))
    value = figure.add_axes((left, 0.74, width, 0.155), sharex=rows)
    _plot_value(value, run)
    _plot_rows(rows, run)
    style.legend(value, rows.get_legend_handles_labels()[0], (0, 1.25), "lower left", ncols=4)


def _plot_value(ax, run):
    """The number in the file as it changes, and the one that is expected."""
    account, end = run.account, end_of(run)
    written = [((u.end - run.started) / 1e6, u.value) for u in account.updates if u.end]
    times, values = zip((0, account.start), *written, strict=True)
    dots = {"marker": "." if len(written) <= _MOST_LABELS else "", "markevery": slice(1, -1)}
    ax.plot([*times, end], [*values, values[-1]], color=style.INK, lw=1.5, ms=4, **dots,
            drawstyle="steps-post")  # fmt: skip
    ax.axhline(account.expected, color=style.GOOD, ls="--", lw=1.2)
    highest = max(account.observed, *values, 1)
    # Far above what was reached, its line would press the curve flat: then the words say where it is.
    is_near = account.expected <= 2 * highest
    at = account.expected if is_near else highest
    top, where = max(highest, at), "" if is_near else ", far above"
    say = f" expected {account.expected}{where}"
    ax.text(0, at, say, color=style.GOOD, fontsize=9, va="bottom")
    look = {"weight": "bold", "ha": "right", "va": "bottom"}
    ax.text(end, account.observed, f"{account.observed}", fontsize=10, **look)
    ax.set(ylim=(-0.06 * top, 1.4 * top), yticks=[0, at])
    style.bare(ax, y="number")  # in a file, a database or a scheduler
    ax.xaxis.set_visible(False)  # that of the rows is its own


def _plot_rows(ax, run):
    """The updates of each process, kept and lost, and below and between them its holds and waits."""
    account, names = run.account, {name: row for row, name in enumerate(run.processes)}
    count, (wide, _) = len(account.updates), style.size(ax)
    is_roomy = wide * len(names) > _LONG * count and points(ax)[1] > _HIGH
    pairs, branches = _joined(account) if is_roomy else ([], [])

    def bars(spans, half, words, below=0, **look):
        boxes = [box_of(run, s, names[s.process] + below - half, 2 * half) for s in spans]
        add_shapes(ax, [box.corners for box in boxes], label=words, **look)
        return boxes

    say = "kept update; line: was read by the next"
    kept = bars(account.kept, _BAR, say, facecolor=style.KEPT, **_SOLID)
    look = {"facecolor": "none", "edgecolor": style.LOST, "hatch": "xxxx" if is_roomy else None}
    say = "lost update; arrow: to its rival" if pairs else "lost update"
    lost = bars(account.lost, _BAR if is_roomy else _THIN_BAR, say, **look)
    holds = analysis.holds(run.events)
    bars(holds, _HOLD, "holds the lock", below=0.38, facecolor=style.INK, **_SOLID)
    look = style.outlined(style.WAIT, "////") | {"linewidth": 0, "zorder": 0.9}
    bars(visible_waits(run.events), _WAIT, "waits for the lock", **look)
    name_rows(ax, range(len(names)), names)
    known = {box.span.key: box for box in (*kept, *lost)}
    _join(ax, pairwise(account.kept), known, color=style.KEPT, linewidth=1.8)
    if is_roomy and count <= _MOST_LABELS:
        _join(ax, branches, known, color=style.LOST, linewidth=0.9)
        for box in (*kept, *lost):
            update, is_lost = box.span, box.span.key in account.rivals
            words = f"{update.base if update.origin else 'empty'}→{update.value}"
            look = {"color": "#6B2A00", "bbox": _PLATE} if is_lost else {"color": "white"}
            write_in(ax, box, [words], _LETTERS, **look)
    _draw_arrows(ax, pairs, known)


def _joined(account):
    """Pairs to join: a lost update and its rival, a lost one and a lost one that read it; none if they are too many.

    Those that built on a lost one have the same rival: a line joins them to their branch.
    """
    lost = {update.key: update for update in account.lost}
    branches = [(lost[_parent(b)], b) for b in account.lost if _parent(b) in lost]
    rivals = [(a, account.rivals[a.key]) for a in account.lost if _parent(a) not in lost]
    pairs = [(a, b) for a, b in rivals if b and b.process != a.process]
    across = [a for a, b in branches if a.process != b.process]
    return (pairs, branches) if len(pairs) + len(across) <= _MOST_ARROWS else ([], [])


def _parent(update):
    """The id of the update whose number this one read."""
    return split_stamp(update.origin)[0]


def _join(ax, pairs, known, **look):
    """A line for each pair of updates, from the end of the one to the start of the other; `known` has their Boxes by key."""
    boxes = [(known[one.key], known[other.key]) for one, other in pairs]
    lines = [((a.right, a.middle[1]), (b.left, b.middle[1])) for a, b in boxes]
    ax.add_collection(mpl.LineCollection(lines, **look), autolim=False)


def _draw_arrows(ax, pairs, known):
    """A bent arrow from each lost update that started from a kept value to its rival."""
    inward = 3 / points(ax)[0]
    for lost, rival in pairs:
        a, b = known[lost.key], known[rival.key]
        down = b.top > a.top
        begin = a.right - inward, a.bottom if down else a.top
        end = b.right - inward, b.top if down else b.bottom
        bend = f"arc3,rad={-0.06 if down else 0.06}"
        look = {"color": style.LOST, "linewidth": 1.1, "mutation_scale": 9, "zorder": 2}
        ax.add_patch(mpl.FancyArrowPatch(begin, end, arrowstyle="-|>", connectionstyle=bend,
                                         shrinkA=0, shrinkB=0, **look))  # fmt: skip


def visible_waits(events):
    """The waits worth to be shown: a shorter one is the price of an acquire.

    Nor one in which nobody held the lock: there the process had only lost the processor.
    """
    found = [w for w in analysis.waits(events) if w.end is None or w.end - w.start > _VISIBLE]
    held = defaultdict(list)
    for hold in analysis.holds(events) if found else ():
        held[hold.identity].append(hold)
    return [w for w in found if w.end is None or _met(w, held[w.identity])]


def _met(wait, holds):
    """Whether a hold that began before the wait was over was not over when it began."""
    before = holds[: bisect_left(holds, wait.end, key=lambda hold: hold.start)]
    return any(hold.end is None or hold.end > wait.start for hold in reversed(before))
