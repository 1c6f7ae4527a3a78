"""Pictures of results, drawn by Matplotlib without pyplot; `image(result)` gives one with its alt text, as HTML.

What draws a kind of result is declared with it by `@picture`, in the topic's own module or here. A topic finds here what it draws
with; `mpl` is Matplotlib, which the first picture loads.
"""

from helpers.pictures import drawing as mpl
from helpers.pictures.charts import LINES, WRONG, dots, note, plot_counts, plot_progress_graph
from helpers.pictures.declared import (
    alt_text,
    below,
    code_html,
    drawable,
    drawn,
    image,
    new_figure,
    picture,
    result_html,
)
from helpers.pictures.run_picture import draw_run
from helpers.pictures.step_table import contents_table, html_table, interleaving_table
