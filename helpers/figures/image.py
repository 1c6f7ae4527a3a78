"""A result as an HTML image with its alt text."""

import base64
import html
import io
import textwrap
import zlib

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from helpers import analysis, experiments, lab, schedules
from helpers.figures import access, charts, choosing, contention, orders, style, turns
from helpers.figures.alt import alt_text
from helpers.figures.graph import plot_wait_for_graph
from helpers.figures.guards import height_of_guards, plot_guards, title_of_guards
from helpers.figures.locks import plot_lock_timeline, plot_recursion_depth
from helpers.figures.prices import plot_lock_prices
from helpers.figures.progress import plot_progress_graph
from helpers.figures.runs import STUCK, has_locks, shows_counter
from helpers.figures.scopes import plot_scopes
from helpers.figures.timeline import plot_timeline

# For each result with a chart: width and height in inches, where its axes stand (several in a list), what
# draws it; a function tells what depends on the result.
_CHARTS = {
    experiments.Trials: (style.WIDTH, 3.2, (0.075, 0.17, 0.9, 0.69), charts.plot_outcomes),
    experiments.Sweep: (style.WIDTH, style.HEIGHT, (0.075, 0.13, 0.9, 0.74), charts.plot_failure_rate),
    experiments.StartTimes: (style.WIDTH, 2.6, (0.2, 0.21, 0.77, 0.6), charts.plot_start_times),
    experiments.Starts: (style.WIDTH, 2.6, (0.065, 0.21, 0.9, 0.6), charts.plot_starts),
    experiments.Growth: (style.WIDTH, style.HEIGHT, (0.075, 0.13, 0.9, 0.74), orders.plot_growth),
    experiments.OrdersAndRuns: (
        style.WIDTH, 3.6, (0.075, 0.15, 0.9, 0.71), orders.plot_orders_and_runs,
    ),
    experiments.TransferTrials: (style.WIDTH, 3.4, (0.065, 0.16, 0.91, 0.71), charts.plot_transfers),
    experiments.SharingTrials: (style.WIDTH, 3.2, (0.075, 0.17, 0.9, 0.69), charts.plot_outcomes),
    experiments.WastedTries: (style.WIDTH, 3.6, (0.075, 0.15, 0.9, 0.72), charts.plot_wasted_tries),
    experiments.ScopeSweep: (
        style.WIDTH, 4.6, [(0.075, 0.56, 0.9, 0.33), (0.075, 0.13, 0.9, 0.37)], plot_scopes,
    ),
    experiments.LoadSweep: (
        style.WIDTH, 5.4, [(0.075, 0.45, 0.9, 0.47), (0.075, 0.09, 0.9, 0.29)], contention.plot_contention,
    ),
    experiments.Granularity: (style.WIDTH, 3.4, (0.075, 0.1, 0.9, 0.77), contention.plot_granularity),
    schedules.Exploration: (
        style.WIDTH, orders.height_of_orders, (0.2, 0.17, 0.76, 0.69), orders.plot_orders,
    ),
    experiments.Fairness: (
        style.WIDTH, turns.height_of_turns, turns.place_of_turns, turns.plot_turns,
    ),
    experiments.LockPrices: (style.WIDTH, 3.0, (0.185, 0.17, 0.795, 0.69), plot_lock_prices),
    experiments.Access: (style.WIDTH, 2.5, (0.085, 0.19, 0.9, 0.67), access.plot_access),
    experiments.AddedUp: (style.WIDTH, 1.9, (0.105, 0.25, 0.87, 0.56), choosing.plot_added_up),
    experiments.AddingTable: (style.WIDTH, 5.6, (0.01, 0.01, 0.98, 0.93), choosing.plot_guide),
    schedules.ProgressGraph: (7.4, 4.2, (0.13, 0.24, 0.44, 0.74), plot_progress_graph),
}  # fmt: skip

KINDS = (
    lab.Run,
    experiments.Recovery,
    experiments.Diagnosis,
    *_CHARTS,
)  # all results with a picture

_DEPTH = 2.1  # inches for the depth in a lock that was taken several times


@style.house()
def new_figure(width=style.WIDTH, height=style.HEIGHT):
    """An empty figure of the house's size, drawn by Agg and known to no pyplot."""
    figure = Figure(figsize=(width, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    return figure


@style.house()
def image_tag(figure, alt):
    """The figure as it is now, as an `<img>` with its data inside."""
    figure.canvas.draw()
    file = io.BytesIO()
    pixels = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    # Faster than savefig, and the same pixels.
    pixels.save(file, "png", compress_level=1, compress_type=zlib.Z_FIXED)
    data = base64.b64encode(file.getvalue()).decode()
    width = round(figure.get_figwidth() * 100)
    return (
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
        f'style="width: {width}px; max-width: 100%; background: white">'
    )


@style.house()
def image(result, **more):
    """The picture that belongs to a result of the lab or an experiment, as an `<img>` tag.

    `more` are keywords for what draws its chart.
    """
    return image_tag(_drawn(result, **more), alt_text(result))


def drawable(result):
    """Whether there is anything to see in the picture of a result."""
    if isinstance(result, experiments.Recovery):
        return drawable(result.run)
    if isinstance(result, experiments.Diagnosis):
        return result.guards is not None
    if isinstance(result, experiments.SharingTrials):
        return bool(result.observed)
    if isinstance(result, lab.Run):
        return shows_counter(result) or has_locks(result)
    if isinstance(result, experiments.Fairness):
        return has_locks(result.run)
    return type(result) in _CHARTS and bool(getattr(result, "outcomes", True))


def _drawn(result, **more):
    if isinstance(result, experiments.Recovery):
        return _drawn(result.run, **more)
    if isinstance(result, experiments.Diagnosis):
        return _drawn_guards(result)
    if isinstance(result, lab.Run):
        return _drawn_run(result)
    if type(result) not in _CHARTS:
        raise TypeError(f"there is no picture for a {type(result).__name__}")
    width, height, place, plot = _CHARTS[type(result)]
    figure = new_figure(width, height(result) if callable(height) else height)
    place = place(result) if callable(place) else place
    places = place if isinstance(place, list) else [place]
    plot(*(figure.add_axes(place) for place in places), result, **more)
    return figure


def _drawn_run(run):
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
        plot_wait_for_graph(_axes(figure, 0.01, 0.42, 0.45, above), run)
        left, width, top = 0.475, 0.385, above + 0.4
    else:
        figure = new_figure(style.WIDTH, max(3.6 - depth / 2, rows) + above + depth)
        left, width, top = 0.045, 0.8 if _is_left_open(run) else 0.935, above + 0.25
    plot_lock_timeline(_axes(figure, left, width, 0.62 + depth, top), run)
    if depth:
        high = figure.get_figheight()
        plot_recursion_depth(_axes(figure, left, width, 0.55, high - depth), run)
    figure.text(
        0.02,
        1 - 0.12 / figure.get_figheight(),
        "\n".join(title),
        color=style.verdict_colour(run.verdict),
        fontsize=9 if len(run.sentence) > 80 else 12,
        fontweight="bold",
        va="top",
    )
    return figure


def _drawn_guards(diagnosis):
    below, above = 0.85, 0.45 + 0.2 * title_of_guards(diagnosis).count("\n")
    figure = new_figure(style.WIDTH, height_of_guards(diagnosis) + below + above)
    plot_guards(_axes(figure, 0.055, 0.845, below, above), diagnosis)
    return figure


def _axes(figure, left, width, below, above):
    """New axes with so many inches left free below and above them; left and width are shares."""
    high = figure.get_figheight()
    return figure.add_axes((left, below / high, width, 1 - (below + above) / high))


def _is_left_open(run):
    """Whether words stand beside the rows of its lock timeline."""
    spans = [*analysis.holds(run.events), *analysis.waits(run.events)]
    return bool(run.crashes) or any(span.end is None for span in spans)
