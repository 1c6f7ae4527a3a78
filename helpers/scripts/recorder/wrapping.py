"""What is called in the place of what is recorded, and passes for it: shown, pickled, kept in a class, asked for its type."""

import os
import sys
from functools import cache, partial, wraps
from types import BuiltinFunctionType, ModuleType

from . import journal as log
from .journal import quiet

patches = {}  # by the name of a module: all that is done to it as soon as it has been imported


def imported(modules):
    """Makes of a function what is done to each of some modules, which it gets, as soon as that has been imported."""

    def declare(patch):
        for module in modules.split():
            patches.setdefault(module, []).append(patch)
        return patch

    return declare


def records(modules, names, *given, **calls):
    """Makes of a function the `how` of `record` for names of some modules; what is `given` comes before its other arguments."""

    def declare(how):
        imported(modules)(partial(record, names=names, how=partial(how, *given), **calls))
        return how

    return declare


def record(owner, names, how, **calls):
    """From now on, where a line of the script calls one of the `names` of an owner, it is done by `how(place, do, *args)`.

    `do()` is the real call, and `place` the line's number. Calls inside a step that is recorded as a whole are real ones, and so
    are those that no line of the script asked for; with `always` these have a place of 0, and with `inside` the former have it, too.
    In a name such as "Pool.join" the first part is what the owner has, and the second one what that has.
    """
    for name in names.split():
        inner, _, name = name.rpartition(".")
        at = getattr(owner, inner, None) if inner else owner
        if (real := getattr(at, name, None)) is not None:  # some systems have it not
            put(at, name, recording(vars(at).get(name, real), how, **calls))


def recording(real, how, always=False, inside=False):
    """A call, or a property or method of a class, that passes for the real one, and is recorded."""
    if isinstance(real, property):
        return property(recording(real.fget, how, always, inside))
    if isinstance(real, classmethod | staticmethod):
        return type(real)(recording(real.__func__, how, always, inside))

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
    """A class that goes by the name of the one it stands for, also in what it says of itself, and of being pickled."""
    name = new.__name__ = new.__qualname__ = kind.__name__
    new.__module__, new.__doc__ = kind.__module__, kind.__doc__
    shown = f"<{name}", f"<{kind.__module__}.{name}", 1
    new.__repr__ = lambda self: kind.__repr__(self).replace(*shown)

    def reduce_ex(self, protocol):
        try:
            return kind.__reduce_ex__(self, protocol)
        except TypeError as error:
            said = str(error).replace(f"'{name}' object", f"'{kind.__module__}.{name}' object")
        raise TypeError(said)

    new.__reduce_ex__ = reduce_ex
    return new
