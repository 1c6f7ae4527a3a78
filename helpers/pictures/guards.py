"""Which lock guards a file, to be counted: a number, a shade and a hatch for each, over the file's own updates."""

from helpers import analysis
from helpers.pictures import style
from helpers.pictures.charts import add_shapes, note
from helpers.pictures.declared import new_figure
from helpers.pictures.run_picture import ROW_OF_SWATCHES, inch_axes, real_holds, take_lane
from helpers.pictures.timeline import box_of, end_of, name_rows, points, visible_waits

_HATCHES = ("", "////", "....", "xxxx")
_NONE = 0  # in the place of a lock's number: no lock
_MOST_LANES = 16  # locks with a lane of their own under the file
_MOST_BADGES = 2  # beside one row
_MOST_NAMED = 4  # locks in the legend
_MOST_LABELS = 40  # holds with a number in them
_ROW, _LANE = 24, 15  # points: a row of few processes; a lane of the file, and a row of many


def draw_guards(diagnosis):
    """A row for each process with its holds, under them the file with its updates, a lane for each lock.

    Beside each row and lane stand the numbers of its locks.
    """
    view, below, above = _View(diagnosis), 0.85, 0.12  # the latter two in inches
    figure = new_figure(style.WIDTH, (view.bottom + 0.5) * view.row / 72 + below + above)
    ax = inch_axes(figure, 0.055, 0.845, below, above)
    ax.set(xlim=(0, view.end), ylim=(view.bottom, -0.5))
    _draw_rows(ax, view)
    _draw_file(ax, view)
    name_rows(ax, [*range(len(view.processes)), view.middle], [*view.processes, "file"])
    columns = _MOST_NAMED + 4  # at the most: all stand in one row
    style.legend(ax, None, (0, -36 / style.size(ax)[1]), ncols=columns, **ROW_OF_SWATCHES)
    return figure


class _View:
    """One diagnosis in rows and milliseconds. `lanes` gives the lane of each update of the file by its key, `row` is in points."""

    def __init__(self, diagnosis):
        self.run, self.guards = diagnosis.run, diagnosis.guards
        self.processes = self.run.processes
        self.end = end_of(self.run)
        self.row = _ROW if len(self.processes) <= 8 else _LANE
        self.lanes, self.owners = _lanes(self.guards)
        self.file = len(self.processes) - 0.5 + 8 / self.row  # where the file's part begins
        self.lane = _LANE / self.row  # its height in rows
        self.bottom = self.file + max(len(self.owners), 2) * self.lane
        self.middle = (self.file + self.bottom) / 2

    def in_row(self, span, part):
        """The Box of something a process did, that takes so much of its row's height."""
        return box_of(self.run, span, self.processes.index(span.process) - part / 2, part)

    def in_lane(self, update):
        """The Box of an update of the file."""
        top = self.file + (self.lanes[update.key] + 0.1) * self.lane
        return box_of(self.run, update, top, 0.8 * self.lane)


def _lanes(guards):
    """The lane of each update, and of each lane the number of its lock.

    A lock has one lane, for no two updates under it overlap; those without one are put where there is room.
    """
    is_by_lock = len(guards.names) <= _MOST_LANES
    owners = list(range(1, len(guards.names) + 1)) if is_by_lock else []
    busy, lanes = [], {}
    for update, locks, _ in guards.updates:
        own = [guards.number(lock) - 1 for lock in locks] if is_by_lock else []
        lanes[update.key] = min(own) if own else len(owners) + take_lane(busy, update)
    return lanes, owners + [_NONE] * len(busy)


def _look(number, count):
    """The shade and the hatch of a lock."""
    return style.shade(number - 1, count), _HATCHES[(number - 1) % len(_HATCHES)]


def _draw_rows(ax, view):
    names, holds = view.guards.names, list(real_holds(view.run.events))
    for number, identity in enumerate(names, 1):
        boxes = [view.in_row(hold, 0.8) for hold in holds if hold.identity == identity]
        _draw_lock(ax, boxes, number, names, 1 < len(names) and len(holds) <= _MOST_LABELS)
    waits = [view.in_row(wait, 0.5) for wait in visible_waits(view.run.events)]
    _add(ax, waits, "waits", "waits", edgecolor=style.WAIT, hatch="////", zorder=0.9)
    bare = [view.in_row(u.update, 0.8) for u in view.guards.updates if not u.locks]
    look = {"edgecolor": style.LOST, "linestyle": "--", "linewidth": 1.2}
    _add(ax, bare, "bare", "without a lock", **look)
    for row, process in enumerate(view.processes):
        numbers = [view.guards.number(identity) for identity in view.guards.taken_by(process)]
        if any(u.update.process == process and not u.locks for u in view.guards.updates):
            numbers.append(_NONE)
        _badges(ax, view, row, numbers)


def _draw_lock(ax, boxes, number, names, is_labelled):
    """The holds of one lock, with its number in those that are wide enough."""
    face, hatch = _look(number, len(names))
    look = {"facecolor": face, "edgecolor": style.ink_on(face), "hatch": hatch}
    _add(ax, boxes, f"lock {number}", _words(number, names), **look)
    per_ms, per_row = points(ax)
    for box in boxes if is_labelled else ():
        if (box.right - box.left) * per_ms > 16 and (box.bottom - box.top) * per_row > 11:
            _badge(ax, number, len(names), *box.middle, 0)


def _draw_file(ax, view):
    account = view.run.account
    kept, lost = (map(view.in_lane, updates) for updates in (account.kept, account.lost))
    _add(ax, kept, "kept", "kept update", facecolor=style.KEPT, edgecolor="white")
    _add(ax, lost, "lost", "lost update", edgecolor=style.LOST, hatch="xxxx")
    ax.axhline(view.file - 4 / view.row, color=style.INK, lw=0.6)
    if len(view.owners) <= 2 * _MOST_LANES:
        for lane, number in enumerate(view.owners):
            _badges(ax, view, view.file + (lane + 0.5) * view.lane, [number])


def _add(ax, boxes, name, words, **look):
    """Boxes of one look, which the legend explains by some words."""
    look = {"facecolor": "white", "linewidth": 0.6, "gid": name, "label": words, **look}
    add_shapes(ax, [box.corners for box in boxes], **look)


def _badges(ax, view, row, numbers):
    """The numbers of locks beside a row, from its right end on, and whether there was an update without one."""
    locks, outside = [number for number in numbers if number != _NONE], {"annotation_clip": False}
    if len(numbers) > _MOST_BADGES:
        note(ax, f"{len(locks)} locks", view.end, row, (6, 0), va="center", **outside)
        return
    for place, number in enumerate(locks):
        _badge(ax, number, len(view.guards.names), view.end, row, 14 + 20 * place)
    if _NONE in numbers:
        look = {"color": style.LOST, "fontweight": "bold", "va": "center_baseline"}
        note(ax, "none", view.end, row, (34, 0), **look, **outside)


def _badge(ax, number, count, x, y, shift):
    """The number of a lock on its shade."""
    face, _ = _look(number, count)
    plate = {"boxstyle": "round,pad=0.15", "linewidth": 0.6, "facecolor": face}
    note(ax, f"{number}", x, y, (shift, 0), ha="center", va="center_baseline", fontweight="bold",
         color=style.ink_on(face), annotation_clip=False, bbox=plate)  # fmt: skip


def _words(number, names):
    """A lock in the legend: its number, and its name where that tells it from the others; of many, the first one for all."""
    known = list(names.values())
    if len(known) > _MOST_NAMED:
        return f"locks 1 to {len(known)}" if number == 1 else ""
    name = known[number - 1]
    is_named = len(known) > 1 and known.count(name) == 1
    return f"{number}: {analysis.lock_words(name)}" if is_named else f"lock {number}"
