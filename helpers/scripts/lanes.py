"""The picture of a watched script: a lane for each process with its accesses, holds and waits, each with the script's line."""

import html
import textwrap
from bisect import bisect_left
from collections import defaultdict

from helpers.events import counted, listed
from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.declared import below, new_figure, picture
from helpers.pictures.run_picture import inch_axes
from helpers.pictures.step_table import html_table
from helpers.scripts.recorder.journal import WRITES
from helpers.scripts.watched import Watched

_MOST = 48  # steps in one picture: of more, the part around the collision
_LANE = 0.62  # inches
_LOOKS = {
    "reads": {"facecolor": "white", "edgecolor": style.KEPT},
    "writes": {"facecolor": style.KEPT, "edgecolor": style.KEPT},
    "these collide": {"facecolor": "white", "edgecolor": style.LOST, "linewidth": 2.2},
    "waits": style.outlined(style.WAIT, "////"),
}


def _alt(watched):
    names = listed(watched.processes) if watched.processes else "no process"
    return f"Lanes of {names}, step by step. {watched.sentence}"


def _shows(watched):
    return any(event.is_access or event.op == "acquire" for event in watched.events)


@picture(Watched, alt=_alt, shows=_shows)
def draw_lanes(watched):
    """The steps in the order in which they were done, a column for each."""
    view = _View(watched)
    figure = new_figure(style.WIDTH, 1.15 + _LANE * len(view.rows))
    ax = inch_axes(figure, 0.045, 0.935, 0.5, 0.5)
    ax.set(xlim=(-0.1, max(view.count, 6)), ylim=(len(view.rows) - 0.5, -0.5), xticks=[])
    ax.set_yticks(range(len(view.rows)), view.rows)
    style.bare(ax, view.axis)
    for span in watched.races.holds:
        if span.process in view.rows and span.identity in view.shades:
            look = {"facecolor": view.shades[span.identity][1], "edgecolor": style.INK}
            _bar(ax, view, span, 0.24, gid="holds", linewidth=0.5, **look)
    for step in view.waits:
        left, wide = _bar(ax, view, step, -0.13, gid="waits", **_LOOKS["waits"])
        if step.line and wide >= 0.13 * view.count:  # else it would lie over the next box
            y, look = view.rows.index(step.process) - 0.15, {"fontsize": 8, "color": style.INK}
            ax.text(left + 0.1, y, f"waits at {step.line}", va="bottom", **look)
    for event in view.accesses:
        _box(ax, view, event)
    _explain(ax, view)
    return figure


def steps_shown(watched):
    """The steps of a script that its pictures show: accesses, and locks taken and given back."""
    return [step for step in watched.events if step.is_access or step.op in ("acquire", "release")]


class _View:
    """What is drawn of a run: its steps in columns, its processes in rows."""

    def __init__(self, watched):
        shown = sorted(steps_shown(watched), key=lambda event: event.start)
        worst = watched.collisions[:1]
        self.harm = {(a.process, a.start) for each in worst for a in (*each.first, *each.other)}
        first = next((n for n, e in enumerate(shown) if (e.process, e.start) in self.harm), 0)
        first = max(min(first - 4, len(shown) - _MOST), 0)
        events = shown[first : first + _MOST]
        self.left_out, self.count = len(shown) - len(events), len(events)
        self._starts = [event.start for event in events]
        self.accesses = [event for event in events if event.is_access]
        self.rows = [p for p in watched.processes if any(e.process == p for e in events)]
        self.data = list(dict.fromkeys(event.shared for event in self.accesses))
        takes = [event for event in events if event.op == "acquire"]
        self.shades = style.lock_shades(takes)
        self.waits = [e for e in takes if self.column(e.end) > self.column(e.start) + 1]

    @property
    def axis(self):
        """What the columns and boxes are, in words."""
        say = "steps in the order in which they were done; in each box the line of the script"
        if len(self.data) > 1:
            names = (f"{n}:\N{NO-BREAK SPACE}{name}" for n, name in enumerate(self.data, 1))
            say += f", above it {', '.join(names)}"
        if self.left_out:
            say += f"; {counted(self.left_out, 'step')} more are not shown"
        return textwrap.fill(say, 125)

    def column(self, stamp):
        """The column of a moment; the end for what has not ended."""
        return self.count if stamp is None else bisect_left(self._starts, stamp)


def _bar(ax, view, span, below, **look):
    """A hold or a wait, so far below the middle of its process's row: its left end and its width."""
    left, y = view.column(span.start), view.rows.index(span.process) + below
    wide = max(view.column(span.end) - left, 0.2)
    ax.add_patch(mpl.Rectangle((left, y), wide, 0.15, **look))
    return left, wide


def _box(ax, view, event):
    """One access: the script's line in a box, above it the number of its datum where there are several."""
    does = "writes" if event.op in WRITES else "reads"
    look = {"gid": f"{event.process} {event.op}", **_LOOKS[does]}
    if (event.process, event.start) in view.harm:
        look |= {"edgecolor": style.LOST, "linewidth": 2.2}
    x, y = view.column(event.start) + 0.06, view.rows.index(event.process) - 0.3
    ax.add_patch(mpl.Rectangle((x, y), 0.88, 0.5, **look))
    words = {"color": "white" if does == "writes" else style.INK, "fontweight": "bold"}
    words |= {"ha": "center", "fontsize": 9 if view.count <= 30 else 7}
    number = event.line.number if event.line else ""
    ax.text(x + 0.44, y + 0.25, number, va="center_baseline", **words)
    if len(view.data) > 1:
        datum = view.data.index(event.shared) + 1
        ax.text(x + 0.44, y - 0.02, datum, ha="center", va="bottom", fontsize=7)


def _explain(ax, view):
    """The legend, which names as many locks as find room."""
    is_there = {"these collide": view.harm, "waits": view.waits}
    shades = {"edgecolor": style.INK, "linewidth": 0.5}
    holds = {f"holds {lock}": {"facecolor": face, **shades} for lock, face in view.shades.values()}
    handles, room = [], style.size(ax)[0]
    for words, look in (_LOOKS | holds).items():
        wide = style.word_width(words, 10) + 36
        if is_there.get(words, True) and wide < room:
            handles.append(mpl.Patch(label=words, **look))
            room -= wide
    style.legend(ax, handles, (0, 1.0), "lower left", ncols=len(handles), borderaxespad=0.2)


@below(Watched)
def watched_tables(watched):
    """For each datum that several processes use: who did what at which line, and which locks were held; then what was not seen."""
    by_name = defaultdict(list)
    for event in watched.events:
        if event.is_access and event.outcome == "done":
            by_name[event.shared].append(event)
    rows = [row for name, steps in by_name.items() for row in _rows(watched, name, steps)]
    heads = ["shared", "line", "does", "processes", "locks held"]
    table = html_table(heads, rows, label="what was shared") if rows else ""
    notes = (f"<div>{html.escape(f'Not recorded: {text}.')}</div>" for text in watched.unseen)
    printed = _folded("What the script printed", watched.output)
    errors = _folded("What it wrote to its error stream", watched.errors)
    return "".join([table, *notes, printed, errors])


def _folded(title, text):
    shown = f"<details><summary>{title}</summary><pre>{html.escape(text)}</pre></details>"
    return shown if text.strip() else ""


def _rows(watched, name, steps):
    """A row for each line that reads or changes a datum, if more than one process does."""
    by_line = defaultdict(list)
    if len({step.process for step in steps}) < 2:
        return
    for step in steps:
        does = "writes" if step.op in WRITES else "reads"
        by_line[step.line.number if step.line else 0, does].append(step)
    for (line, does), some in sorted(by_line.items()):
        spans = (watched.races.held(step.process, step.start) for step in some)
        held = sorted({tuple(sorted(span.lock for span in each)) for each in spans})
        locks = " or ".join(listed(names) if names else "none" for names in held)
        who = listed(sorted({step.process for step in some}))
        later = sorted({step.done.number for step in some if step.done not in (None, step.line)})
        done = f", done at {listed(map(str, later))}" if later else ""
        yield [name, f"{line or ''}{done}", does, who, locks]
