"""The picture of a run: the timeline of its counter, or who held which lock when, who waited, how deep it was taken."""

import textwrap
from collections import Counter
from typing import NamedTuple

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers import analysis, lab
from helpers.events import counted, permits_of
from helpers.pictures import style
from helpers.pictures.charts import LINES
from helpers.pictures.declared import new_figure, picture
from helpers.pictures.timeline import plot_timeline, visible_waits
from helpers.pictures.wait_for_graph import plot_wait_for_graph, short_words, ways_out

_LETTERS = 9
_MOST_LABELS = 200
_MOST_NAMED = 7  # locks, each in a shade of its own and with its name in the legend
DARK, LIGHT = np.array(to_rgb("#0B3C5D")), np.array(to_rgb(style.PALE))
_HIGHEST, _LOWEST = 30, 22  # points: of a bar; of a row with room for words of two lines
_DEPTH_LINES = [line for line in LINES if line[0] != style.LOST]  # that colour marks the end
ROW_OF_SWATCHES = {"handlelength": 1.4, "columnspacing": 0.9, "handletextpad": 0.5}
_DEPTH = 2.1  # inches for the depth in a lock that was taken several times
# Verdicts whose picture is the graph of who waits for whom.
STUCK = ("deadlock", "orphaned_lock")


class Bar(NamedTuple):
    """A span as it is drawn: `left` and `right` in ms since the start, `top` and `bottom` in rows."""

    is_wait: bool
    span: analysis.Span
    left: float
    right: float
    top: float
    bottom: float


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
            bars.append(Bar(is_wait, span, left, right, top, top + 0.9 * high))
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
    busy = []
    ordered = sorted(spans, key=lambda named: named[1].start)
    return [(is_wait, span, take_lane(busy, span)) for is_wait, span in ordered]


def take_lane(busy, span):
    """The first lane that is free when a span starts; `busy`, until when each is taken, is brought up to date."""
    lane = next((lane for lane, until in enumerate(busy) if until <= span.start), len(busy))
    busy[lane : lane + 1] = [span.end or np.inf]
    return lane


def _shades(events):
    """For each lock, by its identity, its words and a shade of blue: dark to light by their names."""
    locks = {e.identity: e.shared for e in events if e.op in ("acquire", "begin")}
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
        left = [bar for bar in bars if bar.span.end is None and bar.span.process == name]
        waits = [bar for bar in left if bar.is_wait and name not in gone]
        for bar in waits:
            ax.plot(end, (bar.top + bar.bottom) / 2, "X", color=style.LOST, mec="white",
                    ms=min(9, 0.6 * per_row), clip_on=False, zorder=5)  # fmt: skip
        if words := _left_with(left, gone.get(name)):
            reported = [*waits, *left, None][0] if per_row > _LOWEST else None
            y = (reported.top + reported.bottom) / 2 if reported else row
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
    columns = int(-(-len(handles) // max(rows, 1))) or 1
    look = {"borderaxespad": 0.2, "labelspacing": 0.3, **ROW_OF_SWATCHES}
    style.legend(ax, handles, (0, 1.0), "lower left", ncols=columns, **look)


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


def shows_counter(run):
    """Whether the picture of a run is the timeline of its counter: not where it is about locks."""
    accounts = list(run.accounts.values())
    if not accounts or isinstance(accounts[0], analysis.Records) or run.verdict in STUCK:
        return False
    if not has_locks(run) or run.verdict in ("lost_updates", "corrupted"):
        return True
    is_waiting = any(wait.end is None for wait in analysis.waits(run.events))
    return len(run.accounts) == 1 and not (run.verdict == "timed_out" and is_waiting)


def has_locks(run):
    """Whether its picture can be that of locks: it took some, or got stuck in transactions."""
    return bool(run.stuck) or any(event.op == "acquire" for event in run.events)


def _alt(run):
    if not shows_counter(run):
        return _alt_text_of_locks(run) if has_locks(run) else run.sentence
    account = run.account
    return (
        f"Timeline of {counted(account.total, 'update')} by {counted(account.writers, 'process')}. Expected "
        f"{account.expected}, the file says {account.observed}: {account.kept_count} kept, "
        f"{account.lost_count} lost. Verdict: {run.verdict.replace('_', ' ')}."
    )


def _alt_text_of_locks(run):
    held = Counter(hold.process for hold in analysis.holds(run.events))
    waited = Counter(wait.process for wait in visible_waits(run.events))
    reported = "; ".join(
        f"{name} held {counted(held[name], 'time')}, waited {counted(waited[name], 'time')}"
        for name in run.processes
    )
    kind = "Graph of who waits for which lock, and timeline" if run.verdict in STUCK else "Timeline"
    return (
        f"{kind} of holds and waits. {run.sentence}. {reported}. "
        f"Verdict: {run.verdict.replace('_', ' ')}."
    )


@picture(lab.Run, alt=_alt, shows=lambda run: shows_counter(run) or has_locks(run))
def draw_run(run):
    """The timeline of its counter, or that of its locks, and with it who waits for whom where it got stuck."""
    if shows_counter(run):
        figure = new_figure()
        plot_timeline(figure, run)
        return figure
    title = textwrap.wrap(run.sentence, 120, max_lines=3, placeholder=" ...")
    above = 0.35 + 0.15 * len(title)  # in inches, as are all heights here
    rows = 1 + 0.18 * len(run.processes)
    depth = _DEPTH if any(deep > 1 for *_, deep in analysis.depths(run.events)) else 0
    if run.verdict in STUCK:
        figure = new_figure(style.WIDTH, max(4.2, rows + 0.5) + above + depth)
        plot_wait_for_graph(inch_axes(figure, 0.01, 0.42, 0.45, above), run)
        left, width, top = 0.475, 0.385, above + 0.4
    else:
        figure = new_figure(style.WIDTH, max(3.6 - depth / 2, rows) + above + depth)
        left, width, top = 0.045, 0.8 if _is_left_open(run) else 0.935, above + 0.25
    plot_lock_timeline(inch_axes(figure, left, width, 0.62 + depth, top), run)
    if depth:
        high = figure.get_figheight()
        plot_recursion_depth(inch_axes(figure, left, width, 0.55, high - depth), run)
    look = {"color": style.verdict_colour(run.verdict), "fontweight": "bold", "va": "top"}
    size = 9 if len(run.sentence) > 80 else 12
    high = 1 - 0.12 / figure.get_figheight()
    figure.text(0.02, high, "\n".join(title), fontsize=size, **look)
    return figure


def inch_axes(figure, left, width, below, above):
    """New axes with so many inches left free below and above them; left and width are shares."""
    high = figure.get_figheight()
    return figure.add_axes((left, below / high, width, 1 - (below + above) / high))


def _is_left_open(run):
    """Whether words stand beside the rows of its lock timeline."""
    spans = [*analysis.holds(run.events), *analysis.waits(run.events)]
    return bool(run.crashes) or any(span.end is None for span in spans)
