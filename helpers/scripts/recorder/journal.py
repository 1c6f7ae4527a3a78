"""What this process of a watched script does, written down as it happens: one record after the other, in a file of its own.

A record is a tuple, written by marshal behind its length, in one call of the system: so whoever reads the file while it
grows finds whole records, also where the process is killed. The first item says what it is:

    ("process", pid, parent's letter, place, thread)                 the first one: who this is, started where; its main thread
    ("place", number, file, line, function)                          a line of the script
    ("thing", number, kind, identity, name, place)                   a file, table, value, lock or hand-over
    ("begin", thread, start, thing, operation, place, argument, number)   a step that may wait
    ("end", thread, end, outcome)                                    the end of that one
    ("step", thread, start, end, thing, operation, place, cause, argument, outcome, error, number)
    ("turn", thread, time, position, place)                          it waits for its turn in an order
    ("pause", thread, start, end, seconds, place)
    ("error", type, message, place)                                  one that nobody caught
    ("death", letter, code)                                          a child of its that a signal has killed
    ("temporary", folder)                                            one that multiprocessing has made for itself
    ("exit", code)                                                   it is about to end
    ("program", pid)                                                 that it has started
    ("note", what, place)                                            something that is not recorded
    ("single", identity)                                             a queue of tasks that has one worker only

Times are nanoseconds of the machine's performance counter. `place` is the line that did it, `cause` the one that asked for
it, where that was earlier: what a line writes may go to the file when another one closes it. Its number counts the steps
of one kind that one line caused.
"""

import itertools
import mmap
import os
import sys
import time
from _thread import _local, get_ident
from errno import EBADF
from marshal import dumps, loads

_HERE = os.path.dirname(os.path.abspath(__file__))
_IN_LIBRARY = os.path.dirname(os.__file__) + os.sep
# What Python does for itself while a line of the script waits for it.
_OWN = {
    "linecache",
    "traceback",
    "tokenize",
    "inspect",
    "subprocess",
    "pkgutil",
    "locale",
    "gettext",
    "sysconfig",
}
_OWN |= {
    f"multiprocessing{os.sep}{name}"
    for name in ("heap", "util", "forkserver", "resource_tracker", "reduction", "spawn")
}
_OWN |= {
    f"multiprocessing{os.sep}popen_{name}"
    for name in ("fork", "spawn_posix", "forkserver", "spawn_win32")
}
_PACKAGES = f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"
_HIGH = 4096  # below it lies the number of the file, or below the highest that there is: the script's own files keep theirs
_POLL = 0.001  # seconds between two looks at whose turn it is
now, real_sleep = time.perf_counter_ns, time.sleep
_open, _read, _write, _close, _fstat = os.open, os.read, os.write, os.close, os.fstat
_getframe = sys._getframe
_BINARY = getattr(os, "O_BINARY", 0)
WRITES = "write", "append", "empty", "add", "create", "replace", "remove"
UNFINISHED = "..."  # in the place of what was written: an append that does not end its line


class Quiet(_local):
    """How many of the calls that this thread is in are recorded as a whole: what they do inside is theirs."""

    depth = 0

    def __enter__(self):
        self.depth += 1

    def __exit__(self, *exc_info):
        self.depth -= 1


def quietly(do, *args, **kwargs):
    """What `do` gives; what it does inside is not recorded."""
    with quiet:
        return do(*args, **kwargs)


class Journal:
    """The records of one process. `letter` is its name, None until its parent has said it or its first record is written."""

    def __init__(self, folder, letter=None, parent=""):
        self.folder, self.letter, self.parent = folder, letter, parent
        self.started = 0  # the place that started it
        self.is_server = _is_server(sys.orig_argv)
        self.fd, self._is_full = None, False
        self.things, self._places, self.lines, self._files, self._noted = {}, {}, {}, {}, set()
        self._numbers, self._known = itertools.count(1), []  # the records of its things and places
        self._clear()

    def _clear(self):
        self.pid = os.getpid()
        self.turns = Turns(self)

    def forked(self, letter, parent, place):
        """In the child of a fork: a journal of its own. It begins with the things and lines that its parent knew, for what the
        child inherits has their numbers."""
        if self.fd is not None:
            _close(self.fd)
        self.fd, self.letter, self.parent, self.started = None, letter, parent, place
        self.is_server = False
        self._noted = set()
        self._clear()
        self.begin()

    def begin(self):
        """Write down that this process is there, if its letter is known."""
        if self.letter:
            self._number()

    def write(self, *record):
        """Write one record."""
        data = _framed(record)
        while not self._is_full:
            try:
                self._is_full = _write(self._number(), data) < len(data)
                return
            except OSError as error:
                self._is_full = error.errno != EBADF or self.fd is None
                self.fd = None  # the script has closed all files

    def _new(self, kind, *what):
        """The number of a new place or thing. Its record comes first: another thread may use it at once."""
        record = kind, next(self._numbers), *what
        self._known.append(record)
        if (
            self.fd is not None
        ):  # else it is written with all others: this process may not have been told its letter yet
            self.write(*record)
        return record[1]

    def _number(self):
        if self.fd is None:
            self.letter = self.letter or self.claim()
            path = os.path.join(self.folder, f"{self.letter}.log")
            self.fd = _above(_open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY))
            if not _fstat(self.fd).st_size:
                first = "process", self.pid, self.parent, self.started, get_ident()
                # What its parent knew is known here: a file that was opened before the fork keeps its number.
                _write(self.fd, b"".join(map(_framed, [first, *self._known])))
        return self.fd

    def claim(self):
        """The next free letter: A, B and so on, then AA. A server of multiprocessing gets a number: it is no lane."""
        if self.is_server:
            return f"{self.pid}"
        number = 0
        while True:
            number += 1
            name, rest = "", number
            while rest:
                rest, last = divmod(rest - 1, 26)
                name = chr(65 + last) + name
            if name != "P" and _made(os.path.join(self.folder, f"{name}.log")):
                return name

    def place(self, frame=None):
        """The number of the line of the script that the caller, or a frame, works for; 0 where none does, such as after its end."""
        frame = frame or _getframe(1)
        while frame is not None:
            code = frame.f_code
            known = self._files.get(code.co_filename, "")
            if known == "":
                known = self._files[code.co_filename] = is_of_script(code.co_filename)
            if known is None:  # Python imports a module
                return 0
            if known:
                return self.place_of(code, frame.f_lineno)
            frame = frame.f_back
        return 0

    def place_of(self, code, line):
        """The number of a line of the script."""
        key = code.co_filename, line
        return self._places.get(key) or self._new_place(key, code.co_name)

    def _new_place(self, key, function):
        try:
            line = os.path.abspath(key[0]), key[1]
        except (AttributeError, TypeError):  # Python ends, and takes `os` apart
            line = key
        number = self._new("place", *line, function)
        self.lines[number] = line
        return self._places.setdefault(key, number)

    def note(self, what, place):
        """Write down, once for each line, that something is not recorded."""
        if (what, place) not in self._noted:
            self._noted.add((what, place))
            self.write("note", what, place)

    def thing(self, kind, identity, name="", place=0):
        """The number of what processes share; `place` is where it was made, as far as this process knows."""
        key = kind, identity
        number = self.things.get(key)
        if number is None:
            number = self.things.setdefault(key, self._new("thing", kind, identity, name, place))
        return number


def _framed(record):
    """A record as it lies in the file: behind its length."""
    data = dumps(record)
    return len(data).to_bytes(4, "little") + data


def _is_server(command):
    """Whether this Python is multiprocessing's own: its fork server, or what tracks its resources."""
    return any(
        "multiprocessing.forkserver import" in word or "resource_tracker import" in word
        for word in command
    )


def _made(path):
    try:
        _close(_open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _above(fd):
    """The same file under a high number that no child inherits, where the system has such ones."""
    try:
        import fcntl

        high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, min(os.sysconf("SC_OPEN_MAX"), _HIGH) - 1)
    except (ImportError, OSError):
        return fd
    _close(fd)
    return high


def is_of_script(file):
    """Whether a source file belongs to the script: neither to Python, nor to an installed package, nor to this recorder.

    None for what works for Python itself, such as its imports: what is done there is not the script's.
    """
    if (
        file.startswith("<frozen importlib")
        or file.removeprefix(_IN_LIBRARY).removesuffix(".py") in _OWN
    ):
        return None
    if file.startswith("<") or any(part in file for part in _PACKAGES):
        return False
    return not file.startswith((_HERE, _IN_LIBRARY))


class Turns:
    """Whose turn it is in the order that `watch(order=...)` was given: what this process has in it.

    The order lies in the folder as a list of (letter, file, line, kind, which); the file `turn` says which of them comes
    next, and in its second word whether all run free.
    """

    def __init__(self, journal):
        self._journal = journal
        self._counts, self._group, self._open = {}, None, None
        self._mine = self._words = None

    def _load(self):
        self._mine = []
        path = os.path.join(self._journal.folder, "order")
        try:
            fd = _open(path, os.O_RDONLY | _BINARY)
        except FileNotFoundError:
            return
        steps = loads(_read(fd, _fstat(fd).st_size))
        _close(fd)
        letter = self._journal.letter
        self._mine = [(at, *step[1:]) for at, step in enumerate(steps) if step[0] == letter]
        fd = _open(os.path.join(self._journal.folder, "turn"), os.O_RDWR | _BINARY)
        self._words = memoryview(mmap.mmap(fd, 16)).cast("Q")
        _close(fd)

    def take(self, place, kind, group=None):
        """Wait for the turn of this step, if the order names it; the how manieth of its kind it is for its line.

        Steps of one `group` in a row are one step.
        """
        mine = get_ident(), place, kind, group
        if group is None or mine != self._group:
            self._group = mine
            self._counts[place] = self._counts.get(place, 0) + 1
            if kind:
                self._counts[place, kind] = self._counts.get((place, kind), 0) + 1
            if self._mine is None:
                self._load()
            if self._open is not None or self._mine:
                self._take_turn(place, kind)
        return self._counts[(place, kind) if kind else place]

    def _take_turn(self, place, kind):
        self.done()
        if self._mine and self._fits(self._mine[0][1:], place, kind):
            at = self._mine.pop(0)[0]
            self._wait(at, place)
            self._open = at

    def _fits(self, named, place, kind):
        in_file, at_line, of_kind, which = named
        file, line = self._journal.lines.get(place, ("", 0))
        is_there = line == at_line and (os.sep + file).endswith(os.sep + in_file)
        return (
            is_there
            and of_kind in ("", kind)
            and which in (0, self._counts.get((place, of_kind) if of_kind else place))
        )

    def _wait(self, at, place):
        if self._words[0] < at and not self._words[1]:
            self._journal.write("turn", get_ident(), now(), at, place)
            while self._words[0] < at and not self._words[1]:
                real_sleep(_POLL)

    @property
    def is_named(self):
        """Whether the step that was begun last is named in the order."""
        return self._open is not None

    def done(self, is_closed=False):
        """The step that was named is over: the next one's turn. With its file closed, the next access is a new step."""
        self._group = None if is_closed else self._group
        if self._open is not None:
            self._words[0], self._open = self._open + 1, None


class StandIn:
    """What is called in the place of something that C code gives, and passes for it: shown, pickled, kept in a class, asked for its type."""

    def __init__(self, real, owner="", name=""):
        self._real, self.__module__, self._name = (
            real,
            owner or real.__module__,
            name or real.__name__,
        )

    def __getattr__(self, name):
        return getattr(self._real, name)

    def __repr__(self):
        return repr(self._real)

    def __reduce__(self):
        return self._name

    def __deepcopy__(self, memo):
        return self

    def __instancecheck__(self, instance):
        return isinstance(instance, self._real)

    def __or__(self, other):
        return self._real | other

    def __ror__(self, other):
        return other | self._real

    __class__ = property(lambda self: type(self._real))


def stand_in(real, *where):
    """Make of a function one that passes for the `real` one; `where` has the module in which it is, and its name there, if they differ."""

    def named(call):
        kind = type(real)
        body = {
            "__call__": staticmethod(call),
            "__doc__": real.__doc__,
            "__module__": kind.__module__,
        }
        return type(kind.__name__, (StandIn,), body)(real, *where)

    return named


def called_like(new, kind):
    """A class that goes by the name of the one it stands for, also where it says that it cannot be pickled."""
    name = kind.__name__
    new.__name__, new.__qualname__, new.__module__, new.__doc__ = (
        name,
        name,
        kind.__module__,
        kind.__doc__,
    )

    def reduce_ex(self, protocol):
        try:
            return kind.__reduce_ex__(self, protocol)
        except TypeError as error:
            said = str(error).replace(f"'{name}' object", f"'{kind.__module__}.{name}' object")
        raise TypeError(said)

    new.__reduce_ex__ = reduce_ex
    return new


quiet = Quiet()
journal = None  # the Journal of this process, from the start of the recorder on


def step(thing, op, do, *args, arg="", place=0, cause=0, group=None, nth=0, seen=""):
    """Do `do(*args)`, a step that does not wait, and write it down; what it gives.

    With `nth` its turn was taken before. `seen` is the text of what it writes; None: of what it gives.
    """
    nth = nth or take_turn(op, cause or place, group)
    outcome, start = "raised", now()
    try:
        result = do(*args)
        outcome = "done"
        seen = _short(result) if seen is None else seen
        return result
    except BaseException as error:
        seen = type(error).__name__
        raise
    finally:
        record = start, now(), thing, op, place, cause, arg, outcome, seen, nth
        journal.write("step", get_ident(), *record)
        if group is None:
            journal.turns.done()


def _short(value):
    """A plain value as text."""
    return repr(value)[:40] if isinstance(value, (int, float, str, bytes, bool)) else ""


def take_turn(op, place, group=None):
    """Wait for the turn of an access; the how manieth of its kind it is for its line."""
    return journal.turns.take(place, "w" if op in WRITES else "r" if op == "read" else "", group)


def waiting(thing, op, do, *args, arg="", place=0, gives=None, tries=None):
    """Do `do(*args)`, a step that may wait, and write down that it begins, then how it ended; what it gives.

    `gives` says of the result whether it was got; without it, whatever comes was. `tries` gets it if that needs no waiting: a
    step that is named in an order counts as done as soon as it has to wait.
    """
    nth = journal.turns.take(place, "")
    journal.write("begin", get_ident(), now(), thing, op, place, arg, nth)
    outcome = "raised"
    try:
        is_got = tries is not None and journal.turns.is_named and not arg and tries()
        if not is_got:
            journal.turns.done()
        result = is_got or do(*args)
        outcome = "done" if gives is None or gives(result) else "refused"
        return result
    finally:
        journal.write("end", get_ident(), now(), outcome)
        journal.turns.done()


def handed(thing, op, place):
    """Note a hand-over that is about to be sent, or was just received."""
    at = now()
    journal.write("step", get_ident(), at, at, thing, op, place, 0, "", "done", "", 0)
