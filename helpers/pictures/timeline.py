"""The timeline of a run: who read what when, what was kept, what was lost, who held and who waited.

All bars, hatchings or labels of one look are one path in pixels: drawn at once, not one by one.
"""

import math
import textwrap
from bisect import bisect_left
from collections import defaultdict

from helpers import analysis
from helpers.events import split_stamp
from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.drawing import np

_MOST_LABELS = 200
_MOST_ARROWS = 16  # and lines between lost updates; of more, nobody can follow one
_VISIBLE = 100_000  # ns
_LETTERS = 7 * style.DPI / 72  # height of a bar's label in pixels
_GAP = 6 * style.DPI / 72  # between the lines of a hatching, in pixels
_BAR, _THIN_BAR, _WAIT, _HOLD = 0.3, 0.1, 0.13, 0.045  # half a height, in rows


class Timeline:
    """The timeline on two axes of one figure, whose artists are made once and used again."""

    @style.house()
    def __init__(self, figure):
        self.figure = figure
        left, width = 0.065, 0.915
        self.rows = figure.add_axes((left, 0.115, width, 0.53))
        self.value = figure.add_axes((left, 0.68, width, 0.14), sharex=self.rows)
        self._make_value_artists(self.value)
        self._make_row_artists(self.rows)
        self._title = figure.text(left, 0.945, "", fontsize=12, fontweight="bold", gid=style.TITLE)
        self.legend = _Legend(figure, left, 0.875)

    def _make_value_artists(self, ax):
        style.bare(ax, y="number")  # in a file, a database or a scheduler
        ax.xaxis.set_visible(False)  # that of the rows is its own
        (self.steps,) = ax.plot([], [], drawstyle="steps-post", color=style.INK, lw=1.5)
        (self._dots,) = ax.plot([], [], ".", color=style.INK, ms=4)
        self.expected = ax.axhline(0, color=style.GOOD, ls="--", lw=1.2)
        self._expected_text = ax.text(0, 0, "", color=style.GOOD, fontsize=9, va="bottom")
        self.final_text = ax.text(0, 0, "", fontsize=10, weight="bold", ha="right", va="bottom")

    def _make_row_artists(self, ax):
        style.bare(ax, style.TIME)
        ax.xaxis.set_major_locator(mpl.MaxNLocator(6))
        # Where it would be: it need not be found each time.
        ax.xaxis.set_label_coords(0.5, -0.11884)
        thin = {"facecolor": "none", "linewidth": 0.9}
        self.wait_lines = _patch(ax, edgecolor=style.WAIT, **thin)
        self.lost_lines = _patch(ax, edgecolor=style.LOST, **thin)
        self.lost_frames = _patch(ax, edgecolor=style.LOST, facecolor="none", linewidth=1.1)
        self.kept = _patch(ax, facecolor=style.KEPT, edgecolor="white", linewidth=0.4)
        self.holds = _patch(ax, facecolor=style.INK, edgecolor="white", linewidth=0.4)
        self.chain = _patch(ax, edgecolor=style.KEPT, facecolor="none", linewidth=1.8)
        self.branches = _patch(ax, edgecolor=style.LOST, **thin)
        self._plates = _patch(ax, facecolor="white", linewidth=0)
        self.arrows = _patch(ax, edgecolor=style.LOST, facecolor="none", linewidth=1.1)
        self.heads = _patch(ax, facecolor=style.LOST, linewidth=0)
        self.kept_labels = _patch(ax, facecolor="white", linewidth=0)
        self.lost_labels = _patch(ax, facecolor="#6B2A00", linewidth=0)

    @style.house()
    def draw(self, run):
        """Show `run`, a Run with at least one counter, instead of what was shown before."""
        view = View(run, self.rows)
        self._draw_value(view)
        self._draw_rows(view)
        self._title.set(
            text=textwrap.shorten(run.sentence, 125, placeholder=" ..."),
            color=style.verdict_colour(run.verdict),
            fontsize=12 if len(run.sentence) < 80 else 9,
        )
        self.legend.show(
            "kept update; line: was read by the next",
            view.account.lost
            and ("lost update; arrow: to its rival" if view.pairs else "lost update"),
            view.holds and "holds the lock",
            view.waits and "waits for the lock",
        )

    def _draw_value(self, view):
        account = view.account
        written = [(u.end, u.value) for u in account.updates if u.end]
        times = [0, *(view.ms(end) for end, _ in written)]
        values = [account.start, *(value for _, value in written)]
        self.steps.set_data([*times, view.end], [*values, values[-1]])
        self._dots.set_data(times[1:], values[1:])
        self._dots.set_visible(len(written) <= _MOST_LABELS)
        self.expected.set_ydata([account.expected] * 2)
        highest = max(account.observed, *values, 1)
        # Far above what was reached, its line would press the curve flat: then the words say where it is.
        is_near = account.expected <= 2 * highest
        top = max(highest, account.expected) if is_near else highest
        self.value.set_ylim(-0.06 * top, 1.4 * top)
        self.value.set_yticks([0, account.expected if is_near else highest])
        where = "" if is_near else ", far above"
        self._expected_text.set(
            y=account.expected if is_near else top, text=f" expected {account.expected}{where}"
        )
        self.final_text.set(x=view.end, y=account.observed, text=f"{account.observed}")

    def _draw_rows(self, view):
        self.rows.set_xlim(0, view.end)
        self.rows.set_ylim(len(view.processes) - 0.35, -0.65)
        self.rows.set_yticks(range(len(view.processes)), view.processes)
        kept, lost = view.account.kept, view.account.lost
        frames = view.boxes(lost, _BAR if view.roomy else _THIN_BAR)
        self.kept.set_path(_rectangles(view.boxes(kept, _BAR)))
        self.lost_frames.set_path(_rectangles(frames))
        self.lost_lines.set_path(_hatching(frames[: len(frames) * view.roomy], is_crossed=True))
        self.wait_lines.set_path(_hatching(view.boxes(view.waits, _WAIT)))
        self.holds.set_path(_rectangles(view.boxes(view.holds, _HOLD, shift=0.38)))
        self.chain.set_path(_lines(view.links(kept[:-1], kept[1:])))
        self.branches.set_path(_lines(view.branches()))
        labels = view.labels(lost)
        self._plates.set_path(_rectangles([_plate(*label) for label in labels]))
        self.lost_labels.set_path(lettering(labels))
        self.kept_labels.set_path(lettering(view.labels(kept)))
        curves, heads = view.arrows()
        self.arrows.set_path(_lines(curves, "CURVE3"))
        self.heads.set_path(_lines(heads))


class View:
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
        self.pairs, self._branches = self._joined() if self.roomy else ([], [])
        self._labelled = len(self.account.updates) <= _MOST_LABELS and self.roomy

    def _joined(self):
        """Pairs to join: a lost update and its rival, a lost one and a lost one that read it; none if they are too many."""
        lost = {update.key: update for update in self.account.lost}
        branches = [(lost[_parent(b)], b) for b in lost.values() if _parent(b) in lost]
        first = [update for update in lost.values() if _parent(update) not in lost]
        rivals = [(update, self.account.rivals[update.key]) for update in first]
        pairs = [(a, b) for a, b in rivals if b and b.process != a.process]
        across = [a for a, b in branches if a.process != b.process]
        return (pairs, branches) if len(pairs) + len(across) <= _MOST_ARROWS else ([], [])

    def ms(self, stamp):
        return (stamp - self._started) / 1e6

    def rows(self, spans):
        return np.array([self._row[span.process] for span in spans], dtype=float)

    def _pixels(self, spans, moment, shift=0.0):
        """Where each span has its "start" or "end", so many rows below the middle of its own: an array (n, 2).

        Open ones end where the timeline ends.
        """
        stamps = [getattr(span, moment) for span in spans]
        times = np.array([self.end if stamp is None else self.ms(stamp) for stamp in stamps])
        down = (self.rows(spans) + shift + 0.65) * self._per_row
        return np.column_stack([self._left + times * self._per_ms, self._top - down])

    def boxes(self, spans, half, shift=0.0):
        """x0, y0, x1, y1 in pixels for each span, as an array (n, 4)."""
        begin, end = (self._pixels(spans, moment, shift) for moment in ("start", "end"))
        high = (0, half * self._per_row)
        return np.hstack([begin - high, end + high])

    def links(self, before, after):
        """A line from the end of each update in `before` to the start of that in `after`, as an array (n, 2, 2)."""
        return np.stack([self._pixels(before, "end"), self._pixels(after, "start")], axis=1)

    def branches(self):
        """Such lines from each lost update to the lost ones that read what it wrote."""
        pairs = self._branches if self._labelled else []
        return self.links([a for a, _ in pairs], [b for _, b in pairs])

    def labels(self, updates):
        """x and y in pixels, and words, for the bars with room for them."""
        updates = updates if self._labelled else []
        bars = zip(map(_words, updates), self.boxes(updates, 0), strict=True)
        return [
            ((left + right) / 2, y, words)
            for words, (left, y, right, _) in bars
            if style.word_width(words, _LETTERS) + 4 < right - left
        ]

    def arrows(self):
        """Curves (begin, control point, end) and heads, in pixels, to its rival from each lost update that started from a kept value.

        Those that built on a lost one have the same rival: a line joins them to their branch.
        """
        begin, to = [a for a, _ in self.pairs], [b for _, b in self.pairs]
        way = _BAR * np.sign(self.rows(to) - self.rows(begin))
        tail = self._pixels(begin, "end", way) - (8, 0)
        tip = self._pixels(to, "end", -way) - (8, 0)
        high = abs(tip - tail)[:, 1:]
        bend = (tail + tip) / 2 + 0.12 * np.hstack([high, 0 * high])
        along = (tip - bend) / np.maximum(np.hypot(*(tip - bend).T), 1e-9)[:, None]
        across, back = along[:, ::-1] * (-5, 5), tip - 12 * along
        heads = np.stack([tip, back + across, back - across], axis=1)
        return np.stack([tail, bend, tip], axis=1), heads


def visible_waits(events):
    """The waits worth to be shown: a shorter one is the price of an acquire.

    Nor one in which nobody held the lock: there the process had only lost the processor.
    """
    found = [w for w in analysis.waits(events) if w.end is None or w.end - w.start > _VISIBLE]
    starts, ends = defaultdict(list), {}
    for hold in analysis.holds(events) if found else ():
        starts[hold.identity].append(hold.start)
        last = math.inf if hold.end is None else hold.end
        known = ends.setdefault(hold.identity, [])
        known.append(max([last, *known[-1:]]))  # until when one of those so far was held
    return [w for w in found if w.end is None or _met(w, starts[w.identity], ends)]


def _met(wait, starts, ends):
    """Whether a hold that began before the wait was over was not over when it began."""
    before = bisect_left(starts, wait.end)
    return before > 0 and ends[wait.identity][before - 1] > wait.start


def _parent(update):
    """The id of the update whose number this one read."""
    return split_stamp(update.origin)[0]


def _words(update):
    return f"{update.base if update.origin else 'empty'}→{update.value}"


def _plate(x, y, words):
    half, high = style.word_width(words, _LETTERS) / 2 + 4, 0.62 * _LETTERS
    return x - half, y - high, x + half, y + high


def _patch(ax, **look):
    """An empty patch on `ax` in pixels, for `set_path` to fill."""
    nothing = mpl.Path(np.empty((0, 2)))
    return ax.add_patch(mpl.PathPatch(nothing, transform=mpl.IdentityTransform(), **look))


def _rectangles(boxes):
    """One path of all rectangles; `boxes` is an array (n, 4) of x0, y0, x1, y1 in pixels."""
    corners = np.round(np.reshape(boxes, (-1, 4)))[:, [0, 1, 2, 1, 2, 3, 0, 3]]
    path = mpl.Path.make_compound_path_from_polys(corners.reshape(-1, 4, 2))
    path.vertices[4::5] = path.vertices[::5]  # where each rectangle is closed, in place of (0, 0)
    return path


def _lines(points, code="LINETO"):
    """One path of n lines of k points each; `points` is an array (n, k, 2), `code` what leads from one to the next."""
    count, length, _ = points.shape
    codes = [mpl.Path.MOVETO, *[getattr(mpl.Path, code)] * (length - 1)] * count
    return mpl.Path(points.reshape(-1, 2), codes or None)


def _hatching(boxes, is_crossed=False):
    """One path of slanted lines in all boxes; crossed lines if so wanted."""
    lines = _slanted(*boxes.T)
    if is_crossed:
        x0, y0, x1, y1 = boxes.T
        lines = np.concatenate([lines, _slanted(x0, -y1, x1, -y0) * (1, -1)])
    return _lines(lines)


def _slanted(x0, y0, x1, y1):
    """Pieces of the lines x - y = k gap that lie in the boxes, as an array (n, 2, 2)."""
    first = np.ceil((x0 - y1) / _GAP).astype(int)
    counts = np.floor((x1 - y0) / _GAP).astype(int) + 1 - first
    box = np.repeat(np.arange(len(counts)), counts)  # for each line, the number of its box
    within = np.arange(len(box)) - np.repeat(np.cumsum(counts) - counts, counts)
    offset = (first[box] + within) * _GAP
    ends = np.maximum(x0[box], y0[box] + offset), np.minimum(x1[box], y1[box] + offset)
    return np.stack([np.column_stack([x, x - offset]) for x in ends], axis=1)


def lettering(labels):
    """One path of all labels, each (x, y, words) centred there."""
    pieces = []
    for x, y, words in labels:
        left = x - style.word_width(words, _LETTERS) / 2
        move = mpl.Affine2D().translate(left, y - 0.36 * _LETTERS)
        pieces.append(style.word_outline(words, _LETTERS).transformed(move))
    return mpl.Path.make_compound_path(*pieces)


class _Legend:
    """A line of swatches with words: kept, lost, holds, waits; only what the picture holds is shown."""

    def __init__(self, figure, left, y):
        self._left = left
        self.parts = []
        kept, holds = {"facecolor": style.KEPT}, {"facecolor": style.INK}
        lost, waits = style.outlined(style.LOST, "xxxx"), style.outlined(style.WAIT, "////")
        for look in (kept, lost, holds, waits):
            swatch = mpl.Rectangle(
                (0, y - 0.003), 0.024, 0.022, transform=figure.transFigure, **look
            )
            figure.add_artist(swatch)
            self.parts.append((swatch, figure.text(0, y, "", fontsize=9)))

    def show(self, *words):
        x = self._left
        for (swatch, text), said in zip(self.parts, words, strict=True):
            swatch.set_visible(bool(said))
            text.set_text(said or "")
            if said:
                swatch.set_x(x)
                text.set_x(x + 0.031)
                x += 0.046 + len(said) * 0.0068


def plot_timeline(figure, run):
    """The timeline of `run` on an empty figure: the number as it changes over a row for each process."""
    timeline = Timeline(figure)
    timeline.draw(run)
    return timeline
