"""A step in words: those of the tables, of panels and of hints."""

from helpers.analysis.lock_spans import lock_words
from helpers.events import Event, split_stamp

_DOES = {
    "read": "reads",
    "empty": "empties",
    "acquire": "acquires",
    "release": "releases",
    "begin": "begins a transaction",
    "commit": "commits",
    "rollback": "rolls back",
    "add": "reads and writes in one UPDATE",
    "swap": "writes if nothing has changed",
}


def is_of_file(event: Event) -> bool:
    """Whether a step is one on a file, and not on a lock."""
    return event.op not in ("acquire", "release")


def next_step_words(op: str, name: str, arg: object, is_only_file: bool) -> str:
    """The step that a process does next, in words; a file is named where there are several."""
    if op in ("acquire", "release"):
        return f"{_DOES[op]} {lock_words(name)}"
    special = {"write": f"writes {arg}", "fill": f"fills in {arg}", "empty": "empties the file"}
    does = special.get(op) or _DOES[op]
    return does.rstrip() if is_only_file else f"{does.rstrip()} ({name})"


def step_words(event: Event, name: str) -> str:
    """A step in words, as it was done, or why it was not; `name` says on what, "" where there is but one file."""
    op, outcome = event.op, event.outcome
    on = name and f" {name}"
    if outcome == "raised":
        return f"{op}{on}: {event.seen}"
    if not is_of_file(event):
        fails = {"open": "waits for", "refused": "does not get"} if op == "acquire" else {}
        return f"{fails.get(outcome, _DOES[op])}{on}"
    if outcome == "refused":
        return "is refused" if op == "write" else "finds that it has changed"
    if outcome != "done":
        return f"waits to {op}"
    if op == "grant":
        return f"gets {event.seen}"
    if op in ("begin", "commit", "rollback", "empty"):
        return f"{_DOES[op]}{on or (' the file' if op == 'empty' else '')}"
    number = split_stamp(event.seen.partition("<")[0])[1]
    if op == "read":
        return f"reads{on} {'nothing: empty' if number is None else number}"
    if op in ("add", "swap"):
        return f"reads{on} and writes {number}"
    return f"writes{on} {repr(event.arg) if number is None else number}"
