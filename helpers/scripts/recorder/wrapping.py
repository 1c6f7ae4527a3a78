"""What is called in the place of what is recorded, and passes for it: shown, pickled, kept in a class, asked for its type."""

import os
import sys
from functools import cache, partial, wraps
from types import BuiltinFunctionType, ModuleType

from . import journal as log
from .journal import quiet


def record(owner, name, how, always=False, inside=False):
    """From now on, where a line of the script calls `owner.name(*args)`, it is done by `how(place, do, *args)`; `do()` is the real call.

    `place` is the line's number. Calls inside a step that is recorded as a whole are real ones, and so are those that no line
    of the script asked for; with `always` these have a place of 0, and with `inside` the former have it, too.
    """
    real = getattr(owner, name, None)
    if real is not None:  # some systems have it not
        put(owner, name, recording(real, how, always, inside))


def recording(real, how, always=False, inside=False):
    """A call that passes for the real one, and is recorded."""

    def call(*args, **kwargs):
        place = 0 if quiet.depth else log.journal.place()
        if not (place or inside or (always and not quiet.depth)):
            return real(*args, **kwargs)
        return how(place, partial(real, *args, **kwargs), *args, **kwargs)

    return passing(real)(call)


def put(owner, name, call):
    """Put a call of ours in the place of the real one, also where C code has it, and in what `os` says of what it can do."""
    real = getattr(owner, name)
    setattr(owner, name, call)
    if isinstance(owner, ModuleType) and real.__module__ in sys.modules:
        setattr(sys.modules[real.__module__], name, call)
    for able in _ABLE:
        if real in able:
            able.remove(real)
            able.add(call)


_ABLE = os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids


def passing(real, owner="", name=""):
    """Make of a function one that passes for the `real` one; `owner` is the module in which it is, and `name` its name there, if they differ."""
    if not isinstance(real, BuiltinFunctionType | type):
        return wraps(real)
    where = owner or real.__module__, name or real.__name__
    return partial(kind_of(StandIn, type(real)), real, *where)


@cache
def kind_of(ours, kind):
    """A class of ours that goes by the name of the one it stands for."""
    return type(kind.__name__, (ours,), {"__module__": kind.__module__})


class Passing:
    """Passes for a `real` object, whose type it says it has."""

    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)

    def __repr__(self):
        return repr(self._real)

    __class__ = property(lambda self: type(self._real))


class StandIn(Passing):
    """What is called in the place of something that C code gives."""

    def __init__(self, real, owner, name, call):
        super().__init__(real)
        self.__doc__, self.__module__, self._name, self._call = real.__doc__, owner, name, call

    def __call__(self, *args, **kwargs):
        return self._call(*args, **kwargs)

    def __reduce__(self):
        owner = getattr(self._real, "__self__", None)
        is_global = owner is None or isinstance(owner, ModuleType)
        return self._name if is_global else self._real.__reduce__()

    def __deepcopy__(self, memo):
        return self

    def __instancecheck__(self, instance):
        return isinstance(instance, self._real)

    def __or__(self, other):
        return self._real | other

    def __ror__(self, other):
        return other | self._real


def called_like(new, kind):
    """A class that goes by the name of the one it stands for, also where it says that it cannot be pickled."""
    name = new.__name__ = new.__qualname__ = kind.__name__
    new.__module__, new.__doc__ = kind.__module__, kind.__doc__

    def reduce_ex(self, protocol):
        try:
            return kind.__reduce_ex__(self, protocol)
        except TypeError as error:
            said = str(error).replace(f"'{name}' object", f"'{kind.__module__}.{name}' object")
        raise TypeError(said)

    new.__reduce_ex__ = reduce_ex
    return new
