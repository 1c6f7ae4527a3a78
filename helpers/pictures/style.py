"""The same colours, words and sizes in every figure. Colours are never used alone.

They are Okabe and Ito's, darkened where needed: a verdict's colour reads as text on white (contrast 4.5 or more), and as a mark on
white and on JupyterLab's dark ground (3).
"""

import threading
from contextlib import contextmanager
from functools import cache

from helpers.analysis import lock_words
from helpers.pictures import drawing as mpl

KEPT = "#0072B2"
LOST = "#C35200"
WAIT = "#B87700"
GOOD = "#007A5A"
CUT_OFF = "#8A5CBE"  # the time was over: neither right nor wrong
INK = "#222222"
PALE = "#CFE3F1"
_DARK, _LIGHT = ([n / 255 for n in bytes.fromhex(c[1:])] for c in ("#0B3C5D", PALE))

TIME = "milliseconds since the start"  # what the axis of the time is called
WIDTH, HEIGHT = 9.6, 4.3  # inches
DPI = 200  # twice what a browser shows: sharp on a high-density screen

_drawing = threading.RLock()  # the settings are one for all threads


@cache
def _settings():
    return {name: v for name, v in mpl.rcParamsDefault.items() if name != "backend"}


@contextmanager
def house():
    """Matplotlib's own settings in place of the learner's, while a figure of the course is made or drawn."""
    with _drawing:
        if all(mpl.rcParams[name] == value for name, value in _settings().items()):
            yield  # the usual case, at a tenth of the time
            return
        with mpl.rc_context(_settings()):
            yield


def verdict_colour(verdict):
    """Green for correct, purple for cut off, vermilion for all else; the words beside it say the same."""
    return {"correct": GOOD, "timed_out": CUT_OFF}.get(verdict, LOST)


def bare(ax, x=None, y=None):
    """Take away the box, so that only the lower and left lines stay; name the axes that get a name."""
    for axis, words in ((ax.xaxis, x), (ax.yaxis, y)):
        if words is not None:
            axis.set_label_text(words, fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=9, length=3)


def finish(ax, text, x="", y=""):
    """Take away the box, name the axes, and say over them what they show, as `bare` and `title` do."""
    bare(ax, x, y)
    title(ax, text)


def outlined(colour, hatch):
    """The look of a patch that is white in an outline, with the hatching of its colour."""
    return {"facecolor": "white", "edgecolor": colour, "hatch": hatch, "linewidth": 0.8}


def shade(place, count):
    """The shade of blue at a place, from 0, among so many from dark to light."""
    share = place / max(count - 1, 1)
    return tuple(d + share * (light - d) for d, light in zip(_DARK, _LIGHT, strict=True))


def short_words(lock):
    """A lock's name in a picture: "lock 2", or "lock" where it has only the default name."""
    return lock_words(lock).removeprefix("the ")


def lock_shades(events):
    """For each lock, by its identity, its words and a shade of blue: dark to light by their names."""
    locks = {e.identity: e.shared for e in events if e.op in ("acquire", "begin")}
    ordered = sorted(locks, key=lambda identity: (len(locks[identity]), locks[identity]))
    return {
        identity: (short_words(locks[identity]), shade(place, len(locks)))
        for place, identity in enumerate(ordered)
    }


def ink_on(shade):
    """The colour of letters and edges that show on a shade."""
    return "white" if sum(shade) < 1.5 else INK


def size(ax):
    """Width and height of axes in points, as an array."""
    return ax.get_window_extent().size * 72 / ax.figure.dpi


def marked(words, is_good):
    """The words with a mark, and a colour that says the same: a cell of a table."""
    return (f"✓ {words}", GOOD) if is_good else (f"✗ {words}", LOST)


def title(ax, text, pad=10):
    """What the axes show, over them and flush with them, `pad` points above; the result stands in the text over the picture."""
    return ax.set_title(text, loc="left", c=INK, size=11.5, weight="bold", pad=pad)


def legend(ax, handles, at, corner="upper left", **more):
    """A legend without a frame, whose `corner` is at a place in shares of the axes."""
    look = {"frameon": False, "fontsize": 9, "borderaxespad": 0, **more}
    return ax.legend(handles=handles, loc=corner, bbox_to_anchor=at, **look)


@cache
def word_width(words, size):
    """How wide words in bold letters are, in the unit of `size`, which is the height of the letters at the most."""
    bold = mpl.FontProperties(weight="bold")
    return mpl.TextPath((0, 0), words, size=size, prop=bold).get_extents().x1
