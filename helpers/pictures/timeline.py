"""The timeline of a run: who read what when, what was kept, what was lost, who held and who waited."""

import textwrap

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from helpers import analysis
from helpers.events import split_stamp
from helpers.pictures import marks, style

_MOST_LABELS = 200
_MOST_ARROWS = 60
_VISIBLE = 100_000  # ns
_LETTERS = 7 * style.DPI / 72  # height of a bar's label in pixels
_GAP = 6 * style.DPI / 72  # between the lines of a hatching, in pixels
_BAR, _THIN_BAR, _WAIT, _HOLD = 0.3, 0.1, 0.13, 0.045  # half a height, in rows


class Timeline:
    """The timeline on two axes of one figure, whose artists are made once and used again."""

    @style.house()
    def __init__(self, figure):
        left, width = 0.065, 0.915
        self._rows = figure.add_axes((left, 0.115, width, 0.53))
        self._value = figure.add_axes((left, 0.68, width, 0.14), sharex=self._rows)
        self._make_value_artists(self._value)
        self._make_row_artists(self._rows)
        self._title = figure.text(left, 0.945, "", fontsize=12, fontweight="bold")
        self._legend = _Legend(figure, left, 0.875)

    def _make_value_artists(self, ax):
        style.bare(ax)
        ax.xaxis.set_visible(False)  # that of the rows is its own
        ax.set_ylabel("number", fontsize=9)  # in a file, a database or a scheduler
        (self._steps,) = ax.plot([], [], drawstyle="steps-post", color=style.INK, lw=1.5)
        (self._dots,) = ax.plot([], [], ".", color=style.INK, ms=4)
        self._expected = ax.axhline(0, color=style.GOOD, ls="--", lw=1.2)
        self._expected_text = ax.text(0, 0, "", color=style.GOOD, fontsize=9, va="bottom")
        self._final_text = ax.text(
            0, 0, "", fontsize=10, fontweight="bold", ha="right", va="bottom"
        )

    def _make_row_artists(self, ax):
        style.bare(ax)
        ax.set_xlabel("milliseconds since the start", fontsize=9)
        ax.xaxis.set_major_locator(MaxNLocator(6))
        thin = {"facecolor": "none", "linewidth": 0.9}
        self._wait_lines = marks.patch(ax, edgecolor=style.WAIT, **thin)
        self._lost_lines = marks.patch(ax, edgecolor=style.LOST, **thin)
        self._lost_frames = marks.patch(ax, edgecolor=style.LOST, facecolor="none", linewidth=1.1)
        self._kept = marks.patch(ax, facecolor=style.KEPT, edgecolor="white", linewidth=0.4)
        self._holds = marks.patch(ax, facecolor=style.INK, edgecolor="white", linewidth=0.4)
        self._chain = marks.patch(ax, edgecolor=style.KEPT, facecolor="none", linewidth=1.8)
        self._branches = marks.patch(ax, edgecolor=style.LOST, **thin)
        self._plates = marks.patch(ax, facecolor="white", linewidth=0)
        self._arrows = marks.patch(ax, edgecolor=style.LOST, facecolor="none", linewidth=1.1)
        self._heads = marks.patch(ax, facecolor=style.LOST, linewidth=0)
        self._kept_labels = marks.patch(ax, facecolor="white", linewidth=0)
        self._lost_labels = marks.patch(ax, facecolor="#6B2A00", linewidth=0)

    @style.house()
    def draw(self, run):
        """Show `run`, a Run with at least one counter, instead of what was shown before."""
        view = _View(run, self._rows)
        self._draw_value(view)
        self._draw_rows(view)
        self._title.set(
            text=textwrap.shorten(run.sentence, 125, placeholder=" ..."),
            color=style.verdict_colour(run.verdict),
            fontsize=12 if len(run.sentence) < 80 else 9,
        )
        self._legend.show(
            "kept update; line: was read by the next",
            view.account.lost
            and ("lost update; arrow: to its rival" if view.roomy else "lost update"),
            view.holds and "holds the lock",
            view.waits and "waits for the lock",
        )

    def _draw_value(self, view):
        account = view.account
        written = [(u.end, u.value) for u in account.updates if u.end]
        times = [0, *(view.ms(end) for end, _ in written)]
        values = [account.start, *(value for _, value in written)]
        self._steps.set_data([*times, view.end], [*values, values[-1]])
        self._dots.set_data(times[1:], values[1:])
        self._dots.set_visible(len(written) <= _MOST_LABELS)
        self._expected.set_ydata([account.expected] * 2)
        top = max(account.expected, account.observed, *values, 1)
        self._value.set_ylim(-0.06 * top, 1.4 * top)
        self._value.set_yticks([0, account.expected])
        self._expected_text.set(
            position=(0, account.expected), text=f" expected {account.expected}"
        )
        self._final_text.set(position=(view.end, account.observed), text=f"{account.observed}")

    def _draw_rows(self, view):
        self._rows.set_xlim(0, view.end)
        self._rows.set_ylim(len(view.processes) - 0.35, -0.65)
        self._rows.set_yticks(range(len(view.processes)), view.processes)
        kept, lost = view.account.kept, view.account.lost
        lost_boxes = view.boxes(lost, _BAR if view.roomy else _THIN_BAR)
        self._kept.set_path(marks.bars(view.boxes(kept, _BAR)))
        self._lost_frames.set_path(marks.bars(lost_boxes))
        self._lost_lines.set_path(
            marks.hatching(lost_boxes if view.roomy else [], _GAP, crossed=True)
        )
        self._wait_lines.set_path(
            marks.hatching(view.boxes(view.waits, _WAIT), _GAP, crossed=False)
        )
        self._holds.set_path(marks.bars(view.boxes(view.holds, _HOLD, shift=0.38)))
        self._chain.set_path(marks.polylines(view.chain()))
        self._branches.set_path(marks.polylines(view.branches()))
        labels = view.labels(lost)
        self._plates.set_path(marks.bars([_plate(*label) for label in labels]))
        self._lost_labels.set_path(marks.lettering(labels, _LETTERS))
        self._kept_labels.set_path(marks.lettering(view.labels(kept), _LETTERS))
        arrows = view.arrows()
        self._arrows.set_path(marks.polylines([curve for curve, _ in arrows]))
        self._heads.set_path(marks.polygons([head for _, head in arrows]))


class _View:
    """One run in the pixels of the axes: milliseconds to the right, processes downward."""

    def __init__(self, run, ax):
        self.account = run.account
        self.processes = run.processes
        self.holds = analysis.holds(run.events)
        self.waits = visible_waits(run.events)
        self._row = {name: row for row, name in enumerate(run.processes)}
        self._started = run.started
        last = max((event.end or event.start for event in run.events), default=run.started)
        self.end = max(self.ms(last) * 1.02, run.elapsed * 1000 * 0.9, 0.1)
        box = ax.get_window_extent()
        self._left, self._top = box.x0, box.y1
        self._per_ms = box.width / self.end
        self._per_row = box.height / (len(run.processes) + 0.3)
        bar = box.width * len(run.processes) / max(len(self.account.updates), 1)
        self.roomy = bar > 24 and self._per_row > 40  # pixels: else neither hatching nor labels fit
        self._labelled = len(self.account.updates) <= _MOST_LABELS and self.roomy

    def ms(self, stamp):
        return (stamp - self._started) / 1e6

    def boxes(self, spans, half, shift=0.0):
        """x0, y0, x1, y1 in pixels for each span, as an array (n, 4); open ones reach to the end."""
        return [self._box(span, half, shift) for span in spans]

    def _box(self, span, half, shift):
        row = self._row[span.process] + shift
        x0, y0 = self._pixel(span.start, row + half)
        x1, y1 = self._pixel(span.end, row - half)
        return x0, y0, x1, y1

    def chain(self):
        """Lines from each kept update's end to the start of the one that read what it wrote."""
        return [
            self._link(a, b) for a, b in zip(self.account.kept, self.account.kept[1:], strict=False)
        ]

    def branches(self):
        """Such lines from each lost update to the lost ones that read what it wrote."""
        lost = {update.key: update for update in self.account.lost}
        links = [(lost.get(_parent(update)), update) for update in self.account.lost]
        return [self._link(a, b) for a, b in links if a] if self._labelled else []

    def _link(self, a, b):
        return [
            self._pixel(a.end, self._row[a.process]),
            self._pixel(b.start, self._row[b.process]),
        ]

    def labels(self, updates):
        """x and y in pixels, and words, for the bars with room for them."""
        if not self._labelled:
            return []
        named = [(*self._middle(update), _words(update), update) for update in updates]
        return [
            (x, y, words)
            for x, y, words, update in named
            if marks.word_width(words, _LETTERS) + 4 < self._width(update)
        ]

    def _width(self, update):
        return self._pixel(update.end, 0)[0] - self._pixel(update.start, 0)[0]

    def _middle(self, update):
        x, y = self._pixel(update.start, self._row[update.process])
        return x + self._width(update) / 2, y

    def arrows(self):
        """Curve and head, in pixels, to its rival from each lost update that started from a kept value.

        Those that built on a lost one have the same rival: a line joins them to their branch.
        """
        lost = {update.key for update in self.account.lost}
        first = [update for update in self.account.lost if _parent(update) not in lost]
        pairs = [(update, self.account.rivals[update.key]) for update in first]
        pairs = [
            (update, rival) for update, rival in pairs if rival and rival.process != update.process
        ]
        return (
            [self._arrow(*pair) for pair in pairs]
            if self.roomy and len(pairs) <= _MOST_ARROWS
            else []
        )

    def _arrow(self, lost, rival):
        way = np.sign(self._row[rival.process] - self._row[lost.process])
        tail = np.array(self._pixel(lost.end, self._row[lost.process] + _BAR * way)) - (8, 0)
        tip = np.array(self._pixel(rival.end, self._row[rival.process] - _BAR * way)) - (8, 0)
        bend = (tail + tip) / 2 + (0.12 * abs(tip[1] - tail[1]), 0)
        t = np.linspace(0, 1, 12)[:, None]
        curve = (1 - t) ** 2 * tail + 2 * t * (1 - t) * bend + t**2 * tip
        along = (tip - bend) / (np.hypot(*(tip - bend)) or 1)
        across = np.array([-along[1], along[0]])
        back = tip - 12 * along
        return curve, np.array([tip, back + 5 * across, back - 5 * across])

    def _pixel(self, stamp, row):
        ms = self.end if stamp is None else self.ms(stamp)
        return self._left + ms * self._per_ms, self._top - (row + 0.65) * self._per_row


def visible_waits(events):
    """The waits worth to be shown: a shorter one is the price of an acquire."""
    return [w for w in analysis.waits(events) if w.end is None or w.end - w.start > _VISIBLE]


def _parent(update):
    """The id of the update whose number this one read."""
    return split_stamp(update.origin)[0]


def _words(update):
    return f"{update.base if update.origin else 'empty'}→{update.value}"


def _plate(x, y, words):
    half, high = marks.word_width(words, _LETTERS) / 2 + 4, 0.62 * _LETTERS
    return x - half, y - high, x + half, y + high


class _Legend:
    """A line of swatches with words: kept, lost, holds, waits; only what the picture holds is shown."""

    def __init__(self, figure, left, y):
        self._left = left
        self._parts = []
        for look in (
            {"facecolor": style.KEPT},
            _outlined(style.LOST, "xxxx"),
            {"facecolor": style.INK},
            _outlined(style.WAIT, "////"),
        ):
            swatch = Rectangle((0, y - 0.003), 0.024, 0.022, transform=figure.transFigure, **look)
            figure.add_artist(swatch)
            self._parts.append((swatch, figure.text(0, y, "", fontsize=9)))

    def show(self, *words):
        x = self._left
        for (swatch, text), said in zip(self._parts, words, strict=True):
            swatch.set_visible(bool(said))
            text.set_text(said or "")
            if said:
                swatch.set_x(x)
                text.set_x(x + 0.031)
                x += 0.046 + len(said) * 0.0068


def _outlined(colour, hatch):
    return {"facecolor": "white", "edgecolor": colour, "hatch": hatch, "linewidth": 0.8}


def plot_timeline(figure, run):
    """The timeline of `run` on an empty figure: the number as it changes over a row for each process."""
    timeline = Timeline(figure)
    timeline.draw(run)
    return timeline
