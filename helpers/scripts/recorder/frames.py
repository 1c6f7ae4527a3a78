"""What a script shows of its own run has none of our frames: tracebacks and warnings begin and end where they would without us."""

import os
import sys

from . import journal as log

_HERE = os.path.dirname(os.path.abspath(__file__))


def _is_ours(frame):
    return frame.f_code.co_filename.startswith(_HERE)


def cut(trace):
    """The traceback without our frames, changed in place; its first entry that is not ours."""
    while trace is not None and _is_ours(trace.tb_frame):
        trace = trace.tb_next
    at = trace
    while at is not None:
        while at.tb_next is not None and _is_ours(at.tb_next.tb_frame):
            at.tb_next = at.tb_next.tb_next
        at = at.tb_next
    return trace


def _clean(error):
    """Cut the tracebacks of an error, and of those that led to it."""
    been = set()
    while error is not None and id(error) not in been:
        been.add(id(error))
        error.__traceback__ = cut(error.__traceback__)
        for nested in getattr(error, "exceptions", ()):
            _clean(nested)
        error = error.__cause__ or error.__context__


def _note(error):
    """Write down an error that nobody of the script has caught: nothing of the script is under way any more."""
    if error is None or log.journal.is_server or log.journal.place():
        return
    at, line = error.__traceback__, 0
    while at is not None:
        if log.is_of_script(at.tb_frame.f_code.co_filename):
            line = log.journal.place_of(at.tb_frame.f_code, at.tb_lineno)
        at = at.tb_next
    log.journal.write("error", type(error).__name__, str(error)[:200], line)


def install():
    """From now on, uncaught errors are shown as they would be without us."""
    real = sys.excepthook

    def excepthook(kind, error, trace):
        _clean(error)
        _note(error)
        real(kind, error, cut(trace))

    sys.excepthook = excepthook


def tracebacks(module):
    """The module traceback, which most programs print and log with, shows no frame of ours."""
    kind = module.TracebackException
    real = kind.__init__

    def init(self, exc_type, exc_value, exc_traceback, **how):
        _clean(exc_value)
        _note(exc_value)
        real(self, exc_type, exc_value, cut(exc_traceback), **how)

    kind.__init__ = init


def warnings(module):
    """A warning that C code gives for a call of ours is told of the line that made the call."""
    real = module._showwarnmsg

    def show(message):
        if message.filename.startswith(_HERE):
            frame = sys._getframe(1)
            while frame is not None and (
                _is_ours(frame) or frame.f_code.co_filename == module.__file__
            ):
                frame = frame.f_back
            if frame is not None:
                message.filename, message.lineno = frame.f_code.co_filename, frame.f_lineno
        real(message)

    module._showwarnmsg = show
