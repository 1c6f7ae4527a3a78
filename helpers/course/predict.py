"""Predict first: an answer given before the run, shown beside the fact."""

import html

import ipywidgets as widgets
from IPython.display import HTML

_OPEN = "Choose before you run on. Run All is not held up."


class Prediction(widgets.VBox):
    """A question with its choices, or with a number to type where there are none."""

    def __init__(self, question, choices=None):
        wide = widgets.Layout(width="auto")
        if choices is None:
            self._answer = widgets.Text(placeholder="a number", continuous_update=False)
        else:
            self._answer = widgets.RadioButtons(
                options=[str(c) for c in choices], value=None, layout=wide
            )
        self._note = widgets.HTML(_OPEN)
        super().__init__(
            [widgets.HTML(f"<b>{html.escape(question)}</b>"), self._answer, self._note]
        )
        self._answer.observe(self._on_answer, "value")

    @property
    def said(self):
        return self._answer.value or "nothing yet"

    def _on_answer(self, _):
        self._note.value = f"You said: {html.escape(self.said)}"

    def reveal(self, fact):
        """The learner's answer beside the fact."""
        said, fact = html.escape(self.said), html.escape(str(fact))
        return HTML(f'<div role="status">You said: <b>{said}</b> · It was: <b>{fact}</b></div>')


def predict(question, choices=None):
    """Ask before a run: give an answer, then call `.reveal(fact)` after it."""
    return Prediction(question, choices)
