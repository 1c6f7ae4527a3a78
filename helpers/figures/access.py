"""What became of every operation, in the same five bars for every resource; and what stands there in the end."""

import html

from helpers import analysis
from helpers.events import counted, split_stamp
from helpers.experiments import Resource
from helpers.figures import style

_LOOKS = {
    "wanted": (style.INK, ""),
    "kept": (style.KEPT, ""),
    "lost": (style.LOST, "////"),
    "torn": (style.WAIT, "...."),
    "refused": ("#CC79A7", "xxxx"),
}
_MOST_LINES = 12
_MOST_PIECES = 10
# One pale ground for each process; its letter stands there too.
_GROUNDS = ("#CFE3F1", "#FBE0C3", "#CDE9DF", "#F5DDEA", "#FAF6C8", "#DDEFFA", "#F3D5C8", "#E2E2E2")
_CELL = "padding: 0.1em 0.7em 0.1em 0; text-align: left; white-space: nowrap; background: white; color: #222"


def plot_access(ax, access):
    """Five bars: operations wanted, kept, lost, torn and refused."""
    counts = access.counts
    colours, hatches = zip(*(_LOOKS[word] for word in counts), strict=True)
    bars = ax.barh(list(counts), list(counts.values()), color=colours, height=0.72)
    for bar, hatch, count in zip(bars, hatches, counts.values(), strict=True):
        bar.set(hatch=hatch, edgecolor="white", linewidth=0)
        ax.annotate(
            f"{count}", (count, bar.get_y() + 0.36), (4, 0), textcoords="offset points", va="center"
        )
    ax.set(xlim=(0, 1.06 * access.wanted), xticks=[0, access.wanted])
    ax.invert_yaxis()
    ax.set_xlabel("operations", fontsize=9)
    style.bare(ax)
    ax.tick_params(axis="y", length=0, labelsize=10)
    style.title(
        ax, _title(access), style.verdict_colour("correct" if _is_whole(access) else "lost")
    )


def access_lines(access):
    """What stands in the resource in the end as HTML: the first lines, or updates, and whose they are."""
    if isinstance(access.account, analysis.Records):
        rows = [_line_row(*line) for line in access.account.lines]
        place = (
            "on the screen" if access.settings.resource is Resource.SCREEN else "in the log file"
        )
        heading = f"What stands {place} in the end"
    else:
        rows = [_update_row(update, access.account) for update in access.account.updates]
        heading = "What the processes did to the number"
    left = len(rows) - _MOST_LINES
    more = f'<tr><td colspan="2" style="{_CELL}">... and {left} more</td></tr>' if left > 0 else ""
    return (
        f'<div style="overflow-x: auto"><table style="border-collapse: collapse; font-family: monospace">'
        f'<caption style="text-align: left; white-space: nowrap">{html.escape(heading)}</caption>'
        f"{''.join(rows[:_MOST_LINES])}{more}</table></div>"
    )


def access_table(table):
    """One row for each way of access, one column for each count, as HTML."""
    words = list(table.found[0].counts)
    head = "".join(
        f'<th scope="col" style="{_CELL}">{word}</th>' for word in ["way of access", *words]
    )
    rows = "".join(_way_row(access) for access in table.found)
    return (
        f'<table aria-label="{html.escape(str(table))}" style="border-collapse: collapse">'
        f"<tr>{head}</tr>{rows}</table>"
    )


def _title(access):
    settings = access.settings
    say = f"{settings.resource.value}, {settings.way.value}: {access.kept} of {access.wanted} kept"
    return say if not access.untried else f"{say}, {access.untried} not done"


def _is_whole(access):
    return access.kept == access.wanted


def _way_row(access):
    mark = "✓" if _is_whole(access) else "✗"
    colour = style.GOOD if _is_whole(access) else style.LOST
    cells = "".join(f'<td style="{_CELL}">{count}</td>' for count in access.counts.values())
    way = html.escape(access.settings.way.value)
    return f'<tr><th scope="row" style="{_CELL}; color: {colour}">{mark} {way}</th>{cells}</tr>'


def _line_row(pieces, is_whole):
    shown = "".join(_piece(process, text) for process, text in pieces[:_MOST_PIECES])
    left = len(pieces) - _MOST_PIECES
    shown += f" ... and {counted(left, 'piece')} more" if left > 0 else ""
    return _row("whole" if is_whole else "damaged", is_whole, shown)


def _piece(process, text):
    text = html.escape(text.rstrip("\n").replace("\0", "·")).replace(" ", "&nbsp;")
    return f'<span style="background: {_ground(process)}; margin-right: 2px"><b>{process or "?"}</b>&nbsp;{text}</span>'


def _update_row(update, account):
    is_kept = update not in account.lost
    number = split_stamp(update.origin)[1]
    shown = _piece(update.process, f"found {number}, left {update.value}")
    return _row("kept" if is_kept else "lost", is_kept, shown)


def _row(word, is_good, shown):
    mark, colour = ("✓", style.GOOD) if is_good else ("✗", style.LOST)
    return f'<tr><td style="{_CELL}; color: {colour}">{mark} {word}</td><td style="{_CELL}">{shown}</td></tr>'


def _ground(process):
    return _GROUNDS[(ord(process) - ord("A")) % len(_GROUNDS)] if process else "#FFFFFF"
