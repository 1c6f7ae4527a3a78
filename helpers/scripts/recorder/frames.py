"""What a script shows of its own run has none of our frames: tracebacks and warnings begin and end where they would without us."""

import sys
import types
from functools import wraps
from itertools import dropwhile, pairwise

from . import journal as log
from .journal import HERE
from .wrapping import imported, passing

# As Python says of a warning after the script's end.
_NOWHERE = ("<sys>", 0) if sys.version_info >= (3, 13) else ("sys", 1)
_ROOMS = "", ".databases", ".files", ".handovers", ".journal", ".lock_calls", ".wrapping"
_FILTERS = [("always", None, Warning, f"_watched{room}", 0) for room in _ROOMS]


def unfilter():
    """Python is about to end: warnings are filtered as they would be without us, for nobody gives them anew."""
    if module := sys.modules.get("warnings"):
        module.filters[:] = [each for each in module.filters if each not in _FILTERS]
        module._filters_mutated()


def _is_ours(frame):
    return frame.f_code.co_filename.startswith(HERE)


def _along(at, link="tb_next"):
    """All entries of a traceback; of a stack, where the `link` is that of a frame."""
    while at is not None:
        yield at
        at = getattr(at, link)


def cut(trace):
    """The traceback without our frames, changed in place; its first entry that is not ours."""
    kept = [at for at in _along(trace) if not _is_ours(at.tb_frame)]
    for at, after in pairwise([*kept, None]):
        at.tb_next = after
    return kept[0] if kept else None


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
    line = 0
    for at in _along(error.__traceback__):
        if log.is_of_script(at.tb_frame.f_code.co_filename):
            line = log.journal.place_of(at.tb_frame.f_code.co_filename, at.tb_lineno)
    log.journal.write("error", type(error).__name__, str(error)[:200], line)


@imported("sys")
def _uncaught(_):
    """Errors that nobody catches are shown as they would be without us, also those that Python cannot raise."""
    real, real_unraisable = sys.excepthook, sys.unraisablehook

    @passing(real)
    def excepthook(kind, error, trace):
        _clean(error)
        _note(error)
        real(kind, error, cut(trace))

    @passing(real_unraisable)
    def unraisablehook(unraisable):
        _clean(unraisable.exc_value)
        trace, frame = cut(unraisable.exc_traceback), log.caller()
        # None of it was the script's: it happened where the script is.
        if trace is None and frame is not None:
            trace = types.TracebackType(None, frame, frame.f_lasti, frame.f_lineno)
        told = unraisable.exc_type, unraisable.exc_value, trace
        real_unraisable(type(unraisable)((*told, unraisable.err_msg, unraisable.object)))

    sys.excepthook = sys.__excepthook__ = excepthook
    sys.unraisablehook = sys.__unraisablehook__ = unraisablehook


@imported("threading")
def threads(module):
    """An error that ends a thread is shown as it would be without us."""
    real = module.excepthook

    @passing(real)
    def excepthook(args, /):
        _clean(getattr(args, "exc_value", None))
        real(args)

    module.excepthook = module.__excepthook__ = excepthook


@imported("traceback")
def tracebacks(module):
    """The module traceback, which most programs print and log with, shows no frame of ours."""
    kind = module.TracebackException
    real = kind.__init__

    def init(self, exc_type, exc_value, exc_traceback, **how):
        _clean(exc_value)
        _note(exc_value)
        real(self, exc_type, exc_value, cut(exc_traceback), **how)

    kind.__init__ = init
    for name in "walk_tb", "_walk_tb_with_full_positions", "walk_stack":
        setattr(module, name, _without_ours(getattr(module, name)))


def _without_ours(real):
    """`walk_tb` or `walk_stack`: without our frames."""

    @wraps(real)
    def walk(at):
        if at is None and real.__name__ == "walk_stack":  # of the function that calls it
            at = sys._getframe(1)
            at = at.f_back if sys.version_info < (3, 13) else at
        return (found for found in real(at) if not _is_ours(found[0]))

    return walk


@imported("warnings")
def warnings(module):
    """A warning at a line of ours is given anew at the line that called us: whether it is shown is asked there."""
    real = module._showwarnmsg
    module.filters[:0] = _FILTERS
    module._filters_mutated()

    def show(message):
        if not message.filename.startswith(HERE):
            return real(message)
        stack = _along(sys._getframe(1), "f_back")
        from_us = dropwhile(lambda at: not _is_ours(at), stack)
        frame = next((at for at in from_us if not _is_ours(at)), None)
        where = frame.f_globals if frame else sys.__dict__
        place = (frame.f_code.co_filename, frame.f_lineno) if frame else _NOWHERE
        how = {"module": where.get("__name__", "<string>"), "source": message.source}
        how["registry"] = where.setdefault("__warningregistry__", {})
        module.warn_explicit(message.message, message.category, *place, **how)

    module._showwarnmsg = show
