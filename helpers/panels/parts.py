"""The parts that all panels share: labelled controls, status, picture, history."""

import html

import ipywidgets as widgets

from helpers import lab
from helpers.lab import check
from helpers.pictures import alt_text, drawable, image, style
from helpers.pictures.declared import image_tag, new_figure
from helpers.pictures.runs import shows_counter
from helpers.pictures.timeline import Timeline

_LABEL = {"description_width": "14em"}
_WIDE = widgets.Layout(width="31em")


def whole_slider(words, value, low, high):
    """A slider for whole numbers that says its meaning and bounds; its number can be typed over.

    Raises ValueError where `value` is out of its bounds.
    """
    said = f"{words} ({low} to {high})"
    return _control(
        widgets.IntSlider, said, check.whole(words, value, low, high), min=low, max=high
    )


def ms_slider(words, value, low, high):
    """A slider for milliseconds, in steps of 0.1. Raises ValueError where `value` is out of its bounds."""
    said, number = f"{words} ({low} to {high} ms)", check.span(words, value, low, high, "ms")
    how = {"min": low, "max": high, "step": 0.1, "readout_format": ".1f"}
    return _control(widgets.FloatSlider, said, number, **how)


def _control(kind, words, value, **how):
    """A control that counts when it is let go; of a text, when it is left or Enter is pressed."""
    look = {"description": words, "style": _LABEL, "layout": _WIDE, "continuous_update": False}
    return kind(value=value, **look, **how)


def choice(words, options, value):
    """A dropdown; `options` are (words, value) pairs."""
    return widgets.Dropdown(
        options=options, value=value, description=words, style=_LABEL, layout=_WIDE
    )


def control(rule, value, bounds):
    """The control of a setting, by its Rule; a slider goes from the first to the last of `bounds`."""
    if rule.options:
        return choice(rule.words, rule.options, value)
    if bounds:
        return (ms_slider if rule.is_ms else whole_slider)(rule.words, value, *bounds)
    return _control(widgets.Text, rule.words, value)


def method_choice(method):
    """A dropdown of the start methods of this system; None stands for the lab's own."""
    methods = [(name, name) for name in lab.start_methods()]
    return choice("start method", methods, method or lab.default_start_method())


def button(words, hint, on_click):
    """A button that calls `on_click` without arguments."""
    made = widgets.Button(description=words, tooltip=hint, layout=widgets.Layout(width="auto"))
    made.on_click(lambda _: on_click())
    return made


def folded(title, *children):
    """Controls behind a heading that opens by click or key."""
    box = widgets.Accordion([widgets.VBox(children)], selected_index=None)
    box.set_title(0, title)
    return box


class Panel(widgets.VBox):
    """A panel: where widgets do not show, as in a saved notebook, its latest sentence and picture stand."""

    def _repr_mimebundle_(self, **kwargs):
        screens = list(_screens(self))
        shown = "".join(screen.html for screen in screens)
        return {
            **super()._repr_mimebundle_(**kwargs),
            "text/plain": "; ".join(screen.sentence for screen in screens if screen.sentence),
            "text/html": f"{shown}<div>For the controls, run the setup cell and then this cell.</div>",
        }


def _screens(widget):
    """The screens in a widget, from the top."""
    if isinstance(widget, Screen):
        yield widget
    else:
        for child in getattr(widget, "children", ()):
            yield from _screens(child)


class Screen(widgets.VBox):
    """One result: a line of text with role "status", and the picture under it."""

    def __init__(self):
        self._status = widgets.HTML()
        self._picture = widgets.HTML()
        self._timeline = None
        self.sentence = ""
        super().__init__([self._status, self._picture], layout=widgets.Layout(flex="1 1 20em"))

    def say(self, sentence, verdict="correct"):
        """Show a sentence, coloured by the verdict that it also names in words."""
        self.sentence = sentence
        colour = style.verdict_colour(verdict)
        self._status.value = (
            f'<div role="status" style="color: {colour}; font-weight: bold; line-height: 1.4">'
            f"{html.escape(sentence)}</div>"
        )

    @property
    def html(self):
        """All that it shows."""
        return self._status.value + self._picture.value

    def draw(self, result):
        """The picture of a result, if there is anything to see; those of counters on one figure used again and again."""
        if not (isinstance(result, lab.Run) and shows_counter(result)):
            self._picture.value = image(result) if drawable(result) else ""
            return
        if self._timeline is None:
            self._figure = new_figure()
            self._timeline = Timeline(self._figure)
        self._timeline.draw(result)
        self._picture.value = image_tag(self._figure, alt_text(result))

    def show(self, shown):
        """Some HTML in the picture's place."""
        self._picture.value = shown

    def clear(self):
        """Nothing."""
        self.sentence = self._status.value = self._picture.value = ""

    def copy_to(self, other):
        """Show on `other` what stands here."""
        other.sentence = self.sentence
        other._status.value, other._picture.value = self._status.value, self._picture.value


class History(widgets.HTML):
    """The outcomes so far, one small bar for each run: how much of the expected number was reached.

    `bar` says in words what a bar and the dashed line stand for.
    """

    _MOST = 60

    def __init__(self, bar="the number reached; dashed: expected"):
        super().__init__()
        self._bar = bar
        self._runs = []

    def add(self, *runs):
        """Note more runs, each as (observed, expected, verdict)."""
        self._runs.extend(runs)
        self.value = self._drawn()

    def _drawn(self):
        wrong = sum(verdict != "correct" for *_, verdict in self._runs)
        say = f"{wrong} of {len(self._runs)} runs went wrong so far"
        bars = "".join(_bar(i, *run) for i, run in enumerate(self._runs[-self._MOST :]))
        return (
            f'<div style="line-height: 1.3">History: {say} (bar: {self._bar})</div><svg role="img" aria-label="{say}" '
            f'width="{12 * self._MOST}" height="36" style="background: white">{_HATCH}{bars}'
            f'<path d="M0 4.5H{12 * self._MOST}" stroke="{style.GOOD}" stroke-dasharray="4 3"/></svg>'
        )


_HATCH = (
    '<defs><pattern id="lost" width="4" height="4" patternUnits="userSpaceOnUse">'
    f'<path d="M0 4L4 0" stroke="{style.LOST}"/></pattern></defs>'
)


def _bar(place, observed, expected, verdict):
    height = max(1.0, min(30 * observed / max(expected, 1), 34))
    fill = style.KEPT if verdict == "correct" else "url(#lost)"
    edge = style.KEPT if verdict == "correct" else style.LOST
    return (
        f'<rect x="{12 * place + 1}" y="{34.5 - height:.1f}" width="9" height="{height:.1f}" '
        f'fill="{fill}" stroke="{edge}"><title>{observed} of {expected}: {verdict}</title></rect>'
    )
