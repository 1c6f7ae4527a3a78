"""Tools used in place of what is passed: recognised by what happened in a run, named by their line in the file."""

import ast
import builtins
from dataclasses import replace

from helpers.exercises.findings import Failure, never_ends
from helpers.exercises.lost_updates import is_passed

# Locks and stores that a file may use in place of the passed ones, by their full names.
_LOCKS = ("multiprocessing", "threading", "filelock", "fcntl", "msvcrt", "portalocker", "sqlite3",
          "os.mkdir", "os.makedirs", "os.link", "os.symlink", "os.open", "os.lockf", "open", "pathlib", "tempfile",
          "socket", "mmap", "asyncio", "concurrent", "subprocess", "helpers.resources")  # fmt: skip
_STORES = (*_LOCKS, "os", "io", "shutil", "shelve", "dbm", "pickle", "json", "ctypes")
_HARMLESS = ("os.path", "os.getpid", "os.getppid", "os.fspath")


def own_lock(answer, run):
    """The Failure for a run with writes in which nobody acquired the passed lock, or None."""
    if not any(event.op in ("write", "fill") for event in run.events):
        return None
    if any(event.op == "acquire" and is_passed(event) for event in run.events):
        return None
    tool = named_tool(answer.path, _LOCKS)
    if tool:
        reason = f"Nobody acquires the lock that is passed. {tool}, in its place: only processes that acquire the same lock wait for each other. Acquire the one that is passed."
        return Failure("own_lock", reason, run)
    return None


def hangs(answer, run):
    """`never_ends`, with the tool that the file may wait for in place of the locks that are passed."""
    failure = never_ends(run)
    tool = failure and named_tool(answer.path, _LOCKS)
    if not tool:
        return failure
    say = f"{failure.reason} {tool}: does a process wait there? The orders of its steps cannot be tried then. Wait only for the locks that are passed."
    return replace(failure, name="waits_elsewhere", reason=say)


def own_lock_alone(answer, member):
    """`own_lock` for one process that runs alone, so that it need not wait for what is no step."""
    run = answer.run(team=[member], processes=1, schedule="")
    return hangs(answer, run) or own_lock(answer, run)


def own_store(answer, run, names):
    """The Failure for a run in which none of the passed resources with these `names` was written, or None."""
    if any(event.thing in names and event.op not in ("acquire", "release") for event in run.events):
        return None
    if tool := named_tool(answer.path, _STORES):
        say = "Nothing that was passed is read or written."
        return Failure("own_store", f"{say} {tool}, in its place. Use what is passed.", run)
    return None


def named_tool(path, tools=_STORES):
    """ "Line 4 uses threading.Lock" for the first line of the file that names one of the `tools`, or ""."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return ""
    for line, tool in _used(tree):
        if _lies_in(tool, tools) and not _lies_in(tool, _HARMLESS):
            return f"Line {line} uses {tool}"
    return ""


def _lies_in(tool, tools):
    return any(f"{tool}.".startswith(f"{other}.") for other in tools)


def _used(tree):
    """(line, full name) of the imported and built-in tools that the file's lines name, from top to bottom."""
    imported, builtin = _known_names(tree)
    found = {}
    for node in ast.walk(tree):
        if tool := _tool(node, imported, builtin):
            place = node.lineno, node.col_offset
            found[place] = max(found.get(place, ""), tool, key=len)  # os.path, not os
    return [(line, tool) for (line, _), tool in sorted(found.items())]


def _known_names(tree):
    """What the file's names stand for: imported tools by name, and the built-ins that it has left alone."""
    imported, own = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                imported[name] = alias.name if alias.asname else name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            own.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
    return imported, set(dir(builtins)) - own


def _tool(node, imported, builtin):
    """The full name of the imported or built-in tool that a node names; "" for any other node."""
    name = _dotted(node)
    first, _, rest = name.partition(".")
    if first in imported:
        return f"{imported[first]}.{rest}".removesuffix(".")
    return name if first in builtin else ""


def _dotted(node):
    """A node such as os.path.join as text; "" for any other."""
    if isinstance(node, ast.Attribute) and (left := _dotted(node.value)):
        return f"{left}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
