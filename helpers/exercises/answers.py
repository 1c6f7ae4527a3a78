"""A learner's file under check: what it defines, its workers, and what has been tried with it."""

import os
import stat

from helpers import lab
from helpers.exercises import looking
from helpers.exercises.findings import TWO_METHODS, Failure, Tried, heeded, never_ends


class Answer:
    """The file at `path`. `say(text)` tells the learner what is being tried."""

    def __init__(self, path, say=lambda text: None):
        self.path, self.say = os.path.abspath(path), say
        self.tried = Tried()
        self._found = {}

    def look(self, functions, names):
        """Import the file in a child, as Python imports it, and note what it defines there.

        The Failure where that cannot be done or a function is missing, else None.
        """
        if failure := self._unreadable():
            return failure
        run = heeded(lab.run(looking.look, self.path, (*functions, *names), processes=1))
        if run.verdict != "correct":
            return never_ends(run) or _not_imported(run)
        if "A" not in run.returned:
            say = "Importing the file ends the process that imports it: no line outside the functions may do that."
            return Failure("fails_at_import", say, run)
        self._found = run.returned["A"]
        for function in functions:
            if self._found.get(function) != looking.FUNCTION:
                reason = f"The file must define a function {function}, at its top level."
                return Failure("missing_function", reason)
        return None

    def _unreadable(self):
        try:
            if not stat.S_ISREG(os.stat(self.path).st_mode):  # opening a pipe would wait for ever
                return Failure("missing_file", f"{self.path} is no file.")
            open(self.path, "rb").close()
        except FileNotFoundError:
            say = f"There is no file {self.path}. Run the stub cell above, then edit the file."
            return Failure("missing_file", say)
        except OSError as error:
            return Failure("missing_file", f"{self.path} cannot be read: {error.strerror}.")
        return None

    def value(self, name):
        """The plain value that the file gives to `name`: numbers, texts, and containers of them; None for all else."""
        found = self._found.get(name)
        return found[0] if isinstance(found, tuple) else None

    def worker(self, name, calls=1):
        """The function of that name as a worker for the lab and for the model, which call it so many times in a row."""
        return lab.WorkerFile(self.path, name, calls)

    def run(self, *args, processes=4, start_method=None, **options):
        """One real run, counted among what was tried: as `lab.run`. Raises Stopped where somebody stopped it."""
        with self.processes(processes, start_method) as run:
            return run(*args, **options)

    def processes(self, count, start_method=None):
        """A context in which `run(worker, *args, ...)` gives one real run after another, by the same processes."""
        return _Runs(self.tried, count, start_method)

    def first_bad_run(self, team, bad_end, methods=TWO_METHODS, runs=2, **options):
        """What `bad_end(team, run)` says of the first of some free runs under each of the methods that ends badly, or None."""
        for method in methods:
            with self.processes(len(team), method) as run:
                for _ in range(runs):
                    if failure := bad_end(team, run(team=team, **options)):
                        return failure
        return None


class _Runs:
    def __init__(self, tried, count, start_method):
        self._tried = tried
        self._method = start_method or lab.default_start_method()
        self._set = lab.ProcessSet(count, self._method)

    def __enter__(self):
        self._set.__enter__()
        return self

    def __exit__(self, *exc_info):
        self._set.__exit__(*exc_info)

    def __call__(self, worker=None, *args, **options):
        run = heeded(self._set.run(worker, *args, **options))
        self._tried.runs[self._method] += 1
        return run


def _not_imported(run):
    crash = run.crashes[0]
    if crash.error in ("SyntaxError", "IndentationError", "TabError", "UnicodeDecodeError"):
        return Failure("syntax_error", f"Python cannot read the file: {crash.message}.")
    return Failure("fails_at_import", f"The file cannot be imported: {crash.sentence}.", run)
