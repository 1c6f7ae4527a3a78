"""Tables as HTML: one interleaving, time downward and a column for each process; what stands in a resource in the end."""

import html
import textwrap
from dataclasses import is_dataclass

from helpers import analysis
from helpers.analysis import is_of_file, step_words
from helpers.events import START_ID, split_stamp
from helpers.pictures import style

_EMPTY = "empty"
_CELL = "text-align: left; vertical-align: top; padding: 0.1em 0.9em 0.1em 0.2em"
_NO_PICTURE = "Matplotlib, which draws the picture, is not installed here. These are its facts."
_MOST_RECORDS = 60  # rows of one table of them
_LONGEST = 400  # letters of one fact
_MOST_LINES = 12  # of a text, or updates of a number
_TURNED = "◀ no way back"
_LONG = 60  # letters: a longer text is wrapped


def interleaving_table(events, processes, moments=None, caption="", accounts=None, turning=None):
    """The steps `events`, in their order, as an HTML table; open ones at its end.

    `moments` gives the first column in place of the steps' numbers: (its heading, a word for each
    step). With `accounts` by file name, the writes of lost updates say so. The step number `turning`, from 1, is marked
    as the one after which nothing leads to a right end.
    """
    events = list(events)
    files, locks, names = names_in(events)
    heading, words = moments or ("step", range(1, len(events) + 1))
    lost = {
        name: {update.key for update in account.lost}
        for name, account in (accounts or {}).items()
        if isinstance(account, analysis.Account)
    }
    heads = [heading, *processes]
    heads += ["in the file" if len(files) == 1 else f"in {name}" for name in files]
    heads += [f"holds {analysis.lock_words(name)}" for name in locks]
    state = dict.fromkeys([*files, *locks], "")
    rows = []
    for event, word in zip(events, words, strict=False):
        _note(state, event)
        marked = split_stamp(event.seen)[0] in lost.get(event.shared, ()) and event.op != "read"
        said = step_words(event, names[event.shared]) + (" (gets lost)" if marked else "")
        cells = [said if name == event.process else "" for name in processes]
        turns = len(rows) + 1 == turning
        first = (f"{word} {_TURNED}", style.LOST) if turns else f"{word}"
        rows.append([first, *cells, *(state[name] for name in [*files, *locks])])
    return html_table(heads, rows, caption)


def names_in(events):
    """The names of the files and of the locks in some events, and by name what a step says of each: "" for the only file."""
    files = list(dict.fromkeys(event.shared for event in events if is_of_file(event)))
    locks = list(dict.fromkeys(event.shared for event in events if not is_of_file(event)))
    names = {name: name if len(files) > 1 else "" for name in files}
    names |= {name: "the lock" if [name] == locks == ["lock"] else name for name in locks}
    return files, locks, names


def _note(state, event):
    """What stands in the files, and who holds which lock, after a step; what is not committed stands under its writer."""
    if event.outcome != "done":
        return
    file, own = event.shared, (event.process, event.shared)
    if not is_of_file(event):
        state[file] = event.process if event.op == "acquire" else ""
    elif event.op == "begin":
        state[own] = ""
    elif event.op == "rollback":
        del state[own]
    elif event.op == "commit":
        state[file] = state.pop(own) or state[file]
    elif event.op not in ("read", "grant"):
        state[own if own in state else file] = _file_words(event.seen.partition("<")[0])
    elif event.op == "read" and not state[file]:
        state[file] = _file_words(event.seen)


def _file_words(seen):
    """What a file has in it: a number with the id of its write, the number alone as it was at the start, or the text."""
    key, number = split_stamp(seen)
    if number is None:
        return seen or _EMPTY
    return f"{number}" if key == START_ID else f"{number} ({key})"


def html_table(heads, rows, caption="", label=""):
    """An HTML table; a cell is a text, or a text and the colour of the bar beside it. With a `label`, each row's first cell is its heading."""
    first = 'th scope="row"' if label else "td"
    head = "".join(_cell(word, 'th scope="col"') for word in heads)
    body = "".join(f"<tr>{_cell(row[0], first)}{''.join(map(_cell, row[1:]))}</tr>" for row in rows)
    said = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    named = f' aria-label="{html.escape(label)}"' if label else ""
    return f'<table{named} style="border-collapse: collapse">{said}<tr>{head}</tr>{body}</table>'


def _cell(cell, tag="td"):
    words, colour = (cell, "") if isinstance(cell, str) else cell
    look = colour and f"; border-left: 0.3em solid {colour}"
    wrapped = "min-width: 18em; max-width: 24em" if len(words) > _LONG else "white-space: nowrap"
    return f'<{tag} style="{_CELL}; {wrapped}{look}">{html.escape(words)}</{tag[:2]}>'


def facts_table(result, alt):
    """What a result holds, field by field, as HTML tables that `alt` says in words: what stands in place of a picture."""
    plain, tables = [], []
    for name, value in _fields(result).items():
        if isinstance(value, (tuple, list)) and value and all(map(_is_record, value)):
            rows = [list(map(_words, _fields(one).values())) for one in value[:_MOST_RECORDS]]
            tables.append(html_table(list(_fields(value[0])), rows, name))
        elif name[0] != "_" and (words := _words(value)):
            plain.append((name.replace("_", " "), words))
    return html_table(["what", "value"], plain, _NO_PICTURE, label=alt) + "".join(tables)


def _is_record(value):
    return hasattr(value, "_asdict") or is_dataclass(value)


def _fields(record):
    return record._asdict() if hasattr(record, "_asdict") else vars(record)


def _words(value):
    """A field in words, cut where it is long."""
    if isinstance(value, dict):
        value = [f"{name}: {_words(part)}" for name, part in value.items()]
    if isinstance(value, (tuple, list, set, frozenset)):
        value = ", ".join(filter(None, map(_words, value)))
    words = f"{value:.3g}" if isinstance(value, float) else f"{value}"
    return textwrap.shorten(words, _LONGEST, placeholder=" ...")


def contents_table(account, heading):
    """The first lines of a text, or updates of a number, and whose they are: an HTML table of an Account or Records."""
    if isinstance(account, analysis.Records):
        heads, looks = ["line", "its pieces"], {True: "whole", False: "damaged"}
        found = [(is_whole, " | ".join(map(_piece, pieces))) for pieces, is_whole in account.lines]
    else:
        heads, looks = ["update", "what it did"], {True: "kept", False: "lost"}
        found = [(update not in account.lost, _update(update)) for update in account.updates]
    rows = [(style.marked(looks[is_good], is_good), words) for is_good, words in found]
    left = len(rows) - _MOST_LINES
    more = [("", f"... and {left} more")] if left > 0 else []
    return html_table(heads, rows[:_MOST_LINES] + more, heading)


def _piece(piece):
    process, text = piece
    return f"{process or '?'}: {text.strip().replace(chr(0), '·')}"


def _update(update):
    return f"{update.process}: found {split_stamp(update.origin)[1]}, left {update.value}"
