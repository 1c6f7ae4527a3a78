"""The files that learners write, as a child or the model runs them: read anew each time, and their sleeps are pauses."""

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, ModuleType

from helpers import events
from helpers.events import Any

_real_sleep = _elsewhere = time.sleep  # the latter: what it was before the first learner's file
_learners: set[str] = set()  # the paths of the learners' files that were loaded


def load(module: str, name: str, path: str | None = None, calls: int = 1) -> Callable[..., Any]:
    """The function `name` of `module`; with `path`, of that file, read anew, to be called `calls` times in a row.

    From then on, a `time.sleep` that the file calls is a pause, as `events.pause`. Raises what importing
    it raises, and AttributeError where it has no such function.
    """
    if path is not None:
        worker = getattr(load_module(path), name)
        return worker if calls == 1 else lambda *args: tuple(worker(*args) for _ in range(calls))
    __import__(module)
    return getattr(sys.modules[module], name)


def load_module(path: str) -> ModuleType:
    """The module in the file at `path`, run anew under its own name, as Python would import it.

    Raises what running it raises. The file is read as bytes: Python knows its coding line and its line ends.
    """
    name = os.path.splitext(os.path.basename(path))[0]
    fresh = ModuleType(name)
    fresh.__file__ = path
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError(f"{path} is not a file")  # opening a pipe would wait for ever
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    if "fork" in multiprocessing.get_all_start_methods():
        # A lock that the file makes has no name then: killed, this process would leave the name behind.
        multiprocessing.set_start_method("fork", force=True)
    sys.modules[name] = fresh
    # From now on, `time.sleep` is a pause where this file calls it, else what it was.
    global _elsewhere
    _learners.add(path)
    if time.sleep is not _sleep:
        _elsewhere, time.sleep = time.sleep, _sleep
    exec(code, fresh.__dict__)  # noqa: S102 - the learner's own file
    return fresh


def is_learners(frame: FrameType) -> bool:
    """Whether a frame belongs to a learner's file."""
    return frame.f_code.co_filename in _learners


def _sleep(seconds, /):
    if not is_learners(sys._getframe(1)):
        _elsewhere(seconds)
    elif isinstance(seconds, (int, float)) and 0 < seconds <= threading.TIMEOUT_MAX:
        events.pause(seconds)
    else:
        _real_sleep(seconds)  # it gives way for 0, and raises its own errors
