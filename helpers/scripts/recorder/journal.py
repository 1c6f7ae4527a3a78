"""What this process of a watched script does, written down as it happens: one record after the other, in a file of its own.

A record is a tuple, written by marshal behind its length, in one call of the system: so whoever reads the file while it
grows finds whole records, also where the process is killed. The first item says what it is:

    ("process", pid, thread)                                         the first one: who this is; its main thread
    ("place", number, file, line)                                    a line of the script
    ("thing", number, kind, identity, name, place)                   a file, table, value, lock or hand-over
    ("begin", thread, start, thing, operation, place, argument, number)   a step that may wait
    ("end", thread, end, outcome)                                    the end of that one
    ("step", thread, start, end, thing, operation, place, cause, argument, outcome, error, number)
    ("turn", thread, time, position, place)                          it waits for its turn in an order
    ("pause", thread, start, end, seconds, place)
    ("error", type, message, place)                                  one that nobody caught
    ("death", letter, code)                                          a child of its that a signal has killed
    ("exit", code)                                                   it is about to end
    ("ran", pid, place)                                              a program that a line has started through subprocess
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
from collections import Counter
from contextlib import contextmanager, suppress
from errno import EBADF
from marshal import dumps, loads

HERE = os.path.dirname(os.path.abspath(__file__))
_IN_LIBRARY = os.path.dirname(os.__file__) + os.sep
# What Python does for itself while a line of the script waits for it.
_OWN = {*"linecache traceback tokenize inspect subprocess pkgutil locale gettext sysconfig".split()}
_SHARING = "heap util forkserver resource_tracker reduction spawn popen_fork popen_spawn_posix"
_SHARING += " popen_forkserver popen_spawn_win32"
_OWN |= {os.path.join("multiprocessing", name) for name in _SHARING.split()}
_PACKAGES = f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"
# Pythons that are multiprocessing's own: its fork server, and what tracks its resources.
_SERVERS = "multiprocessing.forkserver import", "multiprocessing.resource_tracker import"
_HIGH = 4096  # below it lies the number of the file, or below the highest that there is: the script's own files keep theirs
_LETTERS = [*map(chr, range(ord("A"), ord("Z") + 1))]
_POLL = 0.001  # seconds between two looks at whose turn it is
now, real_sleep = time.perf_counter_ns, time.sleep
_open, _write, _close, _fstat, open_file = os.open, os.write, os.close, os.fstat, open
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

    def __init__(self, folder, letter=None):
        self.folder, self.letter = folder, letter
        self.is_server = any(server in word for word in sys.orig_argv for server in _SERVERS)
        self.fd, self._is_full = None, False
        self.things, self._places, self.lines, self._files = {}, {}, {}, {}
        self._numbers, self._known = itertools.count(1), []  # the records of its things and places
        self._clear()

    def _clear(self):
        self.pid, self.turns, self._noted = os.getpid(), Turns(self), set()
        self.file_locks = {}  # see `lock_calls.let_go`
        if self.letter:
            self.fileno()

    def begin(self, letter):
        """In the child of a fork, and where multiprocessing has told this process its letter: a journal of its own. It begins
        with the things and lines that its parent knew, for what the child of a fork inherits has their numbers."""
        if self.fd is not None:
            _close(self.fd)
        self.fd, self.letter, self.is_server = None, letter, False
        self._clear()

    def write(self, *record):
        """Write one record."""
        data = _framed(record)
        while not self._is_full:
            try:
                self._is_full = _write(self.fileno(), data) < len(data)
                return
            except OSError as error:
                self._is_full = error.errno != EBADF or self.fd is None
                self.fd = None  # the script has closed all files

    def _new(self, kind, *what):
        """The number of a new place or thing. Its record comes first: another thread may use it at once."""
        record = kind, next(self._numbers), *what
        self._known.append(record)
        # Else it is written with the first one, once this process knows its letter.
        if self.fd is not None:
            self.write(*record)
        return record[1]

    def fileno(self):
        """The number of its file, which it has from the first record on, and with it its letter."""
        if self.fd is None:
            self.letter = self.letter or self.claim()
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY
            self.fd = _above(_open(self.path_of(self.letter), flags))
            if not _fstat(self.fd).st_size:
                # What its parent knew is known here: a file that was opened before the fork keeps its number.
                first = [("process", self.pid, get_ident()), *self._known]
                _write(self.fd, b"".join(map(_framed, first)))
        return self.fd

    def claim(self):
        """The next free letter: A, B and so on, then AA. A server of multiprocessing gets a number: it is no lane."""
        if self.is_server:
            return f"{self.pid}"
        longer = (itertools.product(_LETTERS, repeat=size) for size in itertools.count(1))
        for name in map("".join, itertools.chain.from_iterable(longer)):
            # The script itself has P from its start on.
            with suppress(FileExistsError):
                _close(_open(self.path_of(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
                return name

    def path_of(self, letter):
        """The file of a process's records."""
        return os.path.join(self.folder, f"{letter}.log")

    def place(self, frame=None):
        """The number of the line of the script that the caller, or a frame, works for; 0 where none does, such as after its end."""
        frame = frame or _getframe(1)
        while frame is not None:
            file = frame.f_code.co_filename
            known = self._files.get(file, "")
            if known == "":
                known = self._files[file] = is_of_script(file)
            if known is None:  # Python imports a module
                return 0
            if known:
                return self.place_of(file, frame.f_lineno)
            frame = frame.f_back
        return 0

    def place_of(self, file, line):
        """The number of a line of the script."""
        if number := self._places.get((file, line)):
            return number
        try:
            full = os.path.abspath(file)
        except (AttributeError, TypeError):  # Python ends, and takes `os` apart
            full = file
        number = self._new("place", full, line)
        self.lines[number] = full, line
        return self._places.setdefault((file, line), number)

    def note(self, what, place):
        """Write down, once for each line, that something is not recorded."""
        if (what, place) not in self._noted:
            self._noted.add((what, place))
            self.write("note", what, place)

    def leaves(self, kind, name):
        """Note a "folder" or a "semaphore", before it is there, that who is killed leaves behind."""
        with open_file(os.path.join(self.folder, "temporary"), "a") as file:
            file.write(f"{kind} {name}\n")
        return name

    def thing(self, kind, identity, name="", place=0):
        """The number of what processes share; `place` is where it was made, as far as this process knows."""
        known, key = self.things, (kind, identity)
        return known.get(key) or known.setdefault(key, self._new("thing", *key, name, place))


def identity(file):
    """What the system calls an opened file, given as such or by its number: "" for anything else."""
    try:
        found = _fstat(file if isinstance(file, int) else file.fileno())
    except (OSError, TypeError, ValueError, AttributeError):
        return ""
    return f"{found.st_dev}:{found.st_ino}"


def _framed(record):
    """A record as it lies in the file: behind its length."""
    data = dumps(record)
    return len(data).to_bytes(4, "little") + data


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
    own = file.removeprefix(_IN_LIBRARY).removesuffix(".py")
    if file.startswith("<frozen importlib") or own in _OWN:
        return None
    if file.startswith("<") or any(part in file for part in _PACKAGES):
        return False
    return not file.startswith((HERE, _IN_LIBRARY))


def caller(*passed):
    """The frame that called this recorder, or one of the files `passed`, which did for it; None where none did."""
    frame = _getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((HERE, *passed)):
        frame = frame.f_back
    return frame


class Turns:
    """Whose turn it is in the order that `watch(order=...)` was given: what this process has in it.

    The order lies in the folder as a list of (letter, file, line, kind, which); the file `turn` says which of them comes
    next, in its second word whether all run free, and then, for each letter, whether that process has come to a step of its.
    """

    def __init__(self, journal):
        self._journal = journal
        self._counts, self._group = Counter(), None  # of steps, by their lines and kinds
        self.at = None  # the position in the order of the step that was begun last, if it is named
        self._mine, self._words, self._named = None, None, []
        self._is_kept = False

    def _load(self):
        if self._mine is not None:
            return
        self._mine = []
        order, turn = (os.path.join(self._journal.folder, name) for name in ("order", "turn"))
        try:
            with open_file(order, "rb") as file:
                steps = loads(file.read())
        except FileNotFoundError:
            return
        self._journal.fileno()
        letter = self._journal.letter
        self._mine = [(at, *step[1:]) for at, step in enumerate(steps) if step[0] == letter]
        self._named = [*dict.fromkeys(step[0] for step in steps)]
        with open_file(turn, "r+b") as file:
            self._words = memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")

    def before_task(self):
        """A pool's worker asks for a task. Those go first that the order names, that are there, and that have not come to their
        first step: else this one might take the task that one of them waits for."""
        self._load()
        if self._journal.letter in self._named and self._is_to_begin(self._journal.letter):
            return
        while self._named and not self._words[1] and any(map(self._is_to_begin, self._named)):
            real_sleep(_POLL)

    def _is_to_begin(self, letter):
        has_begun = letter == "P" or self._words[2 + self._named.index(letter)]
        return not has_begun and os.path.exists(self._journal.path_of(letter))

    def _let_others_begin(self):
        if self._journal.letter in self._named:
            self._words[2 + self._named.index(self._journal.letter)] = 1

    def end(self):
        """This process is about to end: nobody need wait for it."""
        self.done()
        self._load()
        self._let_others_begin()

    def take(self, place, kind, group=None):
        """Wait for the turn of this step, if the order names it; the how manieth of its kind it is for its line.

        Steps of one `group` in a row are one step.
        """
        mine = get_ident(), place, kind, group
        if group is None or mine != self._group:
            self._group = mine
            for counted in {"", kind}:
                self._counts[place, counted] += 1
            self._load()
            self.done()
            if self._mine and not self._is_kept and self._fits(self._mine[0][1:], place, kind):
                self._let_others_begin()
                at = self._mine.pop(0)[0]
                self._wait(at, place)
                self.at = at
        return self._counts[place, kind]

    def _fits(self, named, place, kind):
        in_file, at_line, of_kind, which = named
        file, line = self._journal.lines.get(place, ("", 0))
        is_there = line == at_line and (os.sep + file).endswith(os.sep + in_file)
        return is_there and of_kind in ("", kind) and which in (0, self._counts[place, of_kind])

    def _wait(self, at, place):
        if self._words[0] < at and not self._words[1]:
            self._journal.write("turn", get_ident(), now(), at, place)
            while self._words[0] < at and not self._words[1]:
                real_sleep(_POLL)

    def done(self, is_closed=False, has_to_wait=False):
        """The step that was named is over, or has to wait: the next one's turn. With its file closed, the next access is a new step."""
        self._group = None if is_closed else self._group
        if self.at is not None and (has_to_wait or not self._is_kept):
            self._words[0], self.at = self.at + 1, None

    @contextmanager
    def kept(self):
        """All that is done inside belongs to the step whose turn was taken: so do the acquire and the release of a lock around it."""
        self._is_kept = True
        try:
            yield
        finally:
            self._is_kept = False
            self.done()


quiet = Quiet()
opened = {}  # by the number under which it is open: the thing, how it is written, and the process that opened it
journal = None  # the Journal of this process, from the start of the recorder on


def step(thing, op, do, place, cause=0, arg="", group=None, nth=0, seen=""):
    """Do `do()`, a step that does not wait, and write it down; what it gives.

    With `nth` its turn was taken before. `seen` is the text of what it writes; None: of what it gives.
    """
    nth = nth or take_turn(op, cause or place, group)
    outcome, start = "raised", now()
    try:
        result = do()
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
    return journal.turns.take(place, order_letter(op), group)


def order_letter(op):
    """What an order calls an access: "w" where it writes, "r" where it reads or looks, "" for any other step."""
    return "w" if op in WRITES else "r" if op in ("read", "look") else ""


def waiting(thing, op, do, place, arg="", gives=None, tries=None):
    """Do `do()`, a step that may wait, and write down that it begins, then how it ended; what it gives.

    `gives` says of the result whether it was got; without it, whatever comes was. `tries` gets it if that needs no waiting: a
    step that is named in an order counts as done as soon as it has to wait.
    """
    nth = journal.turns.take(place, "")
    journal.write("begin", get_ident(), now(), thing, op, place, arg, nth)
    outcome = "raised"
    try:
        is_got = tries is not None and journal.turns.at is not None and not arg and tries()
        if not is_got:
            journal.turns.done(has_to_wait=True)
        result = is_got or do()
        outcome = "done" if gives is None or gives(result) else "refused"
        return result
    finally:
        journal.write("end", get_ident(), now(), outcome)
        journal.turns.done()


def handed(thing, op, place, at=None):
    """Note a hand-over that is about to be sent, or was just received; or that a lock is about to be given back."""
    at = at or now()
    journal.write("step", get_ident(), at, at, thing, op, place, 0, "", "done", "", 0)


def hand_over(thing, op, do, place, gives=None):
    """A hand-over around `do()`, which may wait: sent before it, received after it, both where processes meet."""
    if op in ("send", "meet"):
        handed(thing, "send", place)
    return do() if op == "send" else waiting(thing, "receive", do, place, gives=gives)


def releasing(thing, do, place):
    """Note that a lock is given back, and give it back: whoever is seen to hold one does hold it."""
    journal.turns.take(place, "")
    handed(thing, "release", place)
    try:
        return do()
    finally:
        journal.turns.done()
