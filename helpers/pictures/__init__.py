"""Pictures of results, drawn by Matplotlib without pyplot; `image(result)` gives one with its alt text, as HTML.

What draws a kind of result is declared with it by `@picture`, in the topic's own module or here.
"""

from helpers.pictures.charts import plot_progress_graph
from helpers.pictures.declared import alt_text, code_html, drawable, drawn, image, result_html
from helpers.pictures.run_picture import draw_run
from helpers.pictures.step_table import interleaving_table
