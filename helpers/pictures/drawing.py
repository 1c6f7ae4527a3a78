"""What draws, Matplotlib and NumPy: imported from here, it is loaded when the first picture is drawn.

Where it is not installed, as in a browser, all that imports it still loads, and `can_draw` says so.
"""

from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec

_NAMES = {
    "numpy": ("np",),
    "matplotlib": ("matplotlib",),
    "matplotlib.artist": ("setp",),
    "matplotlib.backends.backend_agg": ("FigureCanvasAgg",),
    "matplotlib.collections": ("PolyCollection",),
    "matplotlib.figure": ("Figure",),
    "matplotlib.font_manager": ("FontProperties",),
    "matplotlib.lines": ("Line2D",),
    "matplotlib.patches": [
        "Circle",
        "FancyArrowPatch",
        "FancyBboxPatch",
        "Patch",
        "PathPatch",
        "Rectangle",
    ],
    "matplotlib.path": ("Path",),
    "matplotlib.textpath": ("TextPath",),
    "matplotlib.ticker": ("EngFormatter", "MaxNLocator"),
    "matplotlib.transforms": ("Affine2D", "IdentityTransform"),
}


class _Later:
    """A module, or a class or function in it, that is loaded when it is first called or asked for something."""

    def __init__(self, module, name):
        self._module, self._name = module, name

    @cached_property
    def _found(self):
        module = import_module(self._module)
        return getattr(module, self._name, module)

    def __getattr__(self, attribute):
        return getattr(self._found, attribute)

    def __call__(self, *args, **more):
        return self._found(*args, **more)


globals().update({n: _Later(module, n) for module, names in _NAMES.items() for n in names})


@cache
def can_draw():
    """Whether pictures can be drawn here."""
    return all(map(find_spec, ("numpy", "matplotlib", "PIL")))
