"""A watched script's result with a button that makes the order happen that it warns of."""

import ipywidgets as widgets
from IPython.display import display

from helpers.panels.panel import WRAPPED, Panel, Runner, Screen, button
from helpers.pictures.declared import result_html
from helpers.scripts import Watched, watch


class WatchedPanel(Panel):
    """What `watch` has found in a script; under it, when the button was pressed, the run in the order that does the harm."""

    def __init__(self, watched: Watched):
        self.watched, self.value = watched, None
        found, self._forced = Screen("none"), Screen("none")  # one under the other
        found.say(str(watched), watched.verdict)
        found.draw(watched)
        hint = "Run the script again and let its processes take these steps in this order"
        force = button(f"Make it happen: {watched.order}", hint, self.force)
        stop = button("Stop", "End what is running", self.stop)
        self.runner = Runner(self._forced)
        super().__init__([found, widgets.HBox([force, stop], layout=WRAPPED), self._forced])

    def force(self):
        """Run the script again, in that order, in the background."""
        self.runner.submit(self._force)

    def _force(self, stop):
        seen = self.watched
        self._forced.say("The script is running ...", "stopped")
        how = {"order": seen.order, "start_method": seen.start_method, "stop": stop}
        self.value = watch(seen.script, *seen.args, **how)
        self._forced.say(str(self.value), self.value.verdict)
        self._forced.draw(self.value)


def show_watched(watched):
    """Show a Watched in a cell: as a panel where an order is known that does harm, else its sentence, picture and tables."""
    if watched.order and not watched.kept:
        WatchedPanel(watched)._ipython_display_()
    else:
        shown = {"text/plain": repr(watched), "text/html": result_html(watched)}
        display(shown, raw=True)
