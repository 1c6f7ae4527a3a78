"""The wait-for graph of a run that got stuck: processes are circles, locks are squares."""

import textwrap
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from helpers import analysis
from helpers.pictures import style
from helpers.pictures.places import place_nodes

# All sizes are points as long as the axes have room for them.
_LETTERS = 10.5
_RADIUS, _LINE, _PAD = 13, 13, 7  # of a circle; height of a line in a square, and what is around it
_ABOVE = 16  # room for the word "ended" above a circle
_LONGEST = 24  # letters of a lock's name that are shown
_MOST_WAITERS = 8  # for one lock; of more, the last circle says how many
_LARGEST = 1.3  # how much everything is enlarged where there is room
_LINES = {"held": "-", "wants": (0, (4, 2)), "perhaps": (0, (1, 1.5))}
_WORDS = {"held": "is held by", "wants": "wants", "perhaps": "went, by elimination, with"}


class Node(NamedTuple):
    """A process by its letter, or a lock by its identity; `words` are written in it."""

    kind: str
    key: str
    words: str


class Graph(NamedTuple):
    """Who wants what, and who has it: `arrows` are (from, to, kind), from Node to Node.

    `circle` holds the nodes of the circular wait in their order, `gone` how processes that do nothing
    more have left, by letter.
    """

    arrows: tuple
    circle: tuple
    gone: dict

    @property
    def nodes(self):
        return tuple(dict.fromkeys(node for arrow in self.arrows for node in arrow[:2]))


def plot_wait_for_graph(ax, run):
    """Who wants which lock and who holds it in the end of `run`; a circular wait is marked.

    Locks that nobody wants are left out.
    """
    graph = wait_for_graph(run)
    ax.set_axis_off()
    if not graph.arrows:
        ax.text(0.5, 0.5, "nobody waits", transform=ax.transAxes, ha="center", fontsize=10)
        return
    sizes = {node: _size(node, graph.gone) for node in graph.nodes}
    places = place_nodes(sizes, [arrow[:2] for arrow in graph.arrows], graph.circle)
    scale = _fit(ax, places, sizes)
    shapes = {node: _draw_node(ax, node, places[node], graph, scale) for node in graph.nodes}
    for arrow in graph.arrows:
        _draw_arrow(ax, arrow, places, shapes, graph.circle, scale)
    if graph.circle:
        middle = np.mean([places[node] for node in graph.circle], axis=0)
        ax.text(*middle, "circle", color=style.LOST, fontsize=_LETTERS * scale, fontweight="bold",
                ha="center", va="center", gid="circle")  # fmt: skip
    _explain(ax, graph)


def wait_for_graph(run):
    """The Graph of a run, from the waits and holds that were open in its end."""
    gone = ways_out(run)
    waiting = [w for w in analysis.waits(run.events) if w.end is None and w.process not in gone]
    twice = _held_by_several(waiting, run.circle)
    wanted = {
        wait.process: Node("lock", wait.identity + twice * wait.process, _label(wait.lock))
        for wait in waiting
    }
    have = _holders(run, wanted)
    turns = [*run.circle[::2], *sorted(set(wanted) - set(run.circle[::2]))]
    circle = [node for who in run.circle[::2] for node in (_process(who), wanted[who])]
    shown, told = _waiters(wanted, turns, {who for _, who, _ in have})
    arrows = [(_process(who), wanted[who], "wants") for who in shown] + told
    arrows += [(lock, _process(who), kind) for lock, who, kind in have]
    return Graph(tuple(arrows), tuple(circle), gone)


def _held_by_several(waiting, circle):
    """Whether those of a circle wait for one database: each wait is then for another one's part in it."""
    wanted = [wait.identity for wait in waiting if wait.process in circle[::2]]
    return len(wanted) > 1 and len(set(wanted)) == 1


def _holders(run, wanted):
    """Who holds each wanted lock, as (its Node, a letter, how sure that is)."""
    locks = {node.key: node for node in wanted.values()}
    circle = zip(run.circle[::2], [*run.circle[2::2], *run.circle[:1]], strict=True)
    found = [(wanted[who], holder, "held") for who, holder in circle]
    for span in analysis.holds(run.events):
        if span.end is None and span.identity in locks:
            found.append((locks[span.identity], span.process, "held"))
    for orphan in run.stuck.orphans if run.stuck else ():
        if orphan.by_elimination:
            found += [(wanted[orphan.process], taker, "perhaps") for taker in orphan.takers]
    return list(dict.fromkeys(found))


def _waiters(wanted, turns, holders):
    """Who is shown to wait, in turn; and one arrow for all the others who want the same lock."""
    queues = defaultdict(list)
    for who in turns:
        if who not in holders:
            queues[wanted[who]].append(who)
    left, told = set(), []
    for lock, queue in queues.items():
        if len(queue) > _MOST_WAITERS:
            more = queue[_MOST_WAITERS - 1 :]
            left.update(more)
            told.append((Node("process", f"{lock.key} +", f"+{len(more)}"), lock, "wants"))
    return [who for who in turns if who not in left], told


def ways_out(run):
    """How those left who do no more, by letter: "dead" by a signal, or "ended"."""
    orphans = run.stuck.orphans if run.stuck else ()
    ends = {taker: "ended" for orphan in orphans for taker in orphan.takers}
    return ends | {crash.process: "dead" if crash.is_killed else "ended" for crash in run.crashes}


def short_words(lock):
    """A lock's name in a picture: "lock 2", or "lock" where it has only the default name."""
    return analysis.lock_words(lock).removeprefix("the ")


def _process(letter):
    return Node("process", letter, letter)


def _label(lock):
    words = textwrap.shorten(short_words(lock), _LONGEST, placeholder="…")
    return "\n".join(textwrap.wrap(words, 7, break_long_words=False)) if len(words) > 8 else words


def _size(node, gone):
    """Half the width and half the height of what is drawn at a node."""
    if node.kind == "process":
        return _RADIUS, _RADIUS + _ABOVE * (node.key in gone)
    lines = node.words.split("\n")
    wide = max(style.word_width(line, _LETTERS) for line in lines)
    return wide / 2 + _PAD, (_LINE * len(lines) + _PAD) / 2


def _fit(ax, places, sizes):
    """Set the axes so that all is in: the scale, in points for one unit."""
    low = np.min([np.subtract(places[node], size) for node, size in sizes.items()], axis=0) - 2
    high = np.max([np.add(places[node], size) for node, size in sizes.items()], axis=0) + 2
    box = ax.get_window_extent()
    room = np.array([box.width, box.height]) * 72 / ax.figure.dpi
    scale = min(_LARGEST, *(room / (high - low)))
    middle, half = (low + high) / 2, room / scale / 2
    ax.set(xlim=(middle[0] - half[0], middle[0] + half[0]))
    ax.set(ylim=(middle[1] - half[1], middle[1] + half[1]))
    return scale


def _draw_node(ax, node, place, graph, scale):
    on_circle = node in graph.circle
    way_out = graph.gone.get(node.key) if node.kind == "process" else None
    look = {
        "facecolor": "white" if node.kind == "process" else style.PALE,
        "edgecolor": style.LOST if on_circle else "#777777" if way_out else style.INK,
        "linewidth": (2.6 if on_circle else 1.2) * scale,
        "linestyle": "--" if way_out else "-",
        "gid": f"{node.kind} {node.words}",
        "zorder": 3,
    }
    if node.kind == "process":
        shape = Circle(place, _RADIUS, **look)
    else:
        half = np.array(_size(node, graph.gone))
        shape = FancyBboxPatch(place - half, *(2 * half), "round,pad=0,rounding_size=5", **look)
    ax.add_patch(shape)
    _write(ax, node, place, scale, bool(way_out))
    if way_out:
        _cross_out(ax, place, way_out, scale)
    return shape


def _write(ax, node, place, scale, is_gone):
    plate = {"facecolor": "white", "linewidth": 0, "pad": 1} if is_gone else None
    ax.text(*place, node.words, bbox=plate, fontsize=_LETTERS * scale, fontweight="bold", color=style.INK,
            ha="center", va="center_baseline" if "\n" not in node.words else "center",
            linespacing=1.05, zorder=5)  # fmt: skip


def _cross_out(ax, place, word, scale):
    (x, y), half = place, 0.95 * _RADIUS
    for way in (-1, 1):
        ax.plot([x - half, x + half], [y - way * half, y + way * half], color=style.LOST,
                lw=1.6 * scale, alpha=0.75, zorder=4)  # fmt: skip
    ax.text(x, y + _RADIUS + 3, word, fontsize=_LETTERS * scale, ha="center", zorder=5)


def _draw_arrow(ax, arrow, places, shapes, circle, scale):
    start, end, kind = arrow
    on_circle = (start, end) in zip(circle, [*circle[1:], *circle[:1]], strict=True)
    is_pair = len(circle) == 2 and on_circle
    ax.add_patch(
        FancyArrowPatch(
            places[start],
            places[end],
            patchA=shapes[start],
            patchB=shapes[end],
            shrinkA=1.5 * scale,
            shrinkB=1.5 * scale,
            connectionstyle=f"arc3,rad={0.45 if is_pair else 0}",
            arrowstyle="-|>",
            mutation_scale=(13 if on_circle else 10) * scale,
            linestyle=_LINES[kind],
            linewidth=(2.4 if on_circle else 1.2) * scale,
            color=style.LOST if on_circle else style.INK,
            gid=f"{start.words} {kind} {end.words}",
            zorder=2,
        )
    )


def _explain(ax, graph):
    """The legend: what the lines of the graph mean; only what is drawn is named."""
    kinds = {kind for *_, kind in graph.arrows}
    handles = [
        Line2D([], [], color=style.INK, linestyle=_LINES[kind], lw=1.3, label=_WORDS[kind])
        for kind in _LINES
        if kind in kinds
    ]
    if graph.circle:
        handles.append(Line2D([], [], color=style.LOST, lw=2.6, label="thick: the circle"))
    ax.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.01),
        ncols=len(handles),
        frameon=False,
        fontsize=9,
        handlelength=2.6,
        columnspacing=1.2,
        borderaxespad=0,
    )
