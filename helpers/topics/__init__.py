"""The topics of the course, a room for each: settings, run, result, picture, panel, challenges.

The classes and functions that a topic's module defines under a public name are here, too: plain values in, a frozen result out.
"""

import importlib
import pkgutil
import sys
from types import FunctionType


def public_names(*packages):
    """A dict of the public classes and functions that the modules of these packages define themselves, by name.

    Raises ImportError, which names both modules, if two of them define the same name.
    """
    found = {}
    for package in packages:
        for _, path, _ in pkgutil.iter_modules(sys.modules[package].__path__, f"{package}."):
            for name, value in vars(importlib.import_module(path)).items():
                is_its_own = isinstance(value, (type, FunctionType)) and value.__module__ == path
                if name[0] == "_" or not is_its_own:
                    continue
                if name in found:
                    both = f"{found[name].__module__} and {path} both define {name}"
                    say = f"{both}, and lessons would see one of them only"
                    raise ImportError(f"{say}: rename one, or let its name begin with _")
                found[name] = value
    return found


globals().update(public_names(__name__))
