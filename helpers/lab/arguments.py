"""Arguments on their way to another process: plain values are copied, resources and locks inherited."""

import io
import pickle
import sys
from collections.abc import MutableMapping
from contextlib import suppress

from helpers import events
from helpers.child import UNSENDABLE
from helpers.events.conditions import Condition, OnLock
from helpers.refused import Refused

SharedObjects = MutableMapping[events.SharedObject, int]
# Those that get a number, and those whose parts are looked at one by one.
_NUMBERED_OR_OPENED = (events.SharedObject, tuple, list, dict, set, frozenset)


def pack(args: tuple, shared_objects: SharedObjects) -> bytes:
    """`args` as bytes for `child.unpack`; the resources and locks among them are noted in `shared_objects`.

    `shared_objects` is a dict that gives each one its number. Raises TypeError for what cannot be sent.
    """
    if any(isinstance(arg, Condition) for arg in args):
        raise TypeError(events.NO_CONDITION)
    try:
        return _dumped(args, shared_objects)
    except UNSENDABLE as error:
        raise TypeError(f"an argument cannot be sent to another process: {error}") from error


def pack_or_inherit(args: tuple, shared_objects: SharedObjects) -> bytes:
    """As `pack`, but what cannot be sent is noted in `shared_objects` too, as Inherited: the start decides about it."""
    with suppress(*UNSENDABLE):
        return _dumped(args, shared_objects)
    return _dumped(args, shared_objects, inherits=True)


def unpack_plain(message: bytes) -> tuple:
    """What a child process sent, made of values and of objects whose classes are at hand here.

    A learner's object could do anything while it is read. So no function is called for it, and no
    file is imported: raises UnpicklingError.
    """
    return _PlainUnpickler(io.BytesIO(message)).load()


class _PlainUnpickler(pickle.Unpickler):
    """Finds classes only, in modules that are loaded, of the course, or of Python."""

    def find_class(self, module, name):
        package = module.partition(".")[0]
        if not (module in sys.modules or package in sys.stdlib_module_names | {"helpers"}):
            raise pickle.UnpicklingError(f"{module}.{name} is known to the child only")
        found = super().find_class(module, name)
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"it would call {module}.{name}")
        return found


def _dumped(args, shared_objects, inherits=False):
    file = io.BytesIO()
    _SharedPickler(file, shared_objects, inherits).dump(args)
    return file.getvalue()


class _SharedPickler(pickle.Pickler):
    """Puts a number in the place of each resource and lock, and notes them in `shared_objects`.

    Where it `inherits`, it does so for everything that cannot be pickled, too.
    """

    def __init__(self, file, shared_objects, inherits):
        super().__init__(file)
        self._shared_objects, self._inherits = shared_objects, inherits

    def persistent_id(self, value):
        if self._inherits and not (isinstance(value, _NUMBERED_OR_OPENED) or is_sendable(value)):
            lock = getattr(value, "_lock", None)
            is_observed = isinstance(lock, events.SharedObject)
            value = OnLock(value) if is_observed else events.Inherited(value)
            if is_observed:  # so that it is bound as well
                self.persistent_id(lock)
        if isinstance(value, events.SharedObject):
            return self._shared_objects.setdefault(value, len(self._shared_objects))
        return None


def is_sendable(value: object) -> bool:
    """Whether `value` can be copied to another process at any time."""
    with suppress(*UNSENDABLE, Refused):  # the last: a lock that cannot be made
        return bool(pickle.dumps(value))
    return False
