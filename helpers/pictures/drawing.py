"""Matplotlib and NumPy, loaded when the first picture is drawn: `drawing.Patch` is Matplotlib's class, `drawing.np` is NumPy.

Where they are not installed, as in a browser, what draws can still be imported; `can_draw` says so.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

# Where a name is looked for, in this order: the first one calls NumPy np, the last one has another Path.
_PLACES = (
    ".artist .backends.backend_agg .collections .figure .font_manager .lines .patches .path "
    ".textpath .ticker .transforms matplotlib"
)


def __getattr__(name):
    if name[0] == "_":
        raise AttributeError(name)
    modules = (import_module(place, "matplotlib") for place in _PLACES.split())
    found = next(getattr(module, name) for module in modules if hasattr(module, name))
    return globals().setdefault(name, found)


@cache
def can_draw():
    """Whether pictures can be drawn here."""
    return all(map(find_spec, ("numpy", "matplotlib", "PIL")))
