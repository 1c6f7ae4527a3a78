"""Who held which lock when, who waited, how deep a lock was taken: for runs that are about locks."""

import textwrap
from typing import NamedTuple

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers import analysis
from helpers.events import permits_of
from helpers.pictures import style
from helpers.pictures.charts import LINES
from helpers.pictures.graph import short_words, ways_out
from helpers.pictures.timeline import visible_waits

_LETTERS = 9
_MOST_LABELS = 200
_MOST_NAMED = 7  # locks, each in a shade of its own and with its name in the legend
DARK, LIGHT = np.array(to_rgb("#0B3C5D")), np.array(to_rgb(style.PALE))
_HIGHEST, _LOWEST = 30, 22  # points: of a bar; of a row with room for words of two lines
_DEPTH_LINES = [line for line in LINES if line[0] != style.LOST]  # that colour marks the end


class Bar(NamedTuple):
    """A span as it is drawn: `left` and `right` in ms since the start, `top` and `bottom` in rows.

    `is_open` says that it never ended.
    """

    is_wait: bool
    span: analysis.Span
    left: float
    right: float
    top: float
    bottom: float
    is_open: bool


def plot_lock_timeline(ax, run):
    """A row for each process: its holds as bars, its waits hatched, beside the row how it was left."""
    count = max(len(run.processes), 1)
    ax.set(xlim=(0, end_of(run)), ylim=(count - 0.5, -0.5))
    per_ms, per_row = points(ax)
    bars = _bars(run, _HIGHEST / per_row)
    shades = _shades(run.events)
    _draw_holds(ax, [bar for bar in bars if not bar.is_wait], shades, per_ms, per_row)
    _draw_waits(ax, [bar for bar in bars if bar.is_wait])
    _mark_ends(ax, run, bars, per_row)
    ax.set_yticks(range(len(run.processes)), run.processes)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.set_xlabel("milliseconds since the start", fontsize=9)
    style.bare(ax)
    ax.tick_params(axis="y", length=0)
    _explain(ax, shades, any(bar.is_wait for bar in bars))


def end_of(run):
    """When the run ended, in ms since it started."""
    last = max((event.end or event.start for event in run.events), default=run.started)
    return max((last - run.started) / 1e6, run.elapsed * 1000, 0.1)


def points(ax):
    """How many points a millisecond and a row are, on axes whose limits are set."""
    box = ax.get_window_extent()
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    across, up = (length * 72 / ax.figure.dpi for length in (box.width, box.height))
    return across / (right - left), up / (low - high)


def _bars(run, highest):
    """All holds and visible waits of a run as Bars; what overlaps in a row stands in lanes of it."""
    spans = [(False, span) for span in real_holds(run.events)]
    spans += [(True, span) for span in visible_waits(run.events)]
    rows = [_lanes([s for s in spans if s[1].process == name]) for name in run.processes]
    count = max((lane + 1 for lanes in rows for *_, lane in lanes), default=1)
    high = min(0.84 / count, highest)
    end, bars = end_of(run), []
    for row, lanes in enumerate(rows):
        for is_wait, span, lane in lanes:
            left = (span.start - run.started) / 1e6
            right = end if span.end is None else (span.end - run.started) / 1e6
            top = row + (lane - count / 2) * high
            bars.append(Bar(is_wait, span, left, right, top, top + 0.9 * high, span.end is None))
    return bars


def real_holds(events):
    """The holds of a run; one that has no end of its own lasts until another process gets the lock.

    Unless it has a part in a database together with others, and waits there, or a permit of a semaphore.
    """
    holds = analysis.holds(events)
    begun = {event.identity for event in events if event.op == "begin"}
    shared = {event.identity for event in events if permits_of(event) is not None}
    waiting = {wait.process for wait in analysis.waits(events) if wait.end is None}
    for hold in holds:
        after = [
            other.start
            for other in holds
            if hold.end is None
            and hold.identity not in shared
            and not (hold.identity in begun and hold.process in waiting)
            and (other.identity, other.start > hold.start) == (hold.identity, True)
            and other.process != hold.process
        ]
        yield hold._replace(end=min(after, default=hold.end))


def _lanes(spans):
    """Each span with its lane, from 0: the first that is free when it starts."""
    told, busy = [], []
    for is_wait, span in sorted(spans, key=lambda named: named[1].start):
        free = [lane for lane, until in enumerate(busy) if until <= span.start]
        lane = free[0] if free else len(busy)
        busy[lane : lane + 1] = [span.end or np.inf]
        told.append((is_wait, span, lane))
    return told


def _shades(events):
    """For each lock, by its identity, its words and a shade of blue: dark to light by their names."""
    locks = {e.identity: e.thing for e in events if e.op in ("acquire", "begin")}
    ordered = sorted(locks, key=lambda identity: (len(locks[identity]), locks[identity]))
    parts = np.linspace(0, 1, max(len(ordered), 1))
    return {
        identity: (short_words(locks[identity]), tuple(DARK + part * (LIGHT - DARK)))
        for identity, part in zip(ordered, parts, strict=False)
    }


def _draw_holds(ax, bars, shades, per_ms, per_row):
    faces = [shades[bar.span.identity][1] for bar in bars]
    edges = ["white" if is_dark(face) else style.INK for face in faces]
    look = {"facecolors": faces, "edgecolors": edges, "linewidth": 0.5, "gid": "holds"}
    ax.add_collection(PolyCollection([corners(bar) for bar in bars], **look), autolim=False)
    named = 0
    for bar, face in zip(bars, faces, strict=True):
        words = _fitting(bar.span.lock, (bar.right - bar.left) * per_ms - 4)
        if words and (bar.bottom - bar.top) * per_row >= _LETTERS and named < _MOST_LABELS:
            named += 1
            ax.text((bar.left + bar.right) / 2, (bar.top + bar.bottom) / 2, words, gid="name",
                    color="white" if is_dark(face) else style.INK, fontsize=_LETTERS,
                    fontweight="bold", ha="center", va="center_baseline")  # fmt: skip


def is_dark(colour):
    return sum(colour) < 1.5


def _draw_waits(ax, bars):
    look = {"edgecolors": style.WAIT, "hatch": "////", "linewidth": 0.8, "gid": "waits"}
    waits = PolyCollection([corners(bar) for bar in bars], facecolors="white", **look)
    ax.add_collection(waits, autolim=False)


def corners(bar):
    (x0, x1), (y0, y1) = (bar.left, bar.right), (bar.top, bar.bottom)
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _fitting(lock, room):
    """The longest words for a lock that are no wider than `room` points, or ""."""
    fitting = (
        words for words in (short_words(lock), lock) if style.word_width(words, _LETTERS) <= room
    )
    return next(fitting, "")


def _mark_ends(ax, run, bars, per_row):
    """A cross at the end of each wait that never ended, and in words how each process was left."""
    gone, end = ways_out(run), end_of(run)
    for row, name in enumerate(run.processes):
        left = [bar for bar in bars if bar.is_open and bar.span.process == name]
        waits = [bar for bar in left if bar.is_wait and name not in gone]
        for bar in waits:
            ax.plot(end, (bar.top + bar.bottom) / 2, "X", color=style.LOST, mec="white",
                    ms=min(9, 0.6 * per_row), clip_on=False, zorder=5)  # fmt: skip
        if words := _left_with(left, gone.get(name)):
            told = [*waits, *left, None][0] if per_row > _LOWEST else None
            y = (told.top + told.bottom) / 2 if told else row
            lines = textwrap.wrap(words, 18, max_lines=1 + (per_row > _LOWEST), placeholder="…")
            ax.annotate("\n".join(lines), (end, y), (8, 0), textcoords="offset points", va="center",
                        fontsize=9, color=style.LOST, annotation_clip=False, gid=f"end of {name}")  # fmt: skip


def _left_with(bars, way_out):
    """What a process waited for or held in the end, in words; "" where neither."""
    held = " and ".join(short_words(bar.span.lock) for bar in bars if not bar.is_wait)
    wanted = [short_words(bar.span.lock) for bar in bars if bar.is_wait]
    if way_out:
        return f"{way_out}, kept {held}" if held else way_out
    if wanted:
        return f"waits for {wanted[0]}"
    return f"holds {held}" if held else ""


def _explain(ax, shades, has_waits):
    """The legend: the shade of each lock, and the hatching of a wait."""
    named = list(shades.values())
    if len(named) > _MOST_NAMED:
        named = [("holds a lock", tuple((DARK + LIGHT) / 2))]
    elif len(named) == 1:
        named = [(f"holds {named[0][0]}", named[0][1])]
    handles = [
        Patch(facecolor=colour, edgecolor=style.INK, linewidth=0.5, label=words)
        for words, colour in named
    ]
    if has_waits:
        look = {"edgecolor": style.WAIT, "hatch": "////", "linewidth": 0.8}
        handles.append(Patch(facecolor="white", label="waits", **look))
    wide = sum(style.word_width(handle.get_label(), 9) + 30 for handle in handles)
    rows = np.ceil(wide * ax.figure.dpi / 72 / ax.get_window_extent().width)
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False,
              ncols=int(-(-len(handles) // max(rows, 1))) or 1, fontsize=9, handlelength=1.4,
              columnspacing=0.9, handletextpad=0.5, borderaxespad=0.2, labelspacing=0.3)  # fmt: skip


def plot_recursion_depth(ax, run):
    """How deep each process stood in the first lock that was taken, over time."""
    end, steps = end_of(run), analysis.depths(run.events)
    for number, name in enumerate(run.processes):
        mine = [((stamp - run.started) / 1e6, depth) for who, stamp, depth in steps if who == name]
        _draw_depth(ax, name, mine, end, number, bool(run.stuck))
    tops = [depth for *_, depth in steps]
    ax.set(xlim=(0, end), ylim=(min([0, *tops]) - 0.25, max([1, *tops]) + 0.6))
    ax.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_xlabel("milliseconds since the start", fontsize=9)
    ax.set_ylabel("depth", fontsize=9)
    ax.legend(loc="upper left", ncols=7, frameon=False, fontsize=9, borderaxespad=0.1)
    style.bare(ax)


def _draw_depth(ax, name, steps, end, number, is_stuck):
    colour, marker = _DEPTH_LINES[number % len(_DEPTH_LINES)]
    times, values = zip((0, 0), *steps, (end, steps[-1][1] if steps else 0), strict=True)
    ax.plot(times, values, marker=marker, markevery=slice(1, -1), color=colour, label=name,
            ls=["-", "--", ":"][number % 3], lw=1.8, ms=6, drawstyle="steps-post")  # fmt: skip
    if values[-1] > 0:
        words = "held for ever" if is_stuck else "still held"
        ax.plot(end, values[-1], "X", color=style.LOST, mec="white", ms=11, clip_on=False, zorder=5)
        ax.annotate(f"{name}: {words}", (end, values[-1]), (-8, -14), textcoords="offset points",
                    ha="right", fontsize=9, color=style.LOST)  # fmt: skip
