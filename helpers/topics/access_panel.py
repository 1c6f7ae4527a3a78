"""What became of a shared resource: bars and its contents, all ways of access as a table, the panel and the challenges."""

import html

from helpers import analysis
from helpers.events import counted, split_stamp
from helpers.panels.challenge import declare, ends_as
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import style
from helpers.pictures.charts import plot_counts
from helpers.pictures.declared import below, image, picture
from helpers.pictures.step_table import html_table
from helpers.resources import LogFile, Table
from helpers.topics import access as topic
from helpers.topics.access import Access, AccessTable, Resource
from helpers.workers import output, table

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


def _alt(access):
    return f"Bar chart of {counted(access.wanted, 'operation')}. {access}."


@picture(Access, _alt, 2.5, (0.085, 0.19, 0.9, 0.67))
def plot_access(ax, access):
    """Five bars: operations wanted, kept, lost, torn and refused."""
    colour = style.verdict_colour("correct" if _is_whole(access) else "lost")
    plot_counts(ax, access.counts, _LOOKS, access.wanted, "operations")
    style.title(ax, _title(access), colour)


@below(Access)
def access_lines(access):
    """What stands in the resource in the end as HTML: the first lines, or updates, and whose they are."""
    if isinstance(access.account, analysis.Records):
        rows = [_line_row(*line) for line in access.account.lines]
        is_screen = access.settings.resource is Resource.SCREEN
        place = "on the screen" if is_screen else "in the log file"
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


@below(AccessTable)
def access_table(table):
    """One row for each way of access, one column for each count, as HTML."""
    rows = []
    for access in table.found:
        way = style.marked(access.settings.way.value, _is_whole(access))
        rows.append([way, *map(str, access.counts.values())])
    return html_table(["way of access", *table.found[0].counts], rows, label=str(table))


def _title(access):
    settings = access.settings
    say = f"{settings.resource.value}, {settings.way.value}: {access.kept} of {access.wanted} kept"
    return say if not access.untried else f"{say}, {access.untried} not done"


def _is_whole(access):
    return access.kept == access.wanted


def _line_row(pieces, is_whole):
    shown = "".join(_piece(process, text) for process, text in pieces[:_MOST_PIECES])
    left = len(pieces) - _MOST_PIECES
    shown += f" ... and {counted(left, 'piece')} more" if left > 0 else ""
    return _row("whole" if is_whole else "damaged", is_whole, shown)


def _piece(process, text):
    text = html.escape(text.rstrip("\n").replace("\0", "·")).replace(" ", "&nbsp;")
    ground = _GROUNDS[(ord(process) - ord("A")) % len(_GROUNDS)] if process else "#FFFFFF"
    return f'<span style="background: {ground}; margin-right: 2px"><b>{process or "?"}</b>&nbsp;{text}</span>'


def _update_row(update, account):
    is_kept = update not in account.lost
    number = split_stamp(update.origin)[1]
    shown = _piece(update.process, f"found {number}, left {update.value}")
    return _row("kept" if is_kept else "lost", is_kept, shown)


def _row(word, is_good, shown):
    words, colour = style.marked(word, is_good)
    return f'<tr><td style="{_CELL}; color: {colour}">{words}</td><td style="{_CELL}">{shown}</td></tr>'


class AccessPanel(ExperimentPanel):
    """Choices and sliders that run the access experiment anew on every move. `value` is the latest result.

    Keywords set where the controls stand at first, by their names in AccessSettings.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(topic.run_access)
    repeat_call = staticmethod(topic.repeat_access)
    in_sight = ("resource", "way", "processes", "operations", "pause_ms")
    history_words = "operations kept; dashed: wanted"

    def _make_controls(self, first):
        controls = super()._make_controls(first)
        controls["way"].options = _ways(first.resource)
        controls["way"].value = first.way
        return controls

    @property
    def settings(self):
        reported = super().settings
        ways = reported["resource"].ways  # the dropdown may lag behind for a moment
        return {**reported, "way": reported["way"] if reported["way"] in ways else ways[0]}

    def run(self):
        """Run once in the background, with a way that the resource has; the latest call wins."""
        way, ways = self._controls["way"], _ways(self._controls["resource"].value)
        if way.options == tuple(ways):
            super().run()
        else:
            way.options = ways  # the way changes, and that runs it

    def _run(self, stop, **more):
        try:
            super()._run(stop, **more)
        except ValueError as error:  # a database that cannot be used
            self._screen.clear()
            self._screen.say(str(error), "crashed")

    def _outcome(self, access, settings):
        verdict = "correct" if _is_whole(access) else "lost_updates"
        return access.kept, access.wanted, verdict

    def _draw(self, access):
        self._screen.show(image(access) + access_lines(access))


def _ways(resource):
    return [(way.value, way) for way in resource.ways]


def _two(worker, kind):
    return lambda: [(worker, (kind(), 1, 0))] * 2


def _says(number):
    return lambda walk: walk.is_over and walk.values["database"] == number


def _all_torn(walk):
    return walk.is_over and walk.values["log"].startswith("0 kept")


declare(
    {
        "SELECT, then UPDATE": (_two(table.select_then_update, Table), _says(1)),
        "two transactions in each other's way": (
            _two(table.count_in_deferred_transactions, Table),
            ends_as("deadlock"),
        ),
        "two writes for one record": (_two(output.log_in_two_writes, LogFile), _all_torn),
    }
)
