"""The picture of a result: declared beside the function that draws it, found here by panel, display and export."""

import base64
import html
import io
import re
from collections.abc import Callable
from typing import NamedTuple

from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.step_table import facts_table


class Declared(NamedTuple):
    """How results of a kind are drawn: `draw(result, **more)` gives a Figure, `alt(result)` the words for it."""

    draw: Callable
    alt: Callable
    shows: Callable


PICTURES = {}  # by the kind of result: Declared
TABLES = {}  # by the kind of result: what gives the HTML that stands under its picture, or in its place


def picture(kind, alt=None, height=None, places=None, width=None, shows=lambda result: True):
    """Declare the function below as the one that draws results of `kind`.

    With `places` it is `plot(*axes, result, **more)`: there are axes at that place (left, bottom, width and height
    as shares of the figure), or at each of a list of places. Without, it is `draw(result)` and gives a Figure.
    `width` and `height` are inches. `height` may be a function of the result. `alt(result)` is the
    text for whoever does not see the picture; of an `alt` that is a text, that and the result. `shows(result)` is
    whether there is anything to see. Raises TypeError for a picture without `alt`, so that no module can declare one.
    """
    if alt is None:
        raise TypeError(
            f"the picture of {kind.__name__} has no alt text: give alt=, its words for a result"
        )
    words = (lambda result: f"{alt}. {result}.") if isinstance(alt, str) else alt

    def declare(plot):
        def on_axes(result, **more):
            high = height(result) if callable(height) else height
            figure = new_figure(width or style.WIDTH, high or style.HEIGHT)
            each = places if isinstance(places, list) else [places]
            plot(*map(figure.add_axes, each), result, **more)
            return figure

        PICTURES[kind] = Declared(on_axes if places else plot, words, shows)
        return plot

    return declare


def below(kind):
    """Declare the function below as the one that gives the HTML under the picture of a result of `kind`."""

    def declare(table):
        TABLES[kind] = table
        return table

    return declare


@style.house()
def new_figure(width=style.WIDTH, height=style.HEIGHT):
    """An empty figure of the house's size, drawn by Agg and known to no pyplot."""
    figure = mpl.Figure(figsize=(width, height), dpi=style.DPI)
    mpl.FigureCanvasAgg(figure)
    return figure


@style.house()
def image_tag(figure, alt):
    """The figure as it is now, as an `<img>` with its data inside."""
    from PIL import Image  # it comes with Matplotlib

    figure.canvas.draw()
    pixels = Image.fromarray(mpl.np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    width = round(figure.get_figwidth() * 100)
    return png_tag(_png(pixels, compress_level=1), alt, width)


def png_tag(data, alt, width=960):
    """A PNG in base64 as an `<img>` so many pixels wide, or as wide as there is room."""
    return (
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
        f'style="width: {width}px; max-width: 100%; background: white">'
    )


def _png(pixels, **how):
    """The file of a picture of Pillow's, in base64."""
    file = io.BytesIO()
    pixels.save(file, "PNG", **how)
    return base64.b64encode(file.getvalue()).decode()


def with_small_images(page):
    """HTML in which each picture has half as many pixels a line, and 32 colours: a tenth of the data."""
    return re.sub('(?<=src="data:image/png;base64,)[^"]*', lambda found: _small(found[0]), page)


def _small(data):
    if not mpl.can_draw():
        return data
    from PIL import Image

    smaller = Image.open(io.BytesIO(base64.b64decode(data))).reduce(2)
    return _png(smaller.quantize(32), optimize=True)


def alt_text(result):
    """The result in a sentence or two, for whoever does not see the picture."""
    declared = PICTURES.get(type(result))
    return declared.alt(result) if declared else str(result)


def drawable(result):
    """Whether there is anything to see in the picture of a result."""
    declared = PICTURES.get(type(result))
    return bool(declared) and declared.shows(result)


@style.house()
def drawn(result, **more):
    """The picture of a result as a Figure. Raises TypeError for a kind without one."""
    if type(result) not in PICTURES:
        raise TypeError(f"there is no picture for a {type(result).__name__}")
    return PICTURES[type(result)].draw(result, **more)


def image(result, **more):
    """The picture of a result as an `<img>` tag, to stand under a text that says the result; a table where nothing can be drawn.

    `more` are keywords for what draws it.
    """
    if not mpl.can_draw():
        return facts_table(result, alt_text(result))
    return image_tag(drawn(result, **more), alt_text(result))


def picture_html(result):
    """The picture of a result, if there is anything to see in it, its table and its code: what stands under its sentence."""
    shown = image(result) if drawable(result) else ""
    table = TABLES[type(result)](result) if type(result) in TABLES else ""
    return shown + table + code_html(getattr(result, "code", ""))


def code_html(code):
    """A small line with the code of a schedule, to be copied; "" without one."""
    return code and f"<div><small>code of this order: <code>{code}</code></small></div>"


def result_html(result):
    """A result as its sentence, its picture and its table, ordinary output that also stands in an export."""
    is_said = type(result) in PICTURES
    above = f"<div><b>{html.escape(str(result))}</b></div>" if is_said else ""
    return above + picture_html(result)
