"""An interrupt of the watching process at a moment that can be counted: no clock, no luck."""

import os
import signal
import sys

HELPERS = f"{os.sep}helpers{os.sep}"


def interrupted(action, moment, where=""):
    """What `action()` gives, interrupted at the `moment`th line that this thread runs in a file of helpers with `where` in its path.

    None where it came to its end before that line: a wait takes now more looks and now fewer.
    """
    given, count = _traced(action, where, moment)
    return given if count >= moment else None


def lines(action, where=""):
    """How many lines of helpers this thread runs in `action()`."""
    return _traced(action, where)[1]


def _traced(action, where, moment=0):
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        name = frame.f_code.co_filename
        if HELPERS not in name or where not in name:
            return None
        if event == "line":
            count += 1
            if count == moment:
                signal.raise_signal(signal.SIGINT)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return action(), count
    finally:
        sys.settrace(before)
