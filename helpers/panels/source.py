"""A worker's source as HTML, the lines that the lock covers marked."""

import ast
import inspect
import re
import textwrap
from functools import lru_cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from helpers.pictures import style

_MARKED = "border-left: 4px solid #0072B2; background: #E3EFF7"
_PLAIN = "border-left: 4px solid transparent"
_LOOK = {"nowrap": True, "noclasses": True, "style": "xcode"}  # its colours read on both grounds
_NOTE = '<span style="display: block; font-size: 0.85em; color: #00507D">a lock is held</span>'
# What workers call their locks: own_lock, RLock(), but no clock.
_LOCK = re.compile(r"(?<![a-z])(r?locks?|guard|keeper|first|second|left|right)\b", re.IGNORECASE)


@lru_cache(maxsize=256)
def source_html(source, at=None):
    """The source of a function, module or text of Python, highlighted, as HTML.

    Lines inside `with ...lock...:`, or between a bare acquire and its release, have a bar, a pale
    ground and, over the first of them, the words "a lock is held": which one, and whether others have it too, the text does not tell. With `at`, pairs of (line number
    from 1, letter), each line has in front the letters of the processes that stand there.
    """
    text = source if isinstance(source, str) else inspect.getsource(source)
    text = textwrap.dedent(text).rstrip()
    marked = locked_lines(text)
    lines = highlight(text, PythonLexer(stripnl=False), HtmlFormatter(**_LOOK))
    rows = []
    for number, line in enumerate(lines.rstrip("\n").split("\n"), 1):
        note = _NOTE if number in marked and number - 1 not in marked else ""
        look = _MARKED if number in marked else _PLAIN
        words = f"{note}{_states(number, at)}{line or ' '}"
        rows.append(f'<div style="{look}; padding: 0 0.6em; min-height: 1.35em">{words}</div>')
    return (
        '<pre style="line-height: 1.35; margin: 0.4em 0; color: #222; background: #fafafa; '
        f'padding: 0.4em 0; white-space: pre; overflow-x: auto">{"".join(rows)}</pre>'
    )


def locked_lines(text):
    """The numbers, from 1, of the lines that run while a lock is held."""
    lines = set()
    for node in ast.walk(ast.parse(text)):
        for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(body, list):
                lines |= _between_calls(body)
        items = node.items if isinstance(node, ast.With) else ()
        if any(_LOCK.search(ast.unparse(item)) for item in items):
            lines |= _span(node.body)
    return lines


def _between_calls(body):
    lines, held = set(), False
    for statement in body:
        held = held and not _calls(statement, "release")
        if held:
            lines |= _span([statement])
        if isinstance(statement, ast.Try):  # its finally may give the lock back
            held = held and not any(_calls(last, "release") for last in statement.finalbody)
        held = held or _calls(statement, "acquire")
    return lines


def _calls(statement, method):
    """Whether a statement is a plain `lock.acquire()` or `lock.release()`; an `if` round it is none."""
    return isinstance(statement, ast.Expr) and ast.unparse(statement).endswith(f".{method}()")


def _span(statements):
    return set(range(statements[0].lineno, statements[-1].end_lineno + 1))


def _states(number, at):
    """The letters of those who stand at a line, as its front column; nothing where none is wanted."""
    if at is None:
        return ""
    letters = " ".join(letter for line, letter in at if line == number)
    badge = f'<b style="background: {style.INK}; color: white; padding: 0 0.3em">{letters} ▶</b>'
    return (
        '<span style="display: inline-block; width: 5.5em; text-align: right; margin-right: 0.7em">'
        f"{badge if letters else ''}</span>"
    )
