"""What a child process finds in a learner's file: run there, and reported to the parent as plain values."""

import sys

from helpers import child

FUNCTION = "function"
TIMEOUTS = "names of TimeoutErrors"  # no name that a file could give
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_DEEPEST = 4
# What Python reports (sys.addaudithook) where a file, a folder or a socket is used as a lock.
_LOCKING = ("fcntl.flock", "fcntl.lockf", "msvcrt.locking", "os.mkdir", "os.link", "os.symlink", "socket.bind",
            "sqlite3.connect")  # fmt: skip


def look(path, names):
    """Import the file at `path` under its own name and tell what it defines: a dict by name.

    FUNCTION for what can be called, a tuple of one for a value, with None in it for what is missing. In place of each
    part that is no plain value, or lies too deep, stands the name of its class.
    Under TIMEOUTS stand the names of TimeoutError and of all that is derived from it.
    Raises what importing it raises.
    """
    module = child.load_module(path)
    found = {name: _reported(getattr(module, name, None)) for name in names}
    return found | {TIMEOUTS: (_names_below(TimeoutError),)}


def _reported(value):
    return FUNCTION if callable(value) else (_plain(value, lambda part: type(part).__name__),)


def _names_below(kind):
    """The names of a class and of all that is derived from it."""
    return {kind.__name__}.union(*map(_names_below, kind.__subclasses__()))


def call(path, name, *args):
    """What the function `name` of the file at `path` gives back, plain values in built-in types.

    In place of any other object of a class of the file's own stands its text: the parent does not know such classes.
    """
    module = child.load_module(path)

    def known_outside(value):
        return repr(value) if type(value).__module__ == module.__name__ else value

    return _plain(getattr(module, name)(*args), known_outside)


def _plain(value, other, depth=0):
    """A copy of `value` made of built-in types only; `other(part)` stands in place of each part that is no plain value."""
    if depth > _DEEPEST:
        return other(value)
    for kind in _PLAIN:
        if isinstance(value, kind):
            return value if value is None or type(value) is kind else kind(value)
    if isinstance(value, dict):
        return dict(_plain(pair, other, depth) for pair in value.items())
    for kind in (tuple, list, set, frozenset):
        if isinstance(value, kind):
            return kind(_plain(part, other, depth + 1) for part in value)
    return other(value)


def note_locks(path, seats, log, *args):
    """A worker: sells, and gives back the names of all events that could mean a lock of its own."""
    noted, own = [], (seats.path, log.path)

    def note(event, reported):
        is_new = event == "open" and reported[1] == "x"
        if (event in _LOCKING or is_new) and reported[0] not in own:
            noted.append(event)

    sell = child.load_module(path).sell
    sys.addaudithook(note)
    sell(seats, log, *args)
    return noted
