"""Where the nodes of a small graph stand, so that no two of them overlap: in points, x to the right, y up.

Each node has one arrow out at the most that counts for its place: a process wants one lock, and a lock has one holder.
"""

from collections import defaultdict

import numpy as np

_ARROW = 20  # the least length of an arrow
_SMALLEST = 62  # radius of a ring
_LAYER = 64  # from one row of a tree to the next
_BESIDE = 10  # between two nodes of a row
_MOST_ROWS = 5  # a longer chain is bent to a ring
_WIDEST = np.radians(150)  # of a fan of nodes outside a ring
_APART = 40  # between parts of the graph that no arrow joins


def place_nodes(sizes, arrows, circle=()):
    """The middle of each node, as arrays by node.

    `sizes` gives half the width and height of each, `arrows` join two of them, `circle` is the ring to
    begin with, in its order.
    """
    after = {}
    for start, end in arrows:
        after.setdefault(start, end)
    cores = defaultdict(list)
    for node in sizes:
        cores[frozenset(_core(node, after))].append(node)
    places, left = {}, 0
    for core, nodes in cores.items():
        ring = circle if core == frozenset(circle) else _core(nodes[0], after)
        part = _placed(ring, nodes, after, sizes)
        low = min(place[0] - sizes[node][0] for node, place in part.items())
        high = max(place[0] + sizes[node][0] for node, place in part.items())
        places |= {node: place + (left - low, 0) for node, place in part.items()}
        left += high - low + _APART
    return places


def _core(node, after):
    """The circle to which the arrows lead from a node, or its end as a tuple of one."""
    path = [node]
    while (node := after.get(node)) is not None:
        if node in path:
            return tuple(path[path.index(node) :])
        path.append(node)
    return (path[-1],)


def _placed(core, nodes, after, sizes):
    before = defaultdict(list)
    for node in nodes:
        if node in after and node not in core:
            before[after[node]].append(node)
    if len(core) == 2:
        return _pair(core, before, sizes)
    if len(core) > 2:
        return _ring(core, before, sizes, 2 * np.pi / len(core))
    longest = _longest(core[0], before)
    if len(longest) <= _MOST_ROWS:
        return _tree(core[0], before, sizes)
    rest = {node: [n for n in some if n not in longest] for node, some in before.items()}
    return _ring(longest, rest, sizes, 2 * np.pi / (len(longest) + 1))


def _longest(root, before):
    """The longest chain of nodes that leads to `root`, from there on."""
    return (root, *max((_longest(node, before) for node in before[root]), key=len, default=()))


def _pair(pair, before, sizes):
    """Two nodes side by side, with room for two arrows; what leads to them hangs below."""
    trees = [_tree(node, before, sizes) for node in pair]
    wide = [max(place[0] + sizes[node][0] for node, place in tree.items()) for tree in trees]
    right = max(110, wide[0] + wide[1] + _BESIDE)
    return trees[0] | {node: place + (right, 0) for node, place in trees[1].items()}


def _tree(root, before, sizes):
    """`root` on top, and under each node a row of those that lead to it."""
    children = [_tree(node, before, sizes) for node in before.get(root, ())]
    places, right = {}, 0
    for child in children:
        low = min(place[0] - sizes[node][0] for node, place in child.items())
        high = max(place[0] + sizes[node][0] for node, place in child.items())
        places |= {node: place + (right - low, -_LAYER) for node, place in child.items()}
        right += high - low + _BESIDE
    middle = max(right - _BESIDE, 0) / 2
    return {root: np.zeros(2)} | {node: place - (middle, 0) for node, place in places.items()}


def _ring(ring, before, sizes, step):
    """A ring, clockwise from the top; what leads to its nodes stands around it in fans."""
    radius = max(_SMALLEST, _chord(ring, sizes) / (2 * np.sin(min(step, np.pi) / 2)))
    angles = {node: np.pi / 2 - step * turn for turn, node in enumerate(ring)}
    places = {node: _at(radius, angle) for node, angle in angles.items()}
    loaded = [angles[node] for node in ring if before.get(node)]
    for node in ring:
        places |= _fan(node, before, sizes, radius, angles[node], _sector(angles[node], loaded))
    return places


def _chord(ring, sizes):
    """How far apart two neighbours must stand, for an arrow to fit between them."""
    widths = [sizes[node][0] for node in ring]
    return max(a + b for a, b in zip(widths, [*widths[1:], widths[0]], strict=True)) + _ARROW


def _sector(angle, loaded):
    """How much of the round, in radians, is free for the fan of the node at `angle`."""
    gaps = [abs(np.angle(np.exp(1j * (other - angle)))) for other in loaded if other != angle]
    return min([_WIDEST, *gaps])


def _fan(node, before, sizes, radius, angle, sector):
    """The nodes that lead to `node`, and those that lead to them, further and further out."""
    nodes = before.get(node, ())
    if not nodes:
        return {}
    wide = [2 * max(sizes[n]) + _BESIDE for n in nodes for _ in range(_leaves(n, before))]
    out = max(radius + _LAYER, sum(wide) / sector)
    spread = min(sector, sum(wide) / out)
    places, at = {}, angle + spread / 2
    for child in nodes:
        part = spread * _leaves(child, before) / len(wide)
        places[child] = _at(out, at - part / 2)
        places |= _fan(child, before, sizes, out, at - part / 2, max(part, 0.2))
        at -= part
    return places


def _leaves(node, before):
    return max(sum(_leaves(child, before) for child in before.get(node, ())), 1)


def _at(radius, angle):
    return radius * np.array([np.cos(angle), np.sin(angle)])
