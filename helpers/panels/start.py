"""The start panel: children by each start method, how long they take and what they see."""

import ipywidgets as widgets

from helpers import experiments, lab
from helpers.panels import parts
from helpers.panels.runner import Runner


class StartPanel(parts.Panel):
    """Starts real children by a chosen method. `value` is the latest Starts."""

    def __init__(self, count=3, method=None):
        self.value = None
        methods = lab.start_methods()
        self._count = parts.whole_slider("children", count, 1, 8)
        self._method = parts.choice(
            "start method", [(m, m) for m in methods], method or lab.default_start_method()
        )
        self._screen = parts.Screen()
        self._table = widgets.HTML()
        self._runner = Runner(on_error=lambda text: self._screen.say(text, "crashed"))
        buttons = widgets.HBox(
            [
                parts.button("Run", "Start the children once more", self.run),
                parts.button("Stop", "End what is running", self._runner.stop),
            ]
        )
        row = widgets.HBox([self._screen])  # in a column its width would count as its height
        super().__init__([self._count, self._method, buttons, row, self._table])
        self._run(None)
        for control in (self._count, self._method):
            control.observe(lambda _: self.run(), "value")

    def run(self):
        """Start the children in the background; the latest call wins."""
        self._runner.submit(self._run)

    def _run(self, stop):
        starts = experiments.start_children(self._count.value, self._method.value, stop=stop)
        self.value = starts
        self._screen.say(starts.sentence, starts.run.verdict)
        self._screen.draw(starts)
        rows = "".join(
            f"<tr><td>{name}</td><td>{told['pid']}</td><td>{told['parent']}</td><td>{told['note']}</td></tr>"
            for name, told in starts.run.returned.items()
        )
        head = "<th>child</th><th>process id</th><th>parent's id</th><th>the note it sees</th>"
        self._table.value = f"<table><tr>{head}</tr>{rows}</table>"
