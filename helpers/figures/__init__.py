"""Pictures of results: one function per figure, `plot_x(ax, data)`, matplotlib without pyplot.

`image(result)` gives the picture that belongs to a result, with its alt text, as HTML.
"""

from helpers.figures.access import access_lines, access_table, plot_access
from helpers.figures.alt import alt_text
from helpers.figures.charts import (
    plot_failure_rate,
    plot_outcomes,
    plot_start_times,
    plot_starts,
    plot_transfers,
    plot_wasted_tries,
)
from helpers.figures.choosing import adding_table, plot_added_up, plot_guide
from helpers.figures.contention import plot_contention, plot_granularity
from helpers.figures.graph import plot_wait_for_graph
from helpers.figures.guards import plot_guards
from helpers.figures.image import KINDS, drawable, image
from helpers.figures.locks import plot_lock_timeline, plot_recursion_depth
from helpers.figures.orders import plot_growth, plot_orders, plot_orders_and_runs
from helpers.figures.prices import plot_lock_prices
from helpers.figures.progress import plot_progress_graph
from helpers.figures.scopes import plot_scopes
from helpers.figures.table import interleaving_table
from helpers.figures.timeline import Timeline, plot_timeline
from helpers.figures.turns import plot_turns
from helpers.figures.ways import ways_table
