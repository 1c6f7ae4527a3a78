"""The ways to add up results: one job as bars, all of them as a table, and the guide by which to choose."""

from dataclasses import dataclass
from typing import NamedTuple

from IPython.display import HTML

from helpers.lab.fates import Fate
from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.charts import plot_counts
from helpers.pictures.declared import below, image, picture
from helpers.pictures.step_table import html_table
from helpers.topics.choosing import AddedUp, Adding, AddingTable

# For each fate a mark, a colour, and what a kill meant for the others.
_FATES = {
    Fate.FINISHED: ("✓", style.GOOD, "the others go on"),
    Fate.WAITS: ("✗", style.LOST, "the others wait"),
    Fate.CUT_OFF: ("…", style.CUT_OFF, "cut off while working"),
}
_HEADS = ("way", "sum, all alive", "time", "one killed: sum", "one killed: the others")


@picture(AddedUp, "Bar chart of {0.wanted} results. {0}.".format, 1.9, (0.105, 0.25, 0.87, 0.56))
def plot_added_up(ax, added):
    """Three bars: results wanted, in the sum, missing; of a job that was cut off, those not added by then."""
    missing, look = "missing", (style.LOST, "////")
    if added.verdict == "timed_out":
        missing, look = "not yet", (style.CUT_OFF, "....")
    counts = {"wanted": added.wanted, "in the sum": added.found, missing: added.missing}
    looks = {"wanted": (style.INK, ""), "in the sum": (style.KEPT, ""), missing: look}
    plot_counts(ax, counts, looks, added.wanted, "results")
    style.title(ax, _title(added), style.verdict_colour(added.verdict))


def _title(added):
    if added.settings.kill:
        return f"{added.settings.way.value}, one killed: {added.fate_words}"
    end = f"; {added.fate_words}" if added.verdict == "timed_out" else ""
    return f"{added.settings.way.value}: {added.found} of {added.wanted}{end}"


@below(AddingTable)
def adding_table(table):
    """One row for each way: whether the sum is right, the time, and what a kill meant for the others."""
    return html_table(_HEADS, [_row(*pair) for pair in table.found], label=str(table))


def _row(alive, killed):
    judged = Fate.WAITS if alive.verdict == "lost_updates" else alive.fate
    cut_off = f", {alive.fate_words}" if alive.verdict == "timed_out" else ""
    return [
        alive.settings.way.value,
        _marked(f"{alive.found} of {alive.wanted}{cut_off}", judged),
        f"{1000 * alive.elapsed:.0f} ms",
        f"{killed.found} of {killed.wanted}",
        _marked(killed.fate_words, Fate.WAITS if killed.is_unread else killed.fate),
    ]


def _marked(words, fate):
    mark, colour, _ = _FATES[fate]
    return f"{mark} {words}", colour


# ---- the guide


class Step(NamedTuple):
    """A question of the guide: where "yes" leads at once, else on to the next question."""

    question: str
    answer: str
    way: Adding


STEPS = (
    Step("Can each process keep its own,\nand the sum wait until the end?", "A file for each process,\nand a merge", Adding.OWN_FILES),
    Step("Can one process do\nall the writing?", "One writer,\nand a queue", Adding.WRITER),
    Step("Can the data live\nin a database?", "One UPDATE, or\nBEGIN IMMEDIATE", Adding.DATABASE),
    Step("Are they separate programs,\nor may a holder be killed?", "A file lock: freed by\nthe system at a death", Adding.FILE_LOCK),
    Step("Is it a number\nin memory?", "Value, and\nwith get_lock():", Adding.VALUE),
    Step("Must the lock travel\nin messages, as to a Pool?", "A Manager's\nlock", Adding.MANAGER),
)  # fmt: skip
LAST = Step("", "multiprocessing.Lock,\ngiven with the start", Adding.LOCK)


@dataclass(frozen=True)
class Guide:
    """The questions by which to choose, with what the runs of an AddingTable found."""

    table: AddingTable

    def __str__(self):
        return "Which cure? Beside each arrow: what the runs above found"


def decision_guide(table):
    """The guide by which to choose a cure, with what the runs of a `compare_adding` found beside its arrows."""
    return HTML(image(Guide(table)))


def _alt(guide):
    pairs = guide.table.found
    found = "; ".join(f"{alive.sentence}; killed: {killed.fate_words}" for alive, killed in pairs)
    return f"Guide in which each question leads to a way. {guide.table}. {found}."


@picture(Guide, height=5.6, places=(0.01, 0.01, 0.98, 0.93), alt=_alt)
def plot_guide(ax, guide):
    """Questions from top to bottom, the answer beside each; on its arrow, what the runs found."""
    found = {alive.settings.way: (alive, killed) for alive, killed in guide.table.found}
    ax.set(xlim=(0, 100), ylim=(len(STEPS) + 0.75, -0.55))
    ax.set_axis_off()
    for row, step in enumerate(STEPS):
        _box(ax, 16, row, step.question)
        _box(ax, 86, row, step.answer)
        _arrow(ax, (31.5, row), (74, row), "yes", (32.5, row - 0.06), "bottom")
        look = {"va": "bottom", "fontsize": 9, "gid": "evidence"}
        ax.text(38, row - 0.06, _evidence(*found[step.way]), **look)
        _arrow(ax, (16, row + 0.31), (16, row + 0.69), "no", (17.2, row + 0.5), "center")
    end = len(STEPS)
    _box(ax, 16, end, LAST.answer)
    ax.text(33, end, _evidence(*found[LAST.way]), va="center", fontsize=9, color=style.INK)
    style.title(ax, str(guide), pad=4)


def _box(ax, x, y, words):
    """A question on a pale ground, or an answer in bold letters."""
    is_question, wide = words.endswith("?"), 30 if x < 50 else 23
    look = {"facecolor": style.PALE if is_question else "white", "edgecolor": style.INK, "lw": 1.2}
    shape = {"boxstyle": "round,pad=0,rounding_size=0.08", "mutation_aspect": 0.03}
    ax.add_patch(mpl.FancyBboxPatch((x - wide / 2, y - 0.3), wide, 0.6, **shape, **look))
    look = {"ha": "center", "va": "center", "fontsize": 9.5, "gid": "box"}
    ax.text(x, y, words, fontweight="normal" if is_question else "bold", **look)


def _arrow(ax, start, end, word, at, va):
    look = {"arrowstyle": "-|>", "color": style.INK, "linewidth": 1.5}
    ax.annotate("", end, start, arrowprops=look)
    ax.text(*at, word, va=va, fontsize=9.5, fontweight="bold")


def _evidence(alive, killed):
    """What two runs found, in few words."""
    mark, _, words = _FATES[killed.fate]
    fate = "✗ writer killed: the rest is lost" if killed.is_unread else f"{mark} a kill: {words}"
    end = ", cut off" if alive.fate is Fate.CUT_OFF else f", {1000 * alive.elapsed:.0f} ms"
    return f"{alive.found} of {alive.wanted}{end}; {fate}"
