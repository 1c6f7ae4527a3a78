"""Who held which lock when, who waited, how deep a lock was taken: for runs that are about locks."""

import textwrap

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers import analysis
from helpers.figures import marks, style
from helpers.figures.charts import LINES
from helpers.figures.graph import short_words, ways_out

_LETTERS = 9
_MOST_LABELS = 200
_MOST_NAMED = 7  # locks, each in a shade of its own and with its name in the legend
_DARK, _LIGHT = np.array(to_rgb("#0B3C5D")), np.array(to_rgb(style.PALE))
_VISIBLE = 100_000  # ns


def plot_lock_timeline(ax, run):
    """A row for each process: its holds as bars, its waits hatched, beside the row what it still waits for."""
    spans = _spans(run)
    end = _end_of(run)
    lanes = {name: _lanes(spans[name]) for name in run.processes}
    count = max((lane + 1 for row in lanes.values() for lane in row.values()), default=1)
    shades = _shades(run)
    ax.set(xlim=(0, end), ylim=(len(run.processes) - 0.5, -0.5))
    _draw_spans(ax, run, lanes, count, shades, end)
    _mark_ends(ax, run, lanes, count, end)
    ax.set_yticks(range(len(run.processes)), run.processes)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.set_xlabel("milliseconds since the start", fontsize=9)
    style.bare(ax)
    ax.tick_params(axis="y", length=0)
    _explain(ax, shades, any(_is_wait(span) for row in lanes.values() for span in row))


def _spans(run):
    """The holds and visible waits of each process, by letter; a wait has the word "wait" before its span."""
    spans = {name: [] for name in run.processes}
    for span in analysis.holds(run.events):
        spans[span.process].append(("hold", span))
    for span in visible_waits(run.events):
        spans[span.process].append(("wait", span))
    return spans


def visible_waits(events):
    """The waits worth to be shown: a shorter one is the price of an acquire."""
    return [
        wait
        for wait in analysis.waits(events)
        if wait.end is None or wait.end - wait.start > _VISIBLE
    ]


def _is_wait(named):
    return named[0] == "wait"


def _lanes(spans):
    """In which lane of its row each span goes, from 0: the first that is free; overlapping ones get different lanes."""
    lanes, busy = {}, []
    for kind, span in sorted(spans, key=lambda named: named[1].start):
        free = [lane for lane, until in enumerate(busy) if until <= span.start]
        lane = free[0] if free else len(busy)
        busy[lane:] = [span.end or np.inf, *busy[lane + 1 :]]
        lanes[kind, span] = lane
    return lanes


def _end_of(run):
    """When the run ended, in ms since it started."""
    last = max((event.end or event.start for event in run.events), default=run.started)
    return max((last - run.started) / 1e6, run.elapsed * 1000, 0.1)


def _shades(run):
    """A shade of blue for each lock, by its identity and words, dark to light in the order of their names."""
    locks = {e.identity: e.thing for e in run.events if e.op == "acquire"}
    named = sorted(locks, key=lambda identity: (len(locks[identity]), locks[identity], identity))
    parts = np.linspace(0, 1, len(named)) if len(named) > 1 else [0]
    shades = {}
    for identity, part in zip(named, parts, strict=True):
        shades[identity, short_words(locks[identity])] = tuple(_DARK + part * (_LIGHT - _DARK))
    return shades


def _draw_spans(ax, run, lanes, count, shades, end):
    colours = {identity: colour for (identity, _), colour in shades.items()}
    boxes, faces, waits, held = [], [], [], []
    for row, name in enumerate(run.processes):
        for (kind, span), lane in lanes[name].items():
            box = _box(run, row, lane, count, span, end)
            if kind == "wait":
                waits.append(box)
                continue
            boxes.append(box)
            faces.append(colours[span.identity])
            held.append(span)
    look = {"linewidth": 0.5, "edgecolors": style.INK}
    ax.add_collection(PolyCollection(boxes, facecolors=faces, gid="holds", **look), autolim=False)
    ax.add_collection(
        PolyCollection(waits, facecolors="white", edgecolors=style.WAIT, linewidth=0.8,
                       hatch="////", gid="waits"), autolim=False)  # fmt: skip
    _name_holds(ax, boxes, faces, held)


def _box(run, row, lane, count, span, end):
    """The corners of a bar: a hold and its wait are as high as their lane."""
    x0 = (span.start - run.started) / 1e6
    x1 = end if span.end is None else (span.end - run.started) / 1e6
    high = 0.84 / count
    y0 = row - 0.42 + lane * high
    y1 = y0 + high * 0.9
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _name_holds(ax, boxes, faces, held):
    """The lock's name in each bar that has room for it."""
    box = ax.get_window_extent()
    points = np.array([box.width, box.height]) * 72 / ax.figure.dpi
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    per_ms, per_row = points / (right - left, low - high)
    for corners, face, span in list(zip(boxes, faces, held, strict=True))[:_MOST_LABELS]:
        (x0, y0), _, (x1, y1), _ = corners
        words = _fitting(span.lock, (x1 - x0) * per_ms - 4)
        if words and (y1 - y0) * per_row >= _LETTERS:
            colour = "white" if sum(face) < 1.5 else style.INK
            ax.text((x0 + x1) / 2, (y0 + y1) / 2, words, color=colour, fontsize=_LETTERS,
                    fontweight="bold", ha="center", va="center_baseline", gid="name")  # fmt: skip


def _fitting(lock, room):
    """The longest words for a lock that are no wider than `room` points, or ""."""
    fitting = (
        words for words in (short_words(lock), lock) if marks.word_width(words, _LETTERS) <= room
    )
    return next(fitting, "")


def _mark_ends(ax, run, lanes, count, end):
    """A cross at the end of each wait that never ended, and in words how each process was left."""
    gone = ways_out(run)
    for row, name in enumerate(run.processes):
        stuck = [(n, lane) for n, lane in lanes[name].items() if n[1].end is None]
        y = row
        for (kind, span), lane in stuck:
            if kind == "wait" and name not in gone:
                y = np.mean([corner[1] for corner in _box(run, row, lane, count, span, end)])
                ax.plot(end, y, "X", color=style.LOST, mec="white", ms=9, clip_on=False, zorder=5)
        if words := _left_with([n for n, _ in stuck], gone.get(name)):
            ax.annotate(words, (end, y), (8, 0), textcoords="offset points", va="center",
                        fontsize=9, color=style.LOST, annotation_clip=False)  # fmt: skip


def _left_with(stuck, way_out):
    """What a process waited for or held in the end, in words; "" where neither."""
    held = " and ".join(_brief(span.lock) for kind, span in stuck if kind == "hold")
    wanted = [_brief(span.lock) for kind, span in stuck if kind == "wait"]
    if way_out:
        return f"{way_out}, kept {held}" if held else way_out
    if wanted:
        return f"waits for {wanted[0]}"
    return f"holds {held}" if held else ""


def _brief(lock):
    return textwrap.shorten(short_words(lock), 20, placeholder="…")


def _explain(ax, shades, has_waits):
    """The legend: the shade of each lock, and the hatching of a wait."""
    named = [(words, colour) for (_, words), colour in shades.items()]
    if len(named) > _MOST_NAMED:
        named = [("holds a lock", tuple((_DARK + _LIGHT) / 2))]
    elif len(named) == 1:
        named = [(f"holds {named[0][0]}", named[0][1])]
    handles = [
        Patch(facecolor=colour, edgecolor=style.INK, linewidth=0.5, label=words)
        for words, colour in named
    ]
    if has_waits:
        look = {"edgecolor": style.WAIT, "hatch": "////", "linewidth": 0.8}
        handles.append(Patch(facecolor="white", label="waits", **look))
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=8, frameon=False,
              fontsize=9, handlelength=1.4, columnspacing=0.9, handletextpad=0.5,
              borderaxespad=0.2)  # fmt: skip


def plot_recursion_depth(ax, run):
    """How deep each process stood in the first lock that was taken, over time."""
    end, steps = _end_of(run), analysis.depths(run.events)
    for number, name in enumerate(run.processes):
        mine = [((stamp - run.started) / 1e6, depth) for who, stamp, depth in steps if who == name]
        _draw_depth(ax, name, mine, end, number, bool(run.stuck))
    tops = [depth for *_, depth in steps]
    ax.set(xlim=(0, end), ylim=(min([0, *tops]) - 0.25, max([1, *tops]) + 0.6))
    ax.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_xlabel("milliseconds since the start", fontsize=9)
    ax.set_ylabel("times taken, not given back", fontsize=9)
    ax.legend(loc="upper left", ncols=7, frameon=False, fontsize=9, borderaxespad=0.1)
    style.bare(ax)
    style.title(ax, textwrap.shorten(run.sentence, 90, placeholder=" ..."),
                style.verdict_colour(run.verdict))  # fmt: skip


def _draw_depth(ax, name, steps, end, number, is_stuck):
    colour, marker = LINES[number % len(LINES)]
    times, values = zip((0, 0), *steps, (end, steps[-1][1] if steps else 0), strict=True)
    ax.plot(times, values, marker=marker, markevery=slice(1, -1), color=colour, label=name,
            ls=["-", "--", ":"][number % 3], lw=1.8, ms=6, drawstyle="steps-post")  # fmt: skip
    if values[-1] > 0:
        words = "held for ever" if is_stuck else "still held"
        ax.plot(end, values[-1], "X", color=style.LOST, mec="white", ms=11, clip_on=False, zorder=5)
        ax.annotate(f"{name}: {words}", (end, values[-1]), (-8, 6), textcoords="offset points",
                    ha="right", fontsize=9, color=style.LOST)  # fmt: skip
