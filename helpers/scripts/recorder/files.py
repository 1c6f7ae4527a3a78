"""Files: `open` and the calls of `os` become the system's own reads and writes, each with the line of the script behind it.

A buffered file is Python's own, over a raw one that records. What a line writes lies in the buffer at first, and goes to the
file when that is full, flushed or closed: such a step has two places, the line that wrote and the line at which it was done.
"""

import _io
import builtins
import io
import os
import sys
from functools import partial
from stat import S_ISLNK, S_ISREG

from . import journal as log
from .journal import quiet, stand_in, step, take_turn

_FileIO = _io.FileIO
_real_open, _real_stat, _fstat = _io.open, os.stat, os.fstat
_lstat, _getcwd = os.lstat, os.getcwd
_of_fd = {}  # the thing behind each open number of the system, where the script opened it there
_paths = {}  # the real path of each one that was used, by the folder in which that was
_NO_LINES = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used"
_USUAL_SIZE, _GROWS = io.DEFAULT_BUFFER_SIZE, sys.version_info >= (3, 14)
_MODES = {"r", "w", "x", "a", "r+", "w+", "x+", "a+"}


def of_path(path, place):
    """The thing that a path names, None where the system will say that it is no path."""
    try:
        path = os.fsdecode(path) if not isinstance(path, str) else path
        where = None if path[:1] == "/" else _getcwd(), path
        full = _paths.get(where) or _paths.setdefault(where, _full(path))
        if _is_link(full):
            full = os.path.realpath(full)
    except (TypeError, ValueError, OSError, AttributeError):
        return None  # where the last one comes, Python ends, and has taken `os` apart
    return log.journal.thing("file", full, path, place)


def _full(path):
    """A path from the root, without links in its folders."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def _is_link(path):
    try:
        return S_ISLNK(_lstat(path).st_mode)
    except OSError:
        return False


class RawFile(_FileIO):
    """A raw file that records its reads and writes; `cause` is the line that asked for what is written next."""

    thing = cause = 0
    is_appending = False

    def readinto(self, buffer):
        return self._did("read", _FileIO.readinto, self, buffer)

    def readall(self):
        return self._did("read", _FileIO.readall, self)

    def read(self, size=-1):
        return self._did("read", _FileIO.read, self, size)

    def write(self, data):
        return self._did("append" if self.is_appending else "write", _FileIO.write, self, data)

    def truncate(self, size=None):
        size = self.tell() if size is None else size
        return self._did("empty" if size == 0 else "write", _FileIO.truncate, self, size)

    def close(self):
        if not self.closed and self.thing:
            log.journal.turns.done(is_closed=True)
        _FileIO.close(self)

    def _did(self, op, do, *args):
        if quiet.depth or not self.thing:
            return do(*args)
        place = log.journal.place()
        cause, self.cause = (self.cause, 0) if op in ("write", "append") else (0, self.cause)
        # An append that does not end its line is a part of a record.
        seen = log.UNFINISHED if op == "append" and not bytes(args[-1]).endswith(b"\n") else ""
        with quiet:  # readall reads in pieces
            return step(
                self.thing,
                op,
                do,
                *args,
                place=place,
                cause=cause or place,
                group=self.thing,
                seen=seen,
            )


def _noting(kind):
    """A class of buffered or text files that tells its raw file which line writes."""

    real = kind.write

    class Noting(kind):
        def write(self, text):
            raw = getattr(self, "buffer", self)
            raw = getattr(raw, "raw", raw)
            if (
                isinstance(raw, RawFile) and not raw.cause
            ):  # else it is the text above that sends what it has
                raw.cause = log.journal.place()
            return real(self, text)

    return _called_like(Noting, kind)


def _called_like(new, kind):
    """A class that goes by the name of the one it stands for, also in what its files say of themselves."""
    log.called_like(new, kind)
    new.__repr__ = lambda self: kind.__repr__(self).replace(
        f"<{kind.__name__}", f"<_io.{kind.__name__}", 1
    )
    return new


_called_like(RawFile, _io.FileIO)
Text = _called_like(_noting(_io.TextIOWrapper), _io.TextIOWrapper)
_BUFFERED = {
    "r": _io.BufferedReader,
    "w": _noting(_io.BufferedWriter),
    "+": _noting(_io.BufferedRandom),
}


@stand_in(_real_open)
def open_file(
    file=_MODES,
    mode="r",
    buffering=-1,
    encoding=None,
    errors=None,
    newline=None,
    closefd=True,
    opener=None,
    **more,
):
    if file is _MODES or more:
        return _real_open(*([] if file is _MODES else [file]), **more)  # which says what is wrong
    place = 0 if quiet.depth else log.journal.place()
    rest = buffering, encoding, errors, newline, closefd, opener
    is_usual = isinstance(mode, str) and isinstance(buffering, int) and not isinstance(file, bool)
    plain = mode.replace("t", "", 1).replace("b", "", 1) if is_usual else ""
    is_binary = is_usual and "b" in mode
    if (
        not place
        or plain not in _MODES
        or (is_binary and {encoding, errors, newline} != {None})
        or (buffering == 0 and not is_binary)
    ):
        return _real_open(file, mode, *rest)
    raw = _raw(file, plain, closefd, opener, place)
    if raw is None:
        return _real_open(file, mode, *rest)
    try:
        return _over(raw, mode, plain, is_binary, *rest[:4])
    except BaseException:
        raw.close()
        raise


def _raw(file, mode, closefd, opener, place):
    """The raw file, None where it is nothing that processes share: a device, a pipe, or one that the script did not open."""
    if isinstance(file, int):
        thing = _of_fd.get(file)
        return thing and _known(RawFile(file, mode, closefd, opener), thing, mode)
    thing, is_new = of_path(file, place), False
    if thing is None:
        return None
    try:
        if not S_ISREG(_real_stat(file).st_mode):
            return None
    except OSError:
        is_new = True
    except ValueError:
        return None
    make = partial(RawFile, file, mode, closefd, opener)
    if mode[0] == "w" or (mode[0] in "xa" and is_new):
        op = "create" if mode[0] == "x" else "empty"
        group = None if mode[0] == "x" else thing
        return _known(step(thing, op, make, place=place, cause=place, group=group), thing, mode)
    if mode == "r":  # what it reads is there from here on, whatever takes its place later
        take_turn("read", place, thing)
    return _known(make(), thing, mode)


def _known(raw, thing, mode):
    raw.thing, raw.is_appending = thing, mode[0] == "a"
    return raw


def _over(raw, mode, plain, is_binary, buffering, encoding, errors, newline):
    """The file as `open` gives it, over the raw one."""
    is_line = buffering == 1 or (buffering < 0 and raw.isatty())
    if buffering == 0:
        return raw
    size = buffering if buffering > 1 else _usual_size(raw)
    buffer = _BUFFERED["+" if "+" in plain else "r" if plain == "r" else "w"](raw, size)
    if is_binary:
        if buffering == 1:
            import warnings

            warnings.warn(_NO_LINES, RuntimeWarning, 2)
        return buffer
    text = Text(buffer, encoding, errors, newline, is_line)
    text.mode = mode
    return text


def _usual_size(raw):
    if _GROWS:
        return max(min(raw._blksize, 8192 * 1024), _USUAL_SIZE)
    return raw._blksize if raw._blksize > 1 else _USUAL_SIZE


# ---- the calls of os


def _recorded(name, op):
    """`os.<name>` for a number of an open file."""
    real = getattr(os, name)

    @stand_in(real)
    def call(*args, **kwargs):
        fd = args[0] if args and isinstance(args[0], int) else -1
        thing = _of_fd.get(fd) if not quiet.depth else None
        place = thing and log.journal.place()
        if not place:
            return real(*args, **kwargs)
        does = "append" if op == "write" and fd in _appending else op
        do = partial(real, *args, **kwargs)
        return step(thing, does, do, place=place, cause=place)

    return call


def _on_paths(name, op, *which):
    """`os.<name>`, which does one whole thing to the paths in the places `which` of its arguments."""
    real = getattr(os, name)

    @stand_in(real)
    def call(*args, **kwargs):
        place = 0 if quiet.depth else log.journal.place()
        if not place or kwargs.get("dir_fd") is not None or isinstance(args[0] if args else 0, int):
            return real(*args, **kwargs)
        things = [of_path(args[at], place) if at < len(args) else None for at in which]
        if None in things:
            return real(*args, **kwargs)
        first, *others = things
        do = partial(real, *args, **kwargs)
        for other in others:
            do = partial(step, other, "remove", do, place=place, cause=place, group=(name, place))
        return step(first, op, do, place=place, cause=place, group=(name, place))

    return call


_real_os_open, _real_close = os.open, os.close
_appending = set()


@stand_in(_real_os_open)
def open_number(*args, **kwargs):
    place = 0 if quiet.depth or kwargs.get("dir_fd") is not None else log.journal.place()
    flags = args[1] if len(args) > 1 else None
    thing = of_path(args[0], place) if place and isinstance(flags, int) else None
    if not thing:
        return _real_os_open(*args, **kwargs)
    do = partial(_real_os_open, *args, **kwargs)
    op = "create" if flags & os.O_EXCL else "empty" if flags & os.O_TRUNC else ""
    fd = step(thing, op, do, place=place, cause=place) if op else do()
    if S_ISREG(_fstat(fd).st_mode):
        _of_fd[fd] = thing
        (_appending.add if flags & os.O_APPEND else _appending.discard)(fd)
    return fd


@stand_in(_real_close)
def close_number(*args, **kwargs):
    if args and isinstance(args[0], int):
        if args[0] == log.journal.fd:  # which the script has not opened
            return _real_close(-1)
        if _of_fd.pop(args[0], None):
            log.journal.turns.done()
    return _real_close(*args, **kwargs)


_real_closerange = os.closerange


@stand_in(_real_closerange)
def close_numbers(*args):
    low, high = (
        args if len(args) == 2 and all(isinstance(number, int) for number in args) else (0, 0)
    )
    if log.journal.fd is None or not low <= log.journal.fd < high:
        return _real_closerange(*args)
    _real_closerange(low, log.journal.fd)
    return _real_closerange(log.journal.fd + 1, high)


def put(call):
    """Put a call of ours in the place of the real one, also in what `os` says of what it can do."""
    real = getattr(os, call.__name__)
    for module in os, sys.modules[real.__module__]:
        setattr(module, call.__name__, call)
    for able in (
        os.supports_dir_fd,
        os.supports_fd,
        os.supports_follow_symlinks,
        os.supports_effective_ids,
    ):
        if real in able:
            able.remove(real)
            able.add(call)


def install():
    """From now on, files are recorded."""
    builtins.open = io.open = _io.open = open_file
    for call in open_number, close_number, close_numbers:
        put(call)
    for name, op in {
        "read": "read",
        "write": "write",
        "ftruncate": "empty",
        "pread": "read",
        "pwrite": "write",
    }.items():
        if hasattr(os, name):
            put(_recorded(name, op))
    whole = {
        "replace": ("replace", 1, 0),
        "rename": ("replace", 1, 0),
        "remove": ("remove", 0),
        "unlink": ("remove", 0),
    }
    whole |= {
        "link": ("create", 1),
        "symlink": ("create", 1),
        "mkdir": ("create", 0),
        "rmdir": ("remove", 0),
    }
    whole |= {"truncate": ("empty", 0), "stat": ("look", 0)}
    for name, how in whole.items():
        if hasattr(os, name):
            put(_on_paths(name, *how))
    _watch_output()


def _watch_output():
    """What goes to the terminal is recorded too: `print` writes into a buffer, which is sent at once or later."""
    for number, name in (1, "stdout"), (2, "stderr"):
        usual = getattr(sys, name)
        if usual is None:
            continue
        raw = RawFile(number, "w", closefd=False)
        raw.thing, raw.is_appending = (
            log.journal.thing("terminal", "terminal", "the terminal"),
            True,
        )
        raw.name = f"<{name}>"
        buffer = (
            _BUFFERED["w"](raw, _usual_size(raw))
            if isinstance(usual.buffer, _io.BufferedWriter)
            else raw
        )
        how = usual.line_buffering, usual.write_through
        newline = None if sys.platform == "win32" else "\n"
        text = Text(buffer, usual.encoding, usual.errors, newline, *how)
        text.mode = "w"
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)
