"""What the lessons claim and only many runs can show: each claim is a generator of (what was counted, found, claimed)."""

import importlib
import inspect
from pathlib import Path

# The cluster comes last: its threads stay, and fork would copy them.
NAMES = sorted(
    (path.stem for path in Path(__file__).parent.glob("[a-z]*.py")),
    key=lambda name: (name == "cluster", name),
)


def claims():
    """All claims, as functions, in the order of their files."""
    modules = [importlib.import_module(f"{__name__}.{name}") for name in NAMES]
    return [
        shared
        for module in modules
        for shared in vars(module).values()
        if inspect.isgeneratorfunction(shared) and shared.__module__ == module.__name__
    ]
