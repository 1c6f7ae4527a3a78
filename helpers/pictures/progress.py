"""The progress graph: A's steps to the right, B's upward, each order a path from corner to corner."""

from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.charts import add_shapes
from helpers.pictures.declared import picture
from helpers.pictures.drawing import np
from helpers.schedules import ProgressGraph

_MOST_LABELS = 24
_MOST_LETTERS = 40  # in a row under the axis; more of them are turned
# Line style of each of several paths; a path that fails is in another colour, too.
_DASHES = ["-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2))]
_REGIONS = {
    "forbidden": (style.INK, "////", "#E4E4E4", "both would hold the lock: no way in"),
    "doomed": (style.WAIT, "...", "#FDF3DC", "no way to the end any more"),
    "window": (style.LOST, "xxx", "#FBEBDF", "both have read, neither has written"),
}
# Half a step around each point, so that no path between allowed points touches it.
_AROUND = (-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)


@picture(ProgressGraph, "Progress graph", 4.2, (0.13, 0.24, 0.44, 0.74), width=7.4)
def plot_progress_graph(ax, graph):
    """Two processes' steps, the places no order may or should enter, and the paths of some orders."""
    across, up = (len(steps) for steps in graph.steps)
    for name, (colour, hatch, ground, words) in _REGIONS.items():
        shapes = [np.add(point, _AROUND) for point in getattr(graph, name)]
        look = {"facecolor": ground, "edgecolor": colour, "hatch": hatch, "linewidth": 0}
        add_shapes(ax, shapes, label=words, **look, zorder=1)
    points = [(i, j) for i in range(across + 1) for j in range(up + 1)]
    free = [point for point in points if point not in graph.forbidden]
    ax.plot(*zip(*free, strict=True), ".", color="#9A9A9A", ms=4, zorder=2)
    for number, path in enumerate(graph.paths):
        _draw_path(ax, path, number, len(graph.paths))
    for point in graph.stuck:
        ax.plot(*point, "X", color=style.LOST, ms=11, mec="white", zorder=5)
    _name_steps(ax, graph.steps)
    ax.set(xlim=(-0.55, across + 0.55), ylim=(-0.55, up + 0.55), aspect="equal", anchor="NW")
    style.legend(ax, _key(ax, graph), (1.03, 1.0), handlelength=2.6, labelspacing=0.9)
    style.bare(ax)


def _draw_path(ax, path, number, count):
    gap = min(0.07, 0.6 / count)  # paths on one line lie side by side, and touch nothing shaded
    shift = gap * (number - (count - 1) / 2)
    places = np.array(path.points) + (shift, -shift)
    colour, mark = _end(path)
    ax.plot(*places.T, color=colour, zorder=4, **_line(number))
    ax.plot(*places[0], "o", color=style.INK, ms=6, zorder=5)
    ax.plot(*places[-1], mark, color=colour, ms=10, mec="white", zorder=6)


def _line(number):
    return {"linestyle": _DASHES[number % len(_DASHES)], "linewidth": 2.4}


def _end(path):
    """The colour of a path and the mark at its end, by its verdict."""
    known = {"": (style.KEPT, ">"), "correct": (style.GOOD, "o")}
    return known.get(path.verdict, (style.LOST, "X"))


def _name_steps(ax, steps):
    for axis, names, letter in zip((ax.xaxis, ax.yaxis), steps, "AB", strict=True):
        every = -(-len(names) // _MOST_LABELS) or 1
        axis.set_ticks([place + 0.5 for place in range(0, len(names), every)], names[::every])
        axis.set_label_text(f"steps of {letter}", fontsize=9)
    crowded = sum(len(name) + 2 for name in steps[0]) > _MOST_LETTERS
    ax.tick_params(axis="x", rotation=90 if crowded else 0, length=0)
    ax.tick_params(axis="y", length=0)


def _key(ax, graph):
    """What the picture holds, in words."""
    handles = []
    for number, path in enumerate(graph.paths):
        colour, mark = _end(path)
        look = {"color": colour, "marker": mark, "ms": 8, "mec": "white", **_line(number)}
        handles.append(mpl.Line2D([], [], label=_wrapped(path.words), **look))
    handles += ax.get_legend_handles_labels()[0]  # the regions
    if graph.stuck:
        look = {"marker": "X", "color": style.LOST, "ms": 10, "mec": "white"}
        handles.append(mpl.Line2D([], [], ls="", label="nobody can move", **look))
    return handles


def _wrapped(words, width=30):
    """A long schedule broken into lines, its end on a line of its own."""
    if len(words) <= width:
        return words
    schedule, _, end = words.partition(": ")
    lines = [schedule[at : at + width] for at in range(0, len(schedule), width)]
    return "\n".join([*lines, *([end] if end else [])])
