"""The course where there are no processes, threads, Matplotlib, NumPy and greenlet: in a CPython without them, and in Pyodide."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from cases import exhaustive
from conftest import ROOT
from scripts import python

from tests.environments import make

SAYS = "this Python runs inside a browser, where there are no processes"
RECORDED = (
    r"A real run, recorded on 20\d\d-\d\d-\d\d by Python 3\.\d+\.\d+ on \w+:</div><div .*<img alt="
)
NEEDS_PROCESSES = [
    "lab.run(worker, CounterFile(), 1, 0)", "run_counter()", "RacePanel()", "check('my_total.py')",
    "run_program('start_times.py')", "Lock().acquire()", "multiprocessing.Lock()",
]  # fmt: skip


def tried_here(folder, *parts, hidden=""):
    """What the trial finds in this Python, without what a browser's has not."""
    result = folder / "here.json"
    environment = {**os.environ, "COURSE_HIDDEN": hidden, "IPYTHONDIR": str(folder)}
    done = python("-m", "tests.pyodide.trial", result, *parts, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(result.read_text(encoding="utf-8"))


def assert_works(panels, refusals):
    """Walking, looking for an order, a challenge and a question work; the rest says what it needs and shows a run."""
    assert (panels["moved"], panels["failing"]) == ("AB", "ABBA")
    assert "4 of 6 orders go wrong" in panels["outcomes"]
    assert [panels[name].count("<table aria-label") for name in ("walked", "outcomes")] == [1, 2]
    assert "<img" not in panels["walked"] + panels["outcomes"]
    assert re.search(f"{SAYS}.*{RECORDED}", panels["real"])
    assert "Goal met in 4 steps!" in panels["challenge"]
    assert re.search(r">a\) (Right|Wrong)\. ", panels["question"])
    for code in NEEDS_PROCESSES:
        error, shown = refusals.pop(code)
        assert error in ("NoProcesses", "ModuleNotFoundError"), code
        assert re.match(f"<div><b>{SAYS}.*{RECORDED}", shown), code
    assert {error for error, _ in refusals.values()} == {"NoneType"}
    assert f"⚠ {SAYS}" in refusals["lab.warm(); passport()"][1]
    (shown,) = (html for code, (_, html) in refusals.items() if code.startswith("explore"))
    assert re.findall(r">(counter: \d)</td>", shown) == ["counter: 1", "counter: 2"]


def test_without_processes_threads_and_drawing_the_rest_works(tmp_path):
    told = tried_here(tmp_path, "panels", "refusals", hidden="greenlet anywidget")
    assert_works(**told)


@exhaustive
@pytest.mark.network
@pytest.mark.timeout(900)
def test_in_pyodide_the_explorations_of_all_lessons_find_what_they_find_here(tmp_path):
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Pyodide is run by node and installed by npm: they are not here")
    made = f"{sys.prefix}-pyodide"
    make(f"{made}/.made")
    wheels = list((ROOT / made / "wheels").glob("*.dist-info/WHEEL"))
    tags = {
        tag for path in wheels for tag in re.findall("^Tag: (.*)", path.read_text(), re.MULTILINE)
    }
    assert tags == {"py3-none-any"} and len(wheels) > 10

    result = tmp_path / "there.json"
    command = ["node", ROOT / "tests" / "pyodide" / "trial.mjs", made, result]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    there, here = (
        json.loads(result.read_text(encoding="utf-8")),
        tried_here(tmp_path, "explorations"),
    )
    assert_works(there["panels"], there["refusals"])
    found = {cell: [told for told, _ in all_of] for cell, all_of in there["explorations"].items()}
    right = {cell: [told for told, _ in all_of] for cell, all_of in here["explorations"].items()}
    assert found == right and len(found) > 20
    print(compared(here["explorations"], there["explorations"]))


def compared(here, there):
    """How long the explorations took in Pyodide, in words: all, and the slowest beside CPython's."""
    seconds = [
        sum((seconds for all_of in found.values() for _, seconds in all_of), 0.0)
        for found in (here, there)
    ]
    pairs = [zip(here[cell], there[cell], strict=True) for cell in here]
    most = max(there[1] / here[1] for pair in pairs for here, there in pair)
    return f"explorations: {seconds[0]:.1f} s here, {seconds[1]:.1f} s in Pyodide; at most {most:.1f} times as long"
