"""The wait-for graph of a run that got stuck: processes are circles, locks are squares."""

import math
import textwrap
from typing import NamedTuple

from helpers import analysis
from helpers.pictures import drawing as mpl
from helpers.pictures import style

# All sizes and places are points as long as the axes have room for them: x to the right, y up.
_LETTERS = 10.5
_RADIUS, _LINE, _PAD = 13, 13, 7  # of a circle; height of a line in a square, and what is around it
_ABOVE = 16  # room for the word "ended" above a circle
_LONGEST = 24  # letters of a lock's name that are shown
_LARGEST = 1.3  # how much everything is enlarged where there is room
_ARROW = 20  # the least length of an arrow
_SMALLEST = 62  # radius of the ring
_LARGE = 8  # nodes of a circle; round a larger one is no room for words
# Of each kind of arrow: how its line is drawn, and what it says.
_LINES = {
    "held": ("-", "is held by"),
    "wants": ((0, (4, 2)), "wants"),
    "perhaps": ((0, (1, 1.5)), "went, by elimination, with"),
}


class Node(NamedTuple):
    """A process by its letter, or a lock by its identity; `words` are written in it."""

    kind: str
    key: str
    words: str


class Graph(NamedTuple):
    """Who wants what, and who has it: `arrows` are (from, to, kind), from Node to Node, `shades` colours of the locks.

    `circle` holds the nodes of the circular wait in their order, `gone` how processes that do nothing
    more have left, by letter.
    """

    arrows: list
    circle: list
    gone: dict
    shades: dict


def plot_wait_for_graph(ax, run):
    """Who wants which lock and who holds it in the end of `run`, a circular wait marked; not locks that nobody wants."""
    graph = wait_for_graph(run)
    ax.set_axis_off()
    if not graph.arrows:
        ax.text(0.5, 0.5, "nobody waits", transform=ax.transAxes, ha="center", fontsize=10)
        return
    sizes = {node: _size(node, graph.gone) for arrow in graph.arrows for node in arrow[:2]}
    places = _place(graph, sizes)
    scale = _fit(ax, places, sizes)
    shapes = {node: _draw_node(ax, node, places[node], graph, scale) for node in sizes}
    for arrow in graph.arrows:
        _draw_arrow(ax, arrow, places, shapes, graph.circle, scale)
    if graph.circle:
        _name_arrows(ax, graph.circle, places, sizes, scale)
    _explain(ax, graph)


def wait_for_graph(run):
    """The Graph of a run, from the waits and holds that were open in its end."""
    gone = ways_out(run)
    waiting = [w for w in analysis.waits(run.events) if w.end is None and w.process not in gone]
    ring = dict(_around(run.circle[::2]))  # who waits for whom
    asked = [wait.identity for wait in waiting if wait.process in ring]
    # All for one database: each wait is then for another one's part in it.
    twice = len(asked) > 1 and len(set(asked)) == 1
    wanted, shades, known = {}, {}, style.lock_shades(run.events)
    for who, lock, identity, *_ in waiting:
        part = f": {ring[who]}'s part" if twice and who in ring else ""
        wanted[who] = Node("lock", identity + twice * who, _label(lock, part))
        shades[wanted[who]] = known[identity][1]
    have = _holders(run, wanted, ring)
    circle = [node for who in ring for node in (Node("process", who, who), wanted[who])]
    turns = [*ring, *sorted(set(wanted) - set(ring))]
    arrows = [(lock, Node("process", who, who), kind) for lock, who, kind in have]
    arrows += [(Node("process", who, who), wanted[who], "wants") for who in turns]
    return Graph(arrows, circle, gone, shades)


def _around(ring):
    """Each one of a ring with the next one: pairs."""
    return list(zip(ring, [*ring[1:], *ring[:1]], strict=True))


def _holders(run, wanted, ring):
    """Who holds each wanted lock, as (its Node, a letter, how sure that is)."""
    locks = {node.key: node for node in wanted.values()}
    found = [(wanted[who], holder, "held") for who, holder in ring.items()]
    for span in analysis.holds(run.events):
        if span.end is None and span.identity in locks:
            found.append((locks[span.identity], span.process, "held"))
    for orphan in run.stuck.orphans if run.stuck else ():
        if orphan.is_inferred:
            found += [(wanted[orphan.process], taker, "perhaps") for taker in orphan.takers]
    return list(dict.fromkeys(found))


def ways_out(run):
    """How those left who do no more, by letter: "dead" by a signal, or "ended"."""
    orphans = run.stuck.orphans if run.stuck else ()
    ends = {taker: "ended" for orphan in orphans for taker in orphan.takers}
    return ends | {crash.process: "dead" if crash.is_killed else "ended" for crash in run.crashes}


def _label(lock, part=""):
    words = textwrap.shorten(style.short_words(lock) + part, _LONGEST, placeholder="…")
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
    middles, halves = (mpl.np.array([of[node] for node in sizes]) for of in (places, sizes))
    low, high = (middles - halves).min(axis=0) - 2, (middles + halves).max(axis=0) + 2
    room = style.size(ax)
    scale = min(_LARGEST, *(room / (high - low)))
    middle, half = (low + high) / 2, room / scale / 2
    (left, low), (right, high) = middle - half, middle + half
    ax.set(xlim=(left, right), ylim=(low, high))
    return scale


def _draw_node(ax, node, place, graph, scale):
    on_circle, face = node in graph.circle, graph.shades.get(node, (1, 1, 1))
    way_out = graph.gone.get(node.key) if node.kind == "process" else None
    half = mpl.np.array(_size(node, {}))
    outline = "circle,pad=0" if node.kind == "process" else "round,pad=0,rounding_size=5"
    colour = style.LOST if on_circle else "#777777" if way_out else style.INK
    shape = ax.add_patch(mpl.FancyBboxPatch(
        place - half, *(2 * half), outline, facecolor=face, edgecolor=colour, zorder=3,
        linewidth=(2.6 if on_circle else 1.2) * scale, linestyle="--" if way_out else "-",
        gid=f"{node.kind} {node.words}",
    ))  # fmt: skip
    plate = {"facecolor": "white", "linewidth": 0, "pad": 1} if way_out else None
    middle = "center" if "\n" in node.words else "center_baseline"
    look = {"fontsize": _LETTERS * scale, "ha": "center", "zorder": 5}
    ax.text(*place, node.words, bbox=plate, fontweight="bold", color=style.ink_on(face),
            va=middle, linespacing=1.05, **look)  # fmt: skip
    if way_out:
        cross = {"ms": 1.9 * _RADIUS * scale, "mew": 1.6 * scale, "color": style.LOST}
        ax.plot(*place, "x", alpha=0.75, zorder=4, **cross)
        ax.text(*(place + (0, _RADIUS + 3)), way_out, **look)
    return shape


def _draw_arrow(ax, arrow, places, shapes, circle, scale):
    start, end, kind = arrow
    on_circle = (start, end) in _around(circle)
    bend = 0.45 if len(circle) == 2 and on_circle else 0
    colour, wide, head = (style.LOST, 2.4, 13) if on_circle else (style.INK, 1.2, 10)
    ax.add_patch(mpl.FancyArrowPatch(
        places[start], places[end], patchA=shapes[start], patchB=shapes[end], shrinkA=1.5 * scale,
        shrinkB=1.5 * scale, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", color=colour,
        linestyle=_LINES[kind][0], linewidth=wide * scale, mutation_scale=head * scale, zorder=2,
        gid=f"{start.words} {kind} {end.words}",
    ))  # fmt: skip


def _name_arrows(ax, circle, places, sizes, scale):
    """The word "circle" in its middle; where it is small and nobody else waits, also beside each of its arrows what it says."""
    look = {"color": style.LOST, "fontsize": _LETTERS * scale, "ha": "center", "va": "center"}
    ring = [places[node] for node in circle]
    middle = mpl.np.mean(ring, axis=0)
    ax.text(*middle, "circle", fontweight="bold", gid="circle", **look)
    if len(sizes) > len(ring) or len(ring) > _LARGE:
        return
    ways = [mpl.np.linspace(a, b, 9) for a, b in _around(ring)]
    if len(ring) == 2:  # the two arrows are bent away from each other
        high = 0.225 * mpl.np.ptp(ring)
        ways = [[middle - (0, high)], [middle + (0, high)]]
    taken = [(places[node], size) for node, size in sizes.items()]
    taken += [(point, (3, 3)) for way in ways for point in way]
    look |= {"bbox": {"facecolor": "white", "linewidth": 0, "pad": 0.5}, "gid": "word"}
    for start, way in zip(circle, ways, strict=True):
        words = "wants" if start.kind == "process" else "held by"
        half, at = mpl.np.array([style.word_width(words, _LETTERS) / 2, 6]), way[len(way) // 2]
        step = (at - middle) / math.hypot(*(at - middle))
        while any((abs(at - other) < half + size).all() for other, size in taken):
            at = at + step
        taken.append((at, half))
        ax.text(*at, words, zorder=2.5, **look)


def _explain(ax, graph):
    """The legend: what the lines of the graph mean; only what is drawn is named."""
    for kind, (dashes, words) in _LINES.items():
        if any(arrow[2] == kind for arrow in graph.arrows):
            ax.plot([], [], color=style.INK, lw=1.3, ls=dashes, label=words)
    if graph.circle:
        ax.plot([], [], color=style.LOST, lw=2.6, label="thick: the circle")
    look = {"ncols": 4, "handlelength": 2.6, "columnspacing": 1.2}
    style.legend(ax, None, (0.5, -0.01), "upper center", **look)


def _place(graph, sizes):
    """The middle of each node, as arrays by node: all on one ring, clockwise, a single lock in the middle.

    `sizes` gives half the width and height of each. Who waits for a lock of the circle stands beside that lock.
    """
    nodes = list(graph.circle)
    for turn, (start, end, _) in enumerate(graph.arrows):
        nodes += [end] if end not in nodes else []
        if start not in nodes:
            nodes.insert(nodes.index(end) + turn % 2 if graph.circle else len(nodes), start)
    locks = [node for node in nodes if node.kind == "lock"]
    ring = [node for node in nodes if len(locks) > 1 or node not in locks]
    is_alone = len(graph.circle) == 2  # it waits for itself: two bent arrows, with words between
    apart = _ARROW + max(a + b for a, b in _around([sizes[node][0] for node in ring]))
    radius = apart / (2 * math.sin(math.pi / max(len(ring), 2)))
    radius = max(_SMALLEST * (1 + is_alone), radius)
    first = math.pi if is_alone else math.pi / 2
    angles = [first - math.tau * turn / len(ring) for turn in range(len(ring))]
    points = [radius * mpl.np.array([math.cos(angle), math.sin(angle)]) for angle in angles]
    return dict.fromkeys(locks, mpl.np.zeros(2)) | dict(zip(ring, points, strict=True))
