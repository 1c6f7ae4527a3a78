"""The picture of a run: the timeline of its counter, that of its locks, or who waits for whom."""

import textwrap
from collections import Counter

from helpers import analysis, lab
from helpers.events import counted
from helpers.pictures import style
from helpers.pictures.declared import new_figure, picture
from helpers.pictures.graph import plot_wait_for_graph
from helpers.pictures.lock_timeline import plot_lock_timeline, plot_recursion_depth
from helpers.pictures.timeline import plot_timeline, visible_waits

_DEPTH = 2.1  # inches for the depth in a lock that was taken several times
# Verdicts whose picture is the graph of who waits for whom.
STUCK = ("deadlock", "orphaned_lock")


def shows_counter(run):
    """Whether the picture of a run is the timeline of its counter: not where it is about locks."""
    accounts = list(run.accounts.values())
    if not accounts or isinstance(accounts[0], analysis.Records) or run.verdict in STUCK:
        return False
    if not has_locks(run) or run.verdict in ("lost_updates", "corrupted"):
        return True
    is_waiting = any(wait.end is None for wait in analysis.waits(run.events))
    return len(run.accounts) == 1 and not (run.verdict == "timed_out" and is_waiting)


def has_locks(run):
    """Whether its picture can be that of locks: it took some, or got stuck in transactions."""
    return bool(run.stuck) or any(event.op == "acquire" for event in run.events)


def _told(run):
    if not shows_counter(run):
        return _alt_text_of_locks(run) if has_locks(run) else run.sentence
    account = run.account
    return (
        f"Timeline of {counted(account.total, 'update')} by {counted(account.writers, 'process')}. Expected "
        f"{account.expected}, the file says {account.observed}: {account.kept_count} kept, "
        f"{account.lost_count} lost. Verdict: {run.verdict.replace('_', ' ')}."
    )


def _alt_text_of_locks(run):
    held = Counter(hold.process for hold in analysis.holds(run.events))
    waited = Counter(wait.process for wait in visible_waits(run.events))
    told = "; ".join(
        f"{name} held {counted(held[name], 'time')}, waited {counted(waited[name], 'time')}"
        for name in run.processes
    )
    kind = "Graph of who waits for which lock, and timeline" if run.verdict in STUCK else "Timeline"
    return (
        f"{kind} of holds and waits. {run.sentence}. {told}. "
        f"Verdict: {run.verdict.replace('_', ' ')}."
    )


@picture(lab.Run, alt=_told, shows=lambda run: shows_counter(run) or has_locks(run))
def draw_run(run):
    """The timeline of its counter, or that of its locks, and with it who waits for whom where it got stuck."""
    if shows_counter(run):
        figure = new_figure()
        plot_timeline(figure, run)
        return figure
    title = textwrap.wrap(run.sentence, 120, max_lines=3, placeholder=" ...")
    above = 0.35 + 0.15 * len(title)  # in inches, as are all heights here
    rows = 1 + 0.18 * len(run.processes)
    depth = _DEPTH if any(deep > 1 for *_, deep in analysis.depths(run.events)) else 0
    if run.verdict in STUCK:
        figure = new_figure(style.WIDTH, max(4.2, rows + 0.5) + above + depth)
        plot_wait_for_graph(inch_axes(figure, 0.01, 0.42, 0.45, above), run)
        left, width, top = 0.475, 0.385, above + 0.4
    else:
        figure = new_figure(style.WIDTH, max(3.6 - depth / 2, rows) + above + depth)
        left, width, top = 0.045, 0.8 if _is_left_open(run) else 0.935, above + 0.25
    plot_lock_timeline(inch_axes(figure, left, width, 0.62 + depth, top), run)
    if depth:
        high = figure.get_figheight()
        plot_recursion_depth(inch_axes(figure, left, width, 0.55, high - depth), run)
    look = {"color": style.verdict_colour(run.verdict), "fontweight": "bold", "va": "top"}
    size = 9 if len(run.sentence) > 80 else 12
    high = 1 - 0.12 / figure.get_figheight()
    figure.text(0.02, high, "\n".join(title), fontsize=size, **look)
    return figure


def inch_axes(figure, left, width, below, above):
    """New axes with so many inches left free below and above them; left and width are shares."""
    high = figure.get_figheight()
    return figure.add_axes((left, below / high, width, 1 - (below + above) / high))


def _is_left_open(run):
    """Whether words stand beside the rows of its lock timeline."""
    spans = [*analysis.holds(run.events), *analysis.waits(run.events)]
    return bool(run.crashes) or any(span.end is None for span in spans)
