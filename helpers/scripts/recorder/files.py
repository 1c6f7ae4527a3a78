"""Files: `open` and the calls of `os` become the system's own reads and writes, each with the line of the script behind it.

A buffered file is Python's own, over a raw one that records. What a line writes lies in the buffer at first, and goes to the
file when that is full, flushed or closed: such a step has two places, the line that wrote and the line at which it was done.
"""

import _io
import builtins
import io
import os
import sys
from collections import namedtuple
from contextlib import suppress
from functools import partial
from stat import S_ISREG

from . import journal as log
from .journal import hand_over, opened, quietly, step, take_turn
from .lock_calls import let_go
from .wrapping import called_like, imported, record, records

_FileIO = _io.FileIO
_real_stat, _fstat, _getcwd, _islink = os.stat, os.fstat, os.getcwd, os.path.islink
# The path from the root, without links in its folders, of each one that was used, by the folder in which that was.
_paths = {}
_NO_LINES = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used"
_USUAL_SIZE, _GROWS = io.DEFAULT_BUFFER_SIZE, sys.version_info >= (3, 14)
_MODES = {"r", "w", "x", "a", "r+", "w+", "x+", "a+"}


def of_path(path, place):
    """The thing that a path names, None where the system will say that it is no path."""
    try:
        path = os.fsdecode(path) if not isinstance(path, str) else path
        where = None if path[:1] == "/" else _getcwd(), path
        if (full := _paths.get(where)) is None:
            folder, name = os.path.split(path)
            full = _paths[where] = os.path.join(os.path.realpath(folder), name)
        if _islink(full):
            full = os.path.realpath(full)
    except (TypeError, ValueError, OSError, AttributeError):
        return None  # where the last one comes, Python ends, and has taken `os` apart
    return log.journal.thing("file", full, path, place)


class RawFile(_FileIO):
    """A raw file that records its reads and writes; `cause` is the line that asked for what is written next."""

    thing, cause, written = 0, 0, "write"

    def close(self):
        if not self.closed and self.thing:
            log.journal.turns.done(is_closed=True)
            if self.closefd:
                let_go(self.fileno())
                opened.pop(self.fileno(), None)
        _FileIO.close(self)


def _on_raw(op, place, do, self, *args):
    """What is done to a raw file; `op` is "" where it is written in its own way."""
    op, cause = op or self.written, 0
    if not self.thing:
        return do()
    if self.written == "send":
        return hand_over(self.thing, _IN_PIPE[op], do, place)
    if op in ("write", "append"):
        cause, self.cause = self.cause, 0
    # An append that does not end its line is a part of a record.
    seen = log.UNFINISHED if op == "append" and not bytes(args[0]).endswith(b"\n") else ""
    do = partial(quietly, do)  # readall reads in pieces
    return step(self.thing, op, do, place, cause, group=self.thing, seen=seen)


def _truncate(place, do, self, size=None):
    size = self.tell() if size is None else size
    return _on_raw("empty" if size == 0 else "write", place, do, self)


called_like(RawFile, _FileIO)
record(RawFile, "read readinto readall", partial(_on_raw, "read"), always=True)
record(RawFile, "write", partial(_on_raw, ""), always=True)
record(RawFile, "truncate", _truncate, always=True)


def _noting(kind):
    """A class of buffered or text files that tells its raw file which line writes."""

    real = kind.write

    class Noting(kind):
        def write(self, text):
            raw = getattr(self, "buffer", self)
            raw = getattr(raw, "raw", raw)
            # Where a line is noted, it is the text above that sends what it has.
            if isinstance(raw, RawFile) and not raw.cause:
                raw.cause = log.journal.place()
            return real(self, text)

    return called_like(Noting, kind)


Text, Writer, Both = map(_noting, (_io.TextIOWrapper, _io.BufferedWriter, _io.BufferedRandom))
_ARGUMENTS = "file mode buffering encoding errors newline closefd opener"
_Asked = namedtuple("_Asked", _ARGUMENTS, defaults=("r", -1, None, None, None, True, None))


def _open_file(place, do, *args, **kwargs):
    """`open`: where it is called as it should be, for a file that processes may share, a file of ours."""
    is_plain = False
    with suppress(TypeError, AttributeError):
        file, mode, buffering, *text, closefd, opener = _Asked(*args, **kwargs)
        plain, is_binary = mode.replace("t", "", 1).replace("b", "", 1), "b" in mode
        is_usual = isinstance(buffering, int) and not isinstance(file, bool) and plain in _MODES
        is_plain = is_usual and (set(text) == {None} if is_binary else buffering != 0)
    raw = _raw(file, plain, closefd, opener, place) if is_plain else None
    if raw is None:
        return do()  # which says what is wrong, if anything is
    try:
        return _over(raw, mode, plain, is_binary, buffering, *text)
    except BaseException:
        raw.close()
        raise


def _raw(file, mode, closefd, opener, place):
    """The raw file, None where it is nothing that processes share: a device, a pipe, or one that the script did not open."""
    make = partial(RawFile, file, mode, closefd, opener)
    if isinstance(file, int):
        thing, written, _ = opened.get(file, (None, "", 0))
        return thing and _known(make(), thing, mode, written)
    thing, is_new = of_path(file, place), False
    try:
        if thing is None or not S_ISREG(_real_stat(file).st_mode):
            return None
    except OSError:
        is_new = True
    except ValueError:
        return None
    if mode[0] == "x":
        return _known(step(thing, "create", make, place), thing, mode)
    if mode[0] == "w" or (mode[0] == "a" and is_new):
        return _known(step(thing, "empty", make, place, group=thing), thing, mode)
    if mode == "r":  # what it reads is there from here on, whatever takes its place later
        take_turn("read", place, thing)
    return _known(make(), thing, mode)


def _known(raw, thing, mode, before=""):
    """The raw file of a thing; `before` is how that was written where it was open already."""
    raw.thing = thing
    raw.written = "send" if before == "send" else "append" if mode[0] == "a" else "write"
    if not before:
        opened[raw.fileno()] = thing, raw.written, log.journal.pid
    return raw


def _over(raw, mode, plain, is_binary, buffering, *coding):
    """The file as `open` gives it, over the raw one."""
    is_line = buffering == 1 or (buffering < 0 and raw.isatty())
    if buffering == 0:
        return raw
    kind = Both if "+" in plain else _io.BufferedReader if plain == "r" else Writer
    buffer = kind(raw, buffering if buffering > 1 else _usual_size(raw))
    if is_binary:
        if buffering == 1:
            import warnings

            warnings.warn(_NO_LINES, RuntimeWarning, 2)
        return buffer
    text = Text(buffer, *coding, is_line)
    text.mode = mode
    return text


def _usual_size(raw):
    if _GROWS:
        return max(min(raw._blksize, 8192 * 1024), _USUAL_SIZE)
    return raw._blksize if raw._blksize > 1 else _USUAL_SIZE


# ---- the calls of os


@records("os", "read pread readv preadv", ("read",))
@records("os", "write pwrite writev pwritev", ("write",))
@records("os", "ftruncate", ("empty",))
@records("os", "sendfile", ("write", "read"))  # as shutil copies
@records("os", "copy_file_range", ("read", "write"))
def _on_numbers(ops, place, do, *fds, **_):
    """A call of `os` with the number of an open file, or of two, and what it does to each."""
    for op, fd in zip(ops, fds, strict=False):
        thing, written, _ = opened.get(fd if isinstance(fd, int) else -1, (None, "", 0))
        if written == "send":
            do = partial(hand_over, thing, _IN_PIPE[op], do, place)
        elif thing:
            do = partial(step, thing, written if op == "write" else op, do, place)
    return do()


@records("os", "replace rename", "replace", (1, 0))
@records("os", "remove unlink rmdir", "remove", (0,))
@records("os", "link symlink", "create", (1,))
@records("os", "mkdir", "create", (0,))
@records("os", "truncate", "empty", (0,))
@records("os", "stat access", "look", (0,))
def _on_paths(op, which, place, do, *args, **kwargs):
    """A call of `os` that does one whole thing to the first path in the places `which` of its arguments; others are removed."""
    is_path = args and not isinstance(args[0], int) and kwargs.get("dir_fd") is None
    things = [of_path(args[at], place) if is_path and at < len(args) else None for at in which]
    if None in things:
        return do()
    first, *others = things
    group = op, place
    for other in others:
        do = partial(step, other, "remove", do, place, group=group)
    return step(first, op, do, place, group=group)


@records("os", "open")
def _open_number(place, do, path=None, flags=None, *_, **how):
    is_plain = isinstance(flags, int) and how.get("dir_fd") is None
    thing = of_path(path, place) if is_plain else None
    if not thing:
        return do()
    op = "create" if flags & os.O_EXCL else "empty" if flags & os.O_TRUNC else ""
    fd = step(thing, op, do, place) if op else do()
    if S_ISREG(_fstat(fd).st_mode):
        written = "append" if flags & os.O_APPEND else "write"
        opened[fd] = thing, written, log.journal.pid
    return fd


@records("os", "close", inside=True)
def _close(place, do, fd=None, *_, **__):
    if isinstance(fd, int):
        let_go(fd)
        if opened.pop(fd, None):
            log.journal.turns.done()
    return do()


@records("os", "pipe pipe2")
def _make_pipe(place, do, *_):
    """A pipe of the script's own; multiprocessing's say themselves what they carry."""
    ends, frame = do(), log.caller()
    if log.is_of_script(frame.f_code.co_filename):
        thing = log.journal.thing("signal", log.identity(ends[0]), "pipe", place)
        opened.update(dict.fromkeys(ends, (thing, "send", log.journal.pid)))
    return ends


_IN_PIPE = {"read": "receive", "write": "send", "send": "send"}


@imported("io")
def _files(module):
    """Record what is opened and printed, and what is closed."""
    record(module, "open", _open_file)
    builtins.open = _io.open = module.open
    for number, name in (1, "stdout"), (2, "stderr"):
        if usual := getattr(sys, name):
            text = _output(number, name, usual)
            setattr(sys, name, text)
            setattr(sys, f"__{name}__", text)


def _output(number, name, usual):
    """What goes to the terminal is recorded too: `print` writes into a buffer, which is sent at once or later."""
    raw = RawFile(number, "w", closefd=False)
    thing = log.journal.thing("terminal", "terminal", "the terminal")
    raw.thing, raw.written, raw.name = thing, "append", f"<{name}>"
    buffer = Writer(raw, _usual_size(raw)) if isinstance(usual.buffer, _io.BufferedWriter) else raw
    newline = None if sys.platform == "win32" else "\n"
    how = usual.line_buffering, usual.write_through
    text = Text(buffer, usual.encoding, usual.errors, newline, *how)
    text.mode = "w"
    return text
