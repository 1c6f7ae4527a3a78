"""How the turns at a lock went round: a row for each process, its holds over time, and its numbers."""

from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers import analysis
from helpers.figures import style

_ROW, _ABOVE, _BELOW = 0.34, 0.75, 0.5  # inches
_FEWEST = 3  # rows: a picture of two processes is as high as one of three
_LEFT, _WIDTH = 0.045, 0.47  # of the strip, as shares of the picture
_COLUMNS = (1.06, 1.4, 1.74)  # left ends of the columns, in widths of the strip
_COLUMN = 0.28
_TITLE = 26  # points between the rows and the title: the legend stands there
_APART = 3  # points: holds that are wider on average are drawn apart
_WAIT = {"facecolor": "white", "edgecolor": style.WAIT, "hatch": "////", "linewidth": 0.8}


def height_of_turns(fairness):
    """Inches for all rows."""
    return max(len(fairness.run.processes), _FEWEST) * _ROW + _ABOVE + _BELOW


def place_of_turns(fairness):
    """Where the axes of the strip stand."""
    high = height_of_turns(fairness)
    return _LEFT, _BELOW / high, _WIDTH, 1 - (_ABOVE + _BELOW) / high


def plot_turns(ax, fairness):
    """The holds of each process over time, its longest wait hatched; beside them its numbers as bars."""
    rows = {name: row for row, name in enumerate(fairness.run.processes)}
    ax.set(xlim=(0, max(fairness.run.elapsed * 1000, 1)), ylim=(len(rows) - 0.5, -0.5))
    _draw_spans(ax, fairness, rows)
    ax.set_yticks(list(rows.values()), list(rows))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.set_xlabel("milliseconds since the start", fontsize=9)
    style.bare(ax)
    ax.tick_params(axis="y", length=0)
    turns = fairness.turns.values()
    _draw_column(ax, 0, "holds", [turn.holds for turn in turns])
    _draw_column(ax, 1, "most holds in a row", [turn.longest_streak for turn in turns])
    _draw_column(ax, 2, "longest wait in ms", [turn.longest_wait_ms for turn in turns], "{:,.1f}")
    ax.legend(
        handles=[Patch(color=style.KEPT, label="its holds"), Patch(label="its longest wait", **_WAIT)],
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=9,
        handlelength=1.4, borderaxespad=0.2,
    )  # fmt: skip
    say = fairness.extremes
    style.title(ax, say[0].upper() + say[1:], pad=_TITLE)


def _draw_spans(ax, fairness, rows):
    """Holds and longest waits as two collections of bars; where holds are thin, a streak is one bar."""
    run, streaks = fairness.run, analysis.streaks(fairness.run.events)
    waits = [turn.longest_wait for turn in fairness.turns.values() if turn.longest_wait]
    holds = [hold for streak in streaks for hold in streak]
    edges = {"edgecolor": "white", "linewidth": 0.8}
    if len(holds) * _APART > ax.get_window_extent().width * 72 / ax.figure.dpi:
        holds = [streak[0]._replace(end=streak[-1].end) for streak in streaks]
        edges = {"linewidth": 0, "snap": False}
    last = run.started + run.elapsed * 1e9
    for spans, half, look in (
        (waits, 0.42, {**_WAIT, "gid": "waits"}),
        (holds, 0.36, {"facecolor": style.KEPT, "gid": "holds", **edges}),
    ):
        corners = [_corners(span, rows[span.process], half, run.started, last) for span in spans]
        ax.add_collection(PolyCollection(corners, **look), autolim=False)


def _corners(span, row, half, started, last):
    left, right = ((stamp - started) / 1e6 for stamp in (span.start, span.end or last))
    return [(left, row - half), (right, row - half), (right, row + half), (left, row + half)]


def _draw_column(ax, place, words, values, form="{:,}"):
    """A bar with its number for each process, beside its row."""
    column = ax.inset_axes((_COLUMNS[place], 0, _COLUMN, 1), sharey=ax)
    most = max(max(values), 1e-9)
    column.barh(range(len(values)), values, 0.6, color=style.KEPT)
    for row, value in enumerate(values):
        column.annotate(form.format(value), (value, row), (3, 0),
                        textcoords="offset points", va="center", fontsize=9)  # fmt: skip
    column.set_xlim(0, 1.6 * most)
    column.set_title(words, loc="left", fontsize=9, pad=5)
    style.bare(column)
    column.spines["bottom"].set_visible(False)
    column.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
