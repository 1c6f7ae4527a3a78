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


def step_words(event: Event, many_files: bool = True, many_locks: bool = False) -> str:
    """A step in words, as it was done, or why it was not; with its file, and its lock, where there are many."""
    op, outcome = event.op, event.outcome
    if of_file := is_of_file(event):
        shared = f" {event.shared}" if many_files else ""
    else:
        shared = f" {event.shared}" if many_locks or event.shared != "lock" else " the lock"
    if outcome == "raised":
        return f"{op}{shared}: {event.seen}"
    if not of_file:
        fails = {"open": "waits for", "refused": "does not get"} if op == "acquire" else {}
        return f"{fails.get(outcome, _DOES[op])}{shared}"
    if outcome == "refused":
        return "is refused" if op == "write" else "finds that it has changed"
    if outcome != "done":
        return f"waits to {op}"
    if op == "grant":
        return f"gets {event.seen}"
    if op in ("begin", "commit", "rollback", "empty"):
        return f"{_DOES[op]}{shared or (' the file' if op == 'empty' else '')}"
    number = split_stamp(event.seen.partition("<")[0])[1]
    if op == "read":
        return f"reads{shared} {'nothing: empty' if number is None else number}"
    if op in ("add", "swap"):
        return f"reads{shared} and writes {number}"
    return f"writes{shared} {repr(event.arg) if number is None else number}"
