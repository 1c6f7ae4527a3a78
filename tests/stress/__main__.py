"""Run the course on a busy machine, and print what it said there.

    python -m tests.stress                    # all
    python -m tests.stress solutions claims   # parts
    python -m tests.stress lessons 04 07      # some lessons only, or their solutions

The exit status is 1 where one of the demands in the table is not met.
"""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.environments import ROOT
from tests.stress.cases import PATHS, claims, solutions
from tests.stress.load import LOOPS, busy_machine

_TIMES = 3  # for each solution
_PASSED, _SECONDS = 0.9, 60
_LIMIT = 3600  # seconds for one case
# Not as a main module: each spawned child would import that again, with all that it imports, as no child of a lesson does.
_CASE = "import sys; from tests.stress.cases import main; main(*sys.argv[1:])"
_AT_ONCE = 6  # claims side by side: they wait for their turns most of the time


def tried(*args):
    """What one case printed, as a dict; {"stopped": why} where it did not come to its end."""
    command = [sys.executable, "-c", _CASE, *map(str, args)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # A group of its own, so that it can be ended whole, but no session: Linux gives each session its share of the cores.
    child = subprocess.Popen(command, cwd=ROOT, process_group=0, encoding="utf-8", **pipes)
    try:
        said, errors = child.communicate(timeout=_LIMIT)
        return json.loads(said.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"stopped": f"still working after {_LIMIT} s"}
    except (ValueError, IndexError):
        last = errors.strip().splitlines()[-1:] or [f"exit code {child.returncode}"]
        return {"stopped": last[0]}
    finally:
        if hasattr(os, "killpg"):
            end_group(child)
        child.kill()
        child.wait()
        child.stdout.close(), child.stderr.close()


def end_group(child):
    """End what a case has started and left."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


class Table:
    """Lines as they come, then the demands; `missed` counts those that were not met."""

    def __init__(self):
        self.states, self.slow, self.contradicted, self.stopped = [], 0, 0, 0

    def solution(self, name, found):
        state = found.get("state", "stopped")
        seconds = found.get("seconds", 0.0)
        self.states.append(state)
        self.slow += seconds > _SECONDS
        self.stopped += state == "stopped"
        words = "" if state == "passed" else found.get("said") or found["stopped"]
        say(f"{state:12} {seconds:6.1f} s  {name}  {words}")

    def reported(self, name, found):
        for line in found.get("contradicted", ()):
            self.contradicted += 1
            say(f"contradicted          {name}: {' | '.join(line)}")
        if found.get("stopped"):
            self.stopped += 1
            say(f"stopped               {name}: {found['stopped']}")
        if not found.get("contradicted") and not found.get("stopped"):
            say(f"held                  {name}")

    def end(self):
        """Print the demands; how many were missed."""
        count, passed = len(self.states), self.states.count("passed")
        enough = passed >= _PASSED * count
        rows = [
            ("solutions passed", f"{passed} of {count}", enough, "at least 90 %"),
            (f"solutions that took over {_SECONDS} s", self.slow, not self.slow, "0"),
            ("solutions not finished", self.states.count("not finished"), True, "limit used up"),
            ("solutions refused", self.states.count("not yet"), "not yet" not in self.states, "0"),
            ("sentences contradicted", self.contradicted, not self.contradicted, "0"),
            ("lessons and other cases that stopped", self.stopped, not self.stopped, "0"),
        ]
        say(f"\n{'what':40} {'found':>12}   demanded")
        for what, found, is_met, demanded in rows:
            say(f"{what:40} {found!s:>12}   {demanded}{'' if is_met else '   MISSED'}")
        return sum(not is_met for _, _, is_met, _ in rows)


def say(line):
    """Print a line at once."""
    print(line, flush=True)


def try_solutions(table, paths):
    """Every solution of these lessons through the check, three times."""
    for _ in range(_TIMES):
        for path, name, source in solutions():
            if path in paths:
                table.solution(name, tried("solution", name, source))


def try_lessons(table, paths):
    """Each of these lessons, with the predicates of its sentences."""
    for path in paths:
        table.reported(path.stem, tried("lesson", path))


def try_claims(table, _):
    """Every claim that holds on any machine, in ten runs of its experiment."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda claim: (claim[1], tried("claim", *claim)), claims())
        for name, reported in found:
            table.reported(f"claim {name}", reported)


PARTS = {"solutions": try_solutions, "lessons": try_lessons, "claims": try_claims}


def main(*args):
    """Run these parts, or all: the exit status."""
    paths = [path for path in PATHS if path.stem[:2] in args] or PATHS
    parts = [name for name in args if not name.isdigit()]
    if unknown := set(parts) - set(PARTS):
        return f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
    table, began = Table(), time.perf_counter()
    with busy_machine():
        say(f"Python {sys.version.split()[0]}, {LOOPS} busy loops on two cores")
        for name in parts or PARTS:
            PARTS[name](table, paths)
    missed = table.end()
    say(f"after {(time.perf_counter() - began) / 60:.0f} minutes")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
