"""The recorder of a watched script: it wraps what processes share, in every Python of the run, as soon as that is imported."""

import atexit
import os
import sys

# All of them declare what they record.
from . import databases, files, frames, handovers, lock_calls
from . import journal as log
from .wrapping import Passing, imported, patches, records

# What is not recorded, by the audit event that tells of it.
_UNSEEN = {
    "mmap.__new__": "mapped memory (mmap, shared_memory)",
    "socket.connect": "the network",
    "socket.bind": "the network",
    "ctypes.dlopen": "a C library (ctypes)",
    "os.exec": "a program that took the place of this one",
    "os.system": "a program started by os.system",
    "os.posix_spawn": "a program started by posix_spawn",
}
_MESSAGES = os.path.join("multiprocessing", "connection.py")
_METHOD = os.environ.get("COURSE_WATCHED_METHOD")


def start():
    """Record from now on what this process does. Its folder, letter and start method come from the environment."""
    folder, letter = os.environ["COURSE_WATCHED"], os.environ.pop("COURSE_WATCHED_AS", None)
    log.journal = log.Journal(folder, letter)
    for name in [name for name in patches if name in sys.modules]:
        for patch in patches.pop(name):
            patch(sys.modules[name])
    sys.meta_path.insert(0, _Importer())
    sys.addaudithook(_audit)
    atexit.register(frames.unfilter)
    # At the end Python empties all modules that it knows, and the script's last files need ours.
    for name in [name for name in sys.modules if name.partition(".")[0] == __name__]:
        del sys.modules[name]


class _Importer:
    """Wraps a module as soon as it has been imported, by whoever would have found it."""

    def find_spec(self, name, path=None, target=None):
        if name not in patches:
            return None
        finders = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(name, path, target) for finder in finders)
        spec = next(filter(None, found), None)
        is_mine = spec and spec.has_location and log.is_of_script(spec.origin)  # the script's
        if spec and (name.startswith("filelock") or not is_mine):
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Passing):
    """The usual loader, but for what is done to a module as soon as it is there."""

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._real
        self._real.exec_module(module)
        for patch in patches[module.__name__]:
            patch(module)

    # Python leaves out of a traceback what its importer does, up to a function of this name.
    exec_module.__code__ = exec_module.__code__.replace(
        co_filename="<frozen importlib._bootstrap>", co_name="_call_with_frames_removed"
    )


@imported("multiprocessing.context")
def _choose_method(module):
    """The start method that was asked for stands in for the default; a script that sets its own keeps that."""
    if _METHOD:
        module._default_context._default_context = module._concrete_contexts[_METHOD]


@records("time", "sleep")
def _sleep(place, do, *seconds, **no_more):
    if len(seconds) != 1 or no_more or not isinstance(seconds[0], (int, float)):
        return do()
    log.journal.turns.done()
    start = log.now()
    try:
        return do()
    finally:
        log.journal.write("pause", log.get_ident(), start, log.now(), float(seconds[0]), place)


def _audit(event, args):
    if event not in _UNSEEN or log.quiet.depth or log.journal.is_server:
        return
    frame = sys._getframe(1)
    caller = frame.f_code.co_filename
    if caller.endswith(_MESSAGES):  # what they carry is recorded
        return
    is_own = event in ("socket.connect", "mmap.__new__")  # of a library, for the script
    if (log.is_of_script(caller) or is_own) and (place := log.journal.place(frame)):
        log.journal.note(_UNSEEN[event], place)
