"""What a script shows of its own run has none of our frames: tracebacks and warnings begin and end where they would without us."""

import sys
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


def _shows_clean(module, name, cleaned):
    """A module's hook that shows an error nobody catches: it gets what `cleaned` makes of its arguments."""
    real = getattr(module, name)

    @passing(real)
    def hook(*args):
        real(*cleaned(*args))

    setattr(module, name, hook)
    setattr(module, f"__{name}__", hook)


def _uncaught(kind, error, trace):
    _clean(error)
    _note(error)
    return kind, error, cut(trace)


def _unraised(found):
    _clean(found.exc_value)
    told = found.exc_type, found.exc_value, cut(found.exc_traceback), found.err_msg, found.object
    return (type(found)(told),)


def _of_thread(*args):
    _clean(getattr(args[0], "exc_value", None))
    return args


@imported("sys")
def _of_python(module):
    _shows_clean(module, "excepthook", _uncaught)
    _shows_clean(module, "unraisablehook", _unraised)


@imported("threading")
def threads(module):
    _shows_clean(module, "excepthook", _of_thread)


@imported("traceback")
def tracebacks(module):
    """All that is printed or formatted of a traceback or a stack goes through one function: it leaves out our frames."""
    kind, summary = module.TracebackException, module.StackSummary
    real, extract = kind.__init__, summary._extract_from_extended_frame_gen.__func__

    def init(self, exc_type, exc_value, *more, **how):
        _note(exc_value)
        real(self, exc_type, exc_value, *more, **how)

    def without_ours(cls, frames, **how):
        return extract(cls, (each for each in frames if not _is_ours(each[0])), **how)

    kind.__init__ = init
    summary._extract_from_extended_frame_gen = classmethod(without_ours)


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
