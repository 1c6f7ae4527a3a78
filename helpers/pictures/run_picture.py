"""The picture of a run: the timeline of its counter, or who held which lock when, who waited, how deep it was taken."""

import math
import textwrap
from itertools import cycle

from helpers import analysis, lab
from helpers.events import counted, permits_of
from helpers.pictures import drawing as mpl
from helpers.pictures import style, timeline
from helpers.pictures.charts import LINES, add_shapes, note
from helpers.pictures.declared import new_figure, picture
from helpers.pictures.wait_for_graph import plot_wait_for_graph, ways_out

_LETTERS = 9
_MOST_LABELS = 200
_MOST_NAMED = 7  # locks, each in a shade of its own and with its name in the legend
WAIT = style.outlined(style.WAIT, "////")
_HIGHEST, _LOWEST = 30, 22  # points: of a bar; of a row with room for words of two lines
ROW_OF_SWATCHES = {"handlelength": 1.4, "columnspacing": 0.9, "handletextpad": 0.5}
_DEPTH = 2.1  # inches for the depth in a lock that was taken several times
# Verdicts whose picture is the graph of who waits for whom.
STUCK = ("deadlock", "orphaned_lock")


def plot_lock_timeline(ax, run):
    """A row for each process: its holds as bars, its waits hatched, beside the row how it was left."""
    count = max(len(run.processes), 1)
    ax.set(xlim=(0, timeline.end_of(run)), ylim=(count - 0.5, -0.5))
    _, per_row = timeline.points(ax)
    boxes = _boxes(run, _HIGHEST / per_row)
    holds = [box for box in boxes if not box.is_wait]
    draw_holds(ax, holds, style.lock_shades(run.events), per_row)
    waits = [box.corners for box in boxes if box.is_wait]
    add_shapes(ax, waits, gid="waits", label="waits", **WAIT)
    _mark_ends(ax, run, boxes, per_row)
    timeline.name_rows(ax, range(len(run.processes)), run.processes)
    explain(ax)


def _boxes(run, highest):
    """All holds and visible waits of a run as Boxes, row by row; what overlaps in a row stands in lanes of it."""
    rows = {name: row for row, name in enumerate(run.processes)}
    spans = spans_in_lanes(run.events, run.processes)
    count = max((lane for *_, lane in spans), default=0) + 1
    high = min(0.84 / count, highest)
    boxes = []
    for span, is_wait, lane in spans:
        top = rows[span.process] + (lane - count / 2) * high
        boxes.append(timeline.box_of(run, span, top, 0.9 * high, is_wait))
    return boxes


def spans_in_lanes(events, processes):
    """All holds and visible waits, row by row: (Span, is a wait, lane), a lane for each that overlaps another in its row."""
    spans = [(span, False) for span in real_holds(events)]
    spans += [(span, True) for span in timeline.visible_waits(events)]
    spans.sort(key=lambda known: (processes.index(known[0].process), known[0].start))
    busy = {name: [] for name in processes}
    return [(span, is_wait, take_lane(busy[span.process], span)) for span, is_wait in spans]


def real_holds(events):
    """The holds of a run; one that has no end of its own lasts until another process gets the lock.

    Unless it has a part in a database together with others, and waits there, or a permit of a semaphore.
    """
    holds = analysis.holds(events)
    begun = {event.identity for event in events if event.op == "begin"}
    shared = {event.identity for event in events if permits_of(event) is not None}
    waiting = {wait.process for wait in analysis.waits(events) if wait.end is None}
    for place, hold in enumerate(holds, 1):
        has_part = hold.identity in begun and hold.process in waiting
        if hold.end is None and hold.identity not in shared and not has_part:
            later = (other for other in holds[place:] if other.identity == hold.identity)
            taken = (other.start for other in later if other.process != hold.process)
            hold = hold._replace(end=next(taken, None))
        yield hold


def take_lane(busy, span):
    """The first lane that is free when a span starts; `busy`, until when each is taken, is brought up to date."""
    lane = next((lane for lane, until in enumerate(busy) if until <= span.start), len(busy))
    busy[lane : lane + 1] = [span.end or math.inf]
    return lane


def draw_holds(ax, boxes, shades, per_row):
    """The holds of each lock in its shade, with its name where that fits; of many locks, the legend names none."""
    named = 0
    for place, (identity, (name, face)) in enumerate(shades.items()):
        label = name if len(shades) > 1 else f"holds {name}"
        if len(shades) > _MOST_NAMED:
            label = "" if place else "holds a lock"
        mine, ink = [box for box in boxes if box.span.identity == identity], style.ink_on(face)
        look = {"facecolor": face, "edgecolor": ink, "linewidth": 0.5, "gid": "holds"}
        add_shapes(ax, [box.corners for box in mine], label=label, **look)
        for box in mine:
            if (box.bottom - box.top) * per_row >= _LETTERS and named < _MOST_LABELS:
                words = style.short_words(box.span.lock), box.span.lock
                named += timeline.write_in(ax, box, words, _LETTERS, gid="name", color=ink)


def _mark_ends(ax, run, boxes, per_row):
    """A cross at the end of each wait that never ended, and in words how each process was left."""
    gone, end = ways_out(run), timeline.end_of(run)
    for row, name in enumerate(run.processes):
        left = [box for box in boxes if box.span.end is None and box.span.process == name]
        waits = [box for box in left if box.is_wait and name not in gone]
        for box in waits:
            ax.plot(end, box.middle[1], "X", color=style.LOST, mec="white",
                    ms=min(9, 0.6 * per_row), clip_on=False, zorder=5)  # fmt: skip
        if words := _left_with(left, gone.get(name)):
            reported = [*waits, *left, None][0] if per_row > _LOWEST else None
            y = reported.middle[1] if reported else row
            lines = textwrap.wrap(words, 18, max_lines=1 + (per_row > _LOWEST), placeholder="…")
            look = {"color": style.LOST, "annotation_clip": False, "gid": f"end of {name}"}
            note(ax, "\n".join(lines), end, y, (8, 0), va="center", **look)


def _left_with(boxes, way_out):
    """What a process waited for or held in the end, in words; "" where neither."""
    held = " and ".join(style.short_words(box.span.lock) for box in boxes if not box.is_wait)
    wanted = [style.short_words(box.span.lock) for box in boxes if box.is_wait]
    if way_out:
        return f"{way_out}, kept {held}" if held else way_out
    if wanted:
        return f"waits for {wanted[0]}"
    return f"holds {held}" if held else ""


def explain(ax):
    """The legend of what is drawn, in as many rows as it needs."""
    handles, names = ax.get_legend_handles_labels()
    wide = sum(style.word_width(name, 9) + 30 for name in names)
    rows = math.ceil(wide / style.size(ax)[0]) or 1
    columns = math.ceil(len(handles) / rows) or 1
    look = {"borderaxespad": 0.2, "labelspacing": 0.3, **ROW_OF_SWATCHES}
    style.legend(ax, handles, (0, 1.0), "lower left", ncols=columns, **look)


def plot_recursion_depth(ax, run):
    """How deep each process stood in the first lock that was taken, over time."""
    end, steps = timeline.end_of(run), analysis.depths(run.events)
    for name, (colour, marker) in zip(run.processes, cycle(LINES), strict=False):
        mine = [((stamp - run.started) / 1e6, depth) for who, stamp, depth in steps if who == name]
        times, depths = zip((0, 0), *mine, (end, mine[-1][1] if mine else 0), strict=True)
        look = {"marker": marker, "markevery": slice(1, -1), "color": colour, "lw": 1.8, "ms": 6}
        ax.plot(times, depths, drawstyle="steps-post", label=name, **look)
    tops = [depth for *_, depth in steps]
    ax.set(xlim=(0, end), ylim=(min([0, *tops]) - 0.25, max([1, *tops]) + 0.6))
    ax.yaxis.set_major_locator(mpl.MaxNLocator(8, integer=True))
    ax.legend(loc="upper left", ncols=7, frameon=False, fontsize=9, borderaxespad=0.1)
    ax.xaxis.set_major_locator(mpl.MaxNLocator(6))  # as that of the timeline above it
    style.bare(ax, style.TIME, "depth")


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
    kind = "Graph of who waits for which lock, and timeline" if run.verdict in STUCK else "Timeline"
    verdict = run.verdict.replace("_", " ")
    return f"{kind} of holds and waits. {run.sentence}. Verdict: {verdict}."


@picture(lab.Run, alt=_alt, shows=lambda run: shows_counter(run) or has_locks(run))
def draw_run(run):
    """The timeline of its counter, or that of its locks, and with it who waits for whom where it got stuck."""
    if shows_counter(run):
        figure = new_figure(height=3.95)
        timeline.plot_timeline(figure, run)
        return figure
    rows = 1 + 0.18 * len(run.processes)  # in inches, as are all heights here
    depth = _DEPTH if any(deep > 1 for *_, deep in analysis.depths(run.events)) else 0
    if run.verdict in STUCK:
        figure = new_figure(style.WIDTH, max(4.2, rows + 0.5) + 0.1 + depth)
        plot_wait_for_graph(inch_axes(figure, 0.01, 0.42, 0.45, 0.1), run)
        left, width, top = 0.475, 0.385, 0.5
    else:
        figure = new_figure(style.WIDTH, max(3.6 - depth / 2, rows) + 0.1 + depth)
        left, width, top = 0.045, 0.8, 0.35
    plot_lock_timeline(inch_axes(figure, left, width, 0.62 + depth, top), run)
    if depth:
        high = figure.get_figheight()
        plot_recursion_depth(inch_axes(figure, left, width, 0.55, high - depth), run)
    return figure


def inch_axes(figure, left, width, below, above):
    """New axes with so many inches left free below and above them; left and width are shares."""
    high = figure.get_figheight()
    return figure.add_axes((left, below / high, width, 1 - (below + above) / high))
