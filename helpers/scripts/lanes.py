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
from helpers.scripts.races import WRITES
from helpers.scripts.watched import Watched

_MOST = 48  # steps in one picture: of more, the part around the collision
_LANE = 0.62  # inches
SHOWN = "read", "look", *WRITES, "acquire", "release"


def _alt(watched):
    names = listed(watched.processes) if watched.processes else "no process"
    return f"Lanes of {names}, step by step. {watched.sentence}"


def _shows(watched):
    return any(event.op in ("read", *WRITES, "acquire") for event in watched.events)


@picture(Watched, alt=_alt, shows=_shows)
def draw_lanes(watched):
    """The steps in the order in which they were done, a column for each."""
    view = _View(watched)
    figure = new_figure(style.WIDTH, 1.15 + _LANE * len(view.rows))
    ax = inch_axes(figure, 0.045, 0.935, 0.5, 0.5)
    ax.set(xlim=(-0.1, max(view.count, 6)), ylim=(len(view.rows) - 0.5, -0.5))
    ax.set_yticks(range(len(view.rows)), view.rows)
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([])
    style.bare(ax, view.axis)
    for span in view.holds:
        _, shade = view.shades[span.identity]
        _bar(ax, view, span, facecolor=shade, edgecolor=style.INK, gid="holds")
    for span in view.waits:
        _bar(ax, view, span, view.line(span), gid="waits", **style.outlined(style.WAIT, "////"))
    for event in view.accesses:
        _box(ax, view, event)
    _explain(ax, view)
    return figure


class _View:
    """What is drawn of a run: its steps in columns, its processes in rows."""

    def __init__(self, watched):
        self.watched = watched
        shown = [e for e in watched.events if e.op in SHOWN and e.shared != "the terminal"]
        shown.sort(key=lambda event: event.start)
        harm = watched.collisions[0].accesses if watched.collisions else ()
        self.harm = {(access.process, access.step.start) for access in harm}
        first = next((n for n, e in enumerate(shown) if (e.process, e.start) in self.harm), 0)
        first = max(min(first - 4, len(shown) - _MOST), 0)
        self.events = shown[first : first + _MOST]
        self.left_out, self.count = len(shown) - len(self.events), len(self.events)
        self._starts = [event.start for event in self.events]
        self.accesses = [e for e in self.events if e.op not in ("acquire", "release")]
        seen = {event.process for event in self.events}
        self.rows = [process for process in watched.processes if process in seen]
        self.data = list(dict.fromkeys(event.shared for event in self.accesses))
        self.shades = style.lock_shades([e for e in self.events if e.op == "acquire"])
        spans = watched.recording.holds
        self.holds = [s for s in spans if s.process in seen and s.identity in self.shades]
        takes = (e for e in self.events if e.op == "acquire")
        self.waits = [
            e for e in takes if not e.end or self.column(e.end) > self.column(e.start) + 1
        ]

    @property
    def axis(self):
        """What the columns and boxes are, in words."""
        say = "steps in the order in which they were done; in each box the line of the script"
        if len(self.data) > 1:
            names = (
                f"{number}:\N{NO-BREAK SPACE}{name}" for number, name in enumerate(self.data, 1)
            )
            say += f", above it {', '.join(names)}"
        if self.left_out:
            say += f"; {counted(self.left_out, 'step')} more are not shown"
        return textwrap.fill(say, 125)

    def line(self, event):
        """The Line that asked for a step, None where no line of the script did."""
        return self.watched.lines[event.process, event.index][0]

    def column(self, stamp):
        """The column of a moment; the end for what has not ended."""
        return self.count if stamp is None else bisect_left(self._starts, stamp)


def _bar(ax, view, span, line=None, **look):
    """A hold, under the boxes of its process, or a wait among them, with its line."""
    left, right = view.column(span.start), view.column(span.end)
    y = view.rows.index(span.process) + (-0.13 if line else 0.24)
    look = {"linewidth": 0.5, **look}
    ax.add_patch(mpl.Rectangle((left, y), max(right - left, 0.2), 0.15, **look))
    if line and right - left >= 0.13 * view.count:  # else it would lie over the next box
        ax.text(left + 0.1, y - 0.02, f"waits at {line}", fontsize=8, va="bottom", color=style.INK)


def _box(ax, view, event):
    """One access: the script's line in a box, above it the number of its datum where there are several."""
    is_write, is_harm = event.op in WRITES, (event.process, event.start) in view.harm
    look = {"facecolor": style.KEPT if is_write else "white", "edgecolor": style.KEPT}
    if is_harm:
        look |= {"edgecolor": style.LOST, "linewidth": 2.2}
    x, y = view.column(event.start) + 0.06, view.rows.index(event.process) - 0.3
    ax.add_patch(mpl.Rectangle((x, y), 0.88, 0.5, gid=f"{event.process} {event.op}", **look))
    asked = view.line(event)
    words = {"color": "white" if is_write else style.INK, "fontweight": "bold"}
    size = 9 if view.count <= 30 else 7
    middle = {"ha": "center", "va": "center_baseline"}
    ax.text(x + 0.44, y + 0.25, asked.number if asked else "", fontsize=size, **middle, **words)
    if len(view.data) > 1:
        number = view.data.index(event.shared) + 1
        ax.text(x + 0.44, y - 0.02, number, ha="center", va="bottom", fontsize=7)


def _explain(ax, view):
    looks = [("reads", {"facecolor": "white", "edgecolor": style.KEPT})]
    looks.append(("writes", {"facecolor": style.KEPT, "edgecolor": style.KEPT}))
    if view.harm:
        harm = {"facecolor": "white", "edgecolor": style.LOST, "linewidth": 2}
        looks.append(("these collide", harm))
    if view.waits:
        looks.append(("waits", style.outlined(style.WAIT, "////")))
    for words, face in view.shades.values():  # as many locks as find room
        lock = f"holds {words}", {"facecolor": face, "edgecolor": style.INK, "linewidth": 0.5}
        if sum(style.word_width(said, 10) + 36 for said, _ in [*looks, lock]) < style.size(ax)[0]:
            looks.append(lock)
    handles = [mpl.Patch(label=said, **look) for said, look in looks]
    style.legend(ax, handles, (0, 1.0), "lower left", ncols=len(handles), borderaxespad=0.2)


@below(Watched)
def watched_tables(watched):
    """For each datum that several processes use: who did what at which line, and which locks were held; then what was not seen."""
    rows = []
    for name in dict.fromkeys(e.shared for e in watched.events if e.op in ("read", *WRITES)):
        rows += _rows(watched, name)
    table = (
        html_table(
            ["shared", "line", "does", "processes", "locks held"], rows, label="what was shared"
        )
        if rows
        else ""
    )
    notes = [f"Not recorded: {text}." for text in watched.unseen]
    if watched.output.strip():
        notes.append(
            f"<details><summary>What the script printed</summary><pre>{html.escape(watched.output)}</pre></details>"
        )
    if watched.errors.strip():
        notes.append(
            f"<details><summary>What it wrote to its error stream</summary><pre>{html.escape(watched.errors)}</pre></details>"
        )
    return table + "".join(
        note if note.startswith("<") else f"<div>{html.escape(note)}</div>" for note in notes
    )


def _rows(watched, name):
    """A row for each line that reads or changes a datum, if more than one process does."""
    steps = [
        e
        for e in watched.events
        if e.shared == name and e.op in ("read", "look", *WRITES) and e.outcome == "done"
    ]
    if len({e.process for e in steps}) < 2 or name == "the terminal":
        return
    by_line = defaultdict(list)
    for event in steps:
        asked, _ = watched.lines[event.process, event.index]
        by_line[asked.number if asked else 0, "writes" if event.op in WRITES else "reads"].append(
            event
        )
    for (line, does), events in sorted(by_line.items()):
        held = sorted({watched.held.get((e.process, e.index), ()) for e in events})
        locks = " or ".join(listed(names) if names else "none" for names in held)
        yield [
            name,
            f"{line}" if line else "",
            does,
            listed(sorted({e.process for e in events})),
            locks,
        ]
