"""The topics of the course, a room for each: settings, run, result, picture, panel, challenges.

The classes and functions that a topic's module defines under a public name are here, too: plain values in, a frozen result out.
"""

import importlib
import pkgutil
from types import FunctionType

for _found in pkgutil.iter_modules(__path__):
    _module = importlib.import_module(f"{__name__}.{_found.name}")
    for _name, _thing in vars(_module).items():
        is_public = _name[0] != "_" and isinstance(_thing, (type, FunctionType))
        if is_public and _thing.__module__ == _module.__name__:
            globals()[_name] = _thing


def for_lessons():
    """What lessons may call, by name: all but the functions that draw, which `pictures.image` finds."""
    return {
        name: value
        for name, value in globals().items()
        if getattr(value, "__module__", "").startswith(f"{__name__}.")
        and not name.startswith(("plot_", "draw_", "height_", "place_"))
    }
