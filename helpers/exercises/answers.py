"""A learner's file under check: what it defines, its workers, what has been tried with it, and which tools it names."""

import ast
import builtins
import os
from contextlib import contextmanager
from functools import cache
from itertools import groupby

from helpers import lab
from helpers.exercises import findings, looking
from helpers.exercises.findings import TWO_METHODS, Failure, Tried

# Locks and stores that a file may use in place of the passed ones, by their full names.
_LOCKS = ("multiprocessing", "threading", "filelock", "fcntl", "msvcrt", "portalocker", "sqlite3",
          "os.mkdir", "os.makedirs", "os.link", "os.symlink", "os.open", "os.lockf", "open", "pathlib", "tempfile",
          "socket", "mmap", "asyncio", "concurrent", "subprocess", "helpers.resources")  # fmt: skip
_STORES = (*_LOCKS, "os", "io", "shutil", "shelve", "dbm", "pickle", "json", "ctypes")
_UNREADABLE = "SyntaxError", "IndentationError", "TabError", "UnicodeDecodeError"
_HARMLESS = ("os.path", "os.getpid", "os.getppid", "os.fspath")


class Answer:
    """The file at `path`. `say(text)` tells the learner what is being tried. With an `order`, only that is looked for."""

    def __init__(self, path, say=lambda text: None, order=""):
        self.path, self.say, self.order = os.path.abspath(path), say, order
        self.tried = Tried()
        self._found, self._functions, self.taken = {}, (), None
        self.names = ()  # of all that it must define
        # What `once(make, *args)` first gave: with other things processes would have to be started anew.
        self.once = cache(lambda make, *args: make(*args))

    def look(self, functions, names):
        """Import the file in a child, as Python imports it, and note what it defines there.

        Yields the Failure where that cannot be done or a function is missing. A file that must define nothing is a program:
        it is run, and never imported.
        """
        self._functions, self.names = functions, (*functions, *names)
        # Opening a pipe would wait for ever.
        if not os.path.isfile(self.path) or not os.access(self.path, os.R_OK):
            yield f"missing_file: There is no file {self.path} that can be read. Run the stub cell above, then edit the file."
        if not self.names:
            return
        run = findings.heeded(lab.run(looking.look, self.path, (*functions, *names), processes=1))
        if run.verdict != "correct":
            yield from findings.about(findings.never_ends(run), run=run)
            crash = run.crashes[0]
            if crash.error in _UNREADABLE:
                yield f"syntax_error: Python cannot read the file: {crash.message}."
            yield Failure("fails_at_import", f"The file cannot be imported: {crash.sentence}.", run)
        if "A" not in run.returned:
            say = "Importing the file ends the process that imports it: no line outside the functions may do that."
            yield Failure("fails_at_import", say, run)
        self._found = run.returned["A"]
        for function in functions:
            if self._found.get(function) != looking.FUNCTION:
                yield f"missing_function: The file must define a function {function}, at its top level."

    def value(self, name):
        """The value that the file gives to `name`: numbers, texts, and containers of them, and for all else the name of its class."""
        found = self._found.get(name)
        return found[0] if isinstance(found, tuple) else None

    def worker(self, name, calls=1):
        """The function of that name as a worker for the lab and for the model, which call it so many times in a row."""
        return lab.WorkerFile(self.path, name, calls)

    def named(self, team, found, **more):
        """The failures `about` a team; where the file has several functions and the team one, their reasons begin with its name."""
        names = {worker.name for worker, _ in team if isinstance(worker, lab.WorkerFile)}
        failures = findings.about(found, **more)
        is_one = len(names) == 1 < len(self._functions)
        return findings.named(*names, failures) if is_one else failures

    def run(self, *args, processes=4, **options):
        """One real run, counted among what was tried: as `lab.run`; a `team` says how many processes. Raises Stopped where somebody stopped it."""
        count = len(options["team"]) if "team" in options else processes
        with self.processes(count) as run:
            return run(*args, **options)

    def take(self, team, fault=None):
        """Where one order is asked for, let real processes take it if it fits this team: `taken` is their Run, or says why not."""
        if self.order and not isinstance(self.taken, lab.Run):
            try:
                how = {"schedule": self.order, "fault": fault}
                self.taken = lab.run(team=team, processes=len(team), **how)
            except ValueError as error:
                self.taken = self.taken if isinstance(error, lab.OtherSetup) else error

    @contextmanager
    def processes(self, count, start_method=None):
        """A context in which `run(worker, *args, ...)` gives one real run after another, by the same processes."""
        method = start_method or lab.default_start_method()
        with lab.ProcessSet(count, method) as processes:

            def run(worker=None, *args, **options):
                self.take(options.get("team", [(worker, args)] * count), options.get("fault"))
                done = findings.heeded(processes.run(worker, *args, **options))
                self.tried.runs[method] += 1
                return done

            yield run

    def run_teams(self, teams, bad_end, methods=TWO_METHODS, runs=2, **options):
        """What `bad_end(answer, team, run)` finds in some runs of each team under each of the methods."""
        for method in methods:
            for count, some in groupby(teams, key=len):
                with self.processes(count, method) as run:
                    for team in (team for team in some for _ in range(runs)):
                        done = run(team=team, **options)
                        yield from self.named(team, bad_end(self, team, done), run=done)

    def in_turn(self, teams, bad_end):
        """What `bad_end(answer, team, run)` finds in a run of each team, its processes one after the other."""
        return self.run_teams(teams, bad_end, [lab.default_start_method()], runs=1, schedule="")


# ---- tools used in place of what is passed: recognised by what happened in a run, named by their line in the file


def own_lock(answer, run):
    """The Failure for a run with writes in which nobody acquired the passed lock."""
    taken = (event.identity for event in run.events if event.op == "acquire")
    is_written = any(event.op in ("write", "fill") for event in run.events)
    tool = named_tool(answer.path, _LOCKS)
    if tool and is_written and not any(map(findings.is_passed, taken)):
        yield f"own_lock: Nobody acquires the lock that is passed. {tool} in its place, but only processes that acquire the same lock wait for each other. Acquire the one that is passed."


def hangs(answer, run):
    """`never_ends`, with the tool that the file may wait for in place of the locks that are passed."""
    for found in findings.never_ends(run):
        if tool := named_tool(answer.path, _LOCKS):
            yield f"waits_elsewhere: {found.removeprefix('never_ends: ')} {tool}: does a process wait there? Then the orders of its steps cannot be tried. Wait only for the locks that are passed."
        yield found


def own_store(answer, run, *names):
    """The Failure for a run in which one of the passed resources, which have these names, was never touched."""
    tool = named_tool(answer.path)
    if tool and not {*names} <= {event.shared for event in run.events}:
        yield f"own_store: Nothing that was passed is read or written. {tool} instead. Use what is passed."


def named_tool(path, tools=_STORES):
    """ "Line 4 uses threading.Lock" for the first line of the file that names one of the `tools`, or ""."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return ""
    known, found = _known_names(tree), {}
    for node in ast.walk(tree):  # os.path comes before the os in it
        dotted = ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        name, _, rest = dotted.partition(".")
        if name in known and dotted.replace(".", "").isidentifier():
            tool = f"{known[name]}.{rest}".removesuffix(".")
            found.setdefault((node.lineno, node.col_offset), tool)
    for (line, _), tool in sorted(found.items()):
        if _lies_in(tool, tools) and not _lies_in(tool, _HARMLESS):
            return f"Line {line} uses {tool}"
    return ""


def _lies_in(tool, tools):
    return any(f"{tool}.".startswith(f"{other}.") for other in tools)


def _known_names(tree):
    """What the file's names stand for: imported tools, and the built-ins that it has left alone."""
    imported, nodes = {}, [*ast.walk(tree)]
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                name = alias.name if alias.asname or module else alias.name.partition(".")[0]
                imported[alias.asname or name] = f"{module}{name}"
    own = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    own |= {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    own |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    return {name: name for name in dir(builtins) if name not in own} | imported
