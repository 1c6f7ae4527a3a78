"""The scripts in tests/watched: what each one says of itself, and what `watch` says of it.

The first lines of a script are comments: its fault, and the last lines that it may print, where everything goes well and where
the fault does its harm. A script without a fault is right.

    # fault: lost update of number.txt, line 14
    # right end: 2
    # wrong end: 1

Several ends are written as `30 or 50`, and as `2 to 39` where a number may be any of these. The end `stuck` is a standstill.
With `# sets its start method` none is chosen for it.

`python -m tests.watching` runs all of them, and prints a table: what was found, and what the order found has led to.
"""

import contextlib
import multiprocessing
import re
import shutil
import tempfile
from functools import cached_property
from pathlib import Path

from helpers.scripts import watch

FOLDER = Path(__file__).parent / "watched"
_HEADER = re.compile(r"# ([a-z ]+)(?:: (.*))?")
_RANGE = re.compile(r"(\d+) to (\d+)")


class Script:
    """One of the scripts, with what is expected of it."""

    def __init__(self, path):
        self.path, self.name = path, path.stem
        lines = path.read_text(encoding="utf-8").splitlines()
        heads = (_HEADER.fullmatch(line) for line in lines)
        self._says = dict(head.groups() for head in iter(lambda: next(heads), None))
        self.sets_its_method = "sets its start method" in self._says
        self.fault, _, at = self._says.get("fault", "").partition(", line")
        self.lines = {int(number) for number in re.findall(r"\d+", at)}

    @cached_property
    def methods(self):
        """The start methods with which it is run; None where it sets its own."""
        return [None] if self.sets_its_method else multiprocessing.get_all_start_methods()

    def ends_right(self, end):
        """Whether an end is one without harm."""
        return _is_among(end, self._says["right end"])

    def ends_wrong(self, end):
        """Whether an end is one that the fault leads to."""
        return _is_among(end, self._says.get("wrong end", "")) and not self.ends_right(end)


def _is_among(end, ends):
    return any(_is_like(end, each) for each in ends.split(" or "))


def _is_like(end, expected):
    """Whether a text is the expected one, in which `2 to 39` stands for any of these numbers."""
    ranges = [range(int(least), int(most) + 1) for least, most in _RANGE.findall(expected)]
    texts = [re.escape(part) for part in _RANGE.sub("\n", expected).split("\n")]
    found = re.fullmatch(r"(\d+)".join(texts), end)
    numbers = map(int, found.groups()) if found else ()
    return bool(found) and all(n in span for n, span in zip(numbers, ranges, strict=True))


def scripts(kind="*"):
    """The scripts `right_*`, `wrong_*`, or all of them, by name."""
    return [Script(path) for path in sorted(FOLDER.glob(f"{kind}_*.py"))]


@contextlib.contextmanager
def own_copy(script):
    """Work in a new folder that has a copy of the script, and nothing else: the folder."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        shutil.copy(script.path, folder)
        yield Path(folder)


def watched(script, method=None, order=""):
    """A run of a copy of the script: the Watched."""
    with own_copy(script):
        return watch(script.path.name, start_method=method, order=order)


def end(seen):
    """How a run ended: the last line that it printed, or why it had to be ended."""
    return seen.ended or (seen.output.strip().splitlines() or [""])[-1]


def fault(seen):
    """The fault that a run was found to have, in the words of the scripts' first lines; "" for none."""
    if seen.stuck:
        return "kept lock" if seen.stuck.verdict == "orphaned_lock" else seen.stuck.verdict
    if seen.collisions:
        return f"{seen.collisions[0].kind} of {seen.collisions[0].name}"
    if seen.crossings:
        return "deadlock"
    return "kept lock" if seen.kept_locks else ""


def lines_named(seen):
    """The numbers of all lines that its sentence names."""
    parts = re.findall(r"\blines? (\d+(?:(?:, | and )\d+)*)", seen.sentence.lower())
    return {int(number) for part in parts for number in re.findall(r"\d+", part)}


def is_named(script, seen):
    """Whether a run was found to have the script's fault, and its sentence names the lines."""
    return fault(seen) == script.fault and script.lines <= lines_named(seen)


def _tried(script, method):
    """A run of a script, and one that keeps the order found, None without one."""
    seen = watched(script, method)
    return script, method, seen, watched(script, method, seen.order) if seen.order else None


def _row(script, method, seen, kept):
    named = "yes" if is_named(script, seen) else seen.sentence
    row = [script.name, method or "its own", fault(seen) or "none", named, end(seen)]
    how = "" if not kept or kept.kept.endswith("was kept.") else f" ({kept.kept})"
    return [*row, seen.order, f"{end(kept)}{how}" if kept else ""]


def _sums(tried):
    """How many of the scripts with a fault did as they should under one start method, and how many of the right ones."""
    wrong = [each for each in tried if each[0].fault]
    named = [seen for script, _, seen, _ in wrong if is_named(script, seen)]
    harmed = [script for script, _, _, kept in wrong if kept and script.ends_wrong(end(kept))]
    alarms = [seen for script, _, seen, _ in tried if not script.fault and fault(seen)]
    yield f"faults named: {len(named)} of {len(wrong)}"
    yield f"in a run that ended right: {sum(seen.exit_code == 0 for seen in named)}"
    yield f"orders that did the harm: {len(harmed)}"
    yield f"alarms on {len(tried) - len(wrong)} right ones: {len(alarms)}"


def main():
    """Print the table, and below it the sums for each start method; scripts that set their own count for each."""
    columns = "Script", "Start method", "Fault found", "Named", "End", "Order found", "Its end"
    print("|", " | ".join(columns), "|")
    print("| --- " * len(columns), "|", sep="")
    tried = []
    for script in scripts():
        for method in script.methods:
            tried.append(_tried(script, method))
            print("|", " | ".join(_row(*tried[-1])), "|", flush=True)
    for method in multiprocessing.get_all_start_methods():
        ran = [each for each in tried if each[1] in (method, None)]
        print(f"\n{method}: {', '.join(_sums(ran))}")


if __name__ == "__main__":
    main()
