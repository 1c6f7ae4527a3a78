"""Many bars, hatchings or labels as one path each, in pixels: drawn at once, not one by one."""

from functools import cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

_NOTHING = Path(np.empty((0, 2)))
_RECTANGLE = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]


def patch(ax, **look):
    """An empty patch on `ax` in pixels, for `set_path` to fill."""
    made = PathPatch(_NOTHING, transform=IdentityTransform(), **look)
    ax.add_patch(made)
    return made


def bars(boxes):
    """One path of all rectangles; `boxes` is an array (n, 4) of x0, y0, x1, y1 in pixels."""
    if not len(boxes):
        return _NOTHING
    x0, y0, x1, y1 = np.round(boxes).T
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    vertices = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)
    return Path(vertices.reshape(-1, 2), _RECTANGLE * len(boxes))


def hatching(boxes, gap, crossed):
    """One path of slanted lines, `gap` pixels apart, in all boxes; crossed lines if so wanted."""
    lines = [line for box in boxes for line in _slanted(*box, gap)]
    if crossed:
        lines += [
            mirrored for x0, y0, x1, y1 in boxes for mirrored in _slanted(x0, -y1, x1, -y0, gap, -1)
        ]
    return polylines(lines)


def _slanted(x0, y0, x1, y1, gap, sign=1):
    """Pieces of the lines x - y = k gap that lie in the box; `sign` -1 mirrors them upside down."""
    for offset in np.arange(np.ceil((x0 - y1) / gap), np.floor((x1 - y0) / gap) + 1) * gap:
        left, right = max(x0, y0 + offset), min(x1, y1 + offset)
        yield [(left, sign * (left - offset)), (right, sign * (right - offset))]


def polylines(lines):
    """One path of all lines, each a sequence of points."""
    if not len(lines):
        return _NOTHING
    codes = [code for line in lines for code in [Path.MOVETO] + [Path.LINETO] * (len(line) - 1)]
    return Path(np.concatenate(lines), codes)


def polygons(shapes):
    """One path of all closed shapes, each a sequence of points."""
    return polylines([[*shape, shape[0]] for shape in shapes])


def lettering(labels, pixels):
    """One path of all labels, each (x, y, words) centred there; letters `pixels` high at the most."""
    pieces = []
    for x, y, words in labels:
        glyphs, width = _word(words, pixels)
        pieces.append(glyphs.transformed(Affine2D().translate(x - width / 2, y - 0.36 * pixels)))
    return Path.make_compound_path(*pieces) if pieces else _NOTHING


def word_width(words, pixels):
    """How wide a label is, in pixels."""
    return _word(words, pixels)[1]


@cache
def _word(words, pixels):
    glyphs = TextPath((0, 0), words, size=pixels, prop=FontProperties(weight="bold"))
    return glyphs, glyphs.get_extents().x1
