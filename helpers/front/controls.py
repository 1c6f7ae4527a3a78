"""The widget that keeps the controls of a panel usable, by keyboard and by screen reader."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

_CODE = Path(__file__).with_name("controls.js")


def new_controls():
    """A widget out of sight, for one panel; None where there is no anywidget. Its `theme` is the page's, "light" or "dark"."""
    return _widget_class()() if find_spec("anywidget") else None


@cache
def _widget_class():
    import anywidget  # only with the first panel: a lesson's other cells need not wait for it
    import traitlets

    class Controls(anywidget.AnyWidget):
        """What stands in controls.js, for the panel in which it is shown."""

        _esm = _CODE
        theme = traitlets.Enum(["light", "dark"], "light").tag(sync=True)

    return Controls
