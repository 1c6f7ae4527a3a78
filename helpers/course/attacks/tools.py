"""Tools that are no steps: what a worker does with them, no order of steps can show or repeat.

They are found in the source, before anything of it runs.
"""

import ast
import builtins
from pathlib import Path

from helpers.course.attacks.parts import Failure

_LOCKS = ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition")
_KNOWN = ("time.sleep", "os.path")
# The name of the failure, the tools (and all that lies in them), the mend. The first that fits counts.
_FOREIGN = (
    (
        "own_lock",
        [f"{module}.{lock}" for module in ("multiprocessing", "threading") for lock in _LOCKS],
        "Each process would make a lock of its own, and nobody waits for anybody. Acquire the lock that is passed.",
    ),
    (
        "foreign_tool",
        ("multiprocessing", "threading", "subprocess", "concurrent", "asyncio", "os.fork",
         "os.system", "os.popen"),
        "The course starts the processes and makes the lock. The file only defines what a process does.",
    ),
    (
        "foreign_tool",
        ("os.getpid", "os.getppid"),
        "All processes run the same lines: the repair must not hang on which of them it is.",
    ),
    (
        "foreign_tool",
        ("random", "secrets", "uuid", "numpy.random", "os.urandom"),
        "With chance in it, it goes well today and wrong tomorrow. Leave it out.",
    ),
    (
        "foreign_tool",
        ("time", "datetime"),
        "The repair must not hang on the clock. Leave it out.",
    ),
    (
        "foreign_tool",
        ("os._exit", "os.abort", "os.kill", "signal"),
        "The function must end by return or by an exception.",
    ),
    ("foreign_tool", ("input", "breakpoint"), "A child process has no keyboard. Leave it out."),
    (
        "foreign_tool",
        ("open", "os", "io", "pathlib", "shutil", "tempfile", "mmap", "socket"),
        "The files and the lock that are passed are all that the processes share here. Leave it out.",
    ),
    (
        "foreign_tool",
        ("eval", "exec", "compile", "__import__", "importlib", "ctypes"),
        "The check must be able to read what the file does. Write it out in plain lines.",
    ),
)  # fmt: skip

_ADDRESSES = (
    (
        "order_by_address",
        ("id", "hash"),
        "Each process has its own number for the same lock: two processes would see two orders. Names are the same for all.",
    ),
)


def no_foreign_tools(path):
    """The file must not use what is no step: other locks, files and processes, chance, the clock."""
    return first_used(path, _FOREIGN)


def no_addresses(path):
    """The file must not use numbers that a process gives to its own objects."""
    return first_used(path, _ADDRESSES)


def first_used(path, foreign):
    """The Failure for the first line that uses one of the `foreign` tools: (name of the failure, tools, mend) each."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    for line, tool in _used(tree):
        for name, tools, mend in foreign:
            if _lies_in(tool, tools) and not _lies_in(tool, _KNOWN):
                return Failure(name, f"Line {line} uses {tool}. {mend}")
    return None


def _lies_in(tool, tools):
    return any(f"{tool}.".startswith(f"{other}.") for other in tools)


def _used(tree):
    """(line, full name) of all tools that a child process may use, from top to bottom."""
    imported, builtin = _known_names(tree)
    found = {}
    for part in tree.body:
        for node in () if _is_main_guard(part) else ast.walk(part):
            if tool := _tool(node, imported, builtin):
                place = node.lineno, node.col_offset
                found[place] = max(found.get(place, ""), tool, key=len)  # os.path, not os
    return [(line, tool) for (line, _), tool in sorted(found.items())]


def _is_main_guard(node):
    return isinstance(node, ast.If) and "'__main__'" in ast.unparse(node.test)


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
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return node.module or ""
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
