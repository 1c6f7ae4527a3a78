"""`python -m docs.samples`: what differs from run to run, for the teacher's guide, into samples.json and pictures/.

It runs cells of the lessons in kernels of their own, with all cores and tied to one, and measures the memory that a
learner takes. For Linux, with the test tools installed, on a quiet machine: about a quarter of an hour.
"""

import ast
import datetime
import json
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from jupyter_client.manager import start_new_kernel

from docs.teaching import FOLDER, cells
from tests.environments import copy_tracked_files
from tests.jupyter import server

LIMIT = 900  # seconds for a cell, also on a busy machine
NUMBERS = {  # lesson: the cells to run, how many times, and what to note each time under which name
    "00": ("run", 10, {"00 four processes": "_.account.observed"}),
    "01": ("times", 1, {"01 start times": "str(_)"}),
    "02": ("worker predict run small", 10, {"02 eight processes": "run.account.observed", "02 smallest race": "small.account.observed"}),
    "03": ("source", 1, {"03 right of 40": "40 - repeat_counter(40, processes=2, times=5, pause_ms=1).failures"}),
    "04": ("predict locked team", 10, {"04 seconds": "round(locked.elapsed, 2)", "04 one careless": "_.account.observed"}),
    "05": ("predict-cell scopes-source sweep reveal", 3, {"05 times as long": "round(ratio, 1)"}),
    "06": ("module-source module-run", 1, {
        "06 spawn": "str(spawned)",
        "06 fork": "str(diagnose(run_sharing(program='a lock at the top of the module', start_method='fork')))",
    }),
    "07": ("given-source given", 10, {"07 transfers": "transfers_done(stuck)"}),
    "08": ("predict all", 1, {"08 held": "[way.value for way in Exit if lock_fate(run_crash(exit=way)) != 'free']"}),
    "09": ("predict plain-worker frozen", 1, {"09 frozen": "frozen.sentence"}),
    "10": ("predict-cell pieces-source pieces-run", 10, {"10 whole lines": "pieces.kept"}),
    "11": ("predict-cell compare reveal", 1, {"11 go on": "survived"}),
    "13": ("bonus predict-source predict-cell race-run close", 5, {"13 on a cluster": "unlocked.account.observed"}),
}  # fmt: skip
DRAWN = {  # lesson: what to draw, after the cells above
    "02": "run",
    "03": "explore(increment_without_lock, CounterFile(), 5, 0)",
    "04": "locked",
    "05": "sweep",
    "06": "spawned",
    "07": "stuck",
    "08": "run_crash(exit='kill() inside with')",
    "09": "frozen",
    "10": "pieces",
}
RECORDED = "02"  # the lesson whose run is shown, with its timeline, where there are no processes
WALKED = """
import json
from helpers import front
with open({0!r}, "w", encoding="utf-8") as file:
    json.dump(front.payload(drawn) | {{"made": {1!r}}}, file, ensure_ascii=False, separators=(",", ":"))
"""
DRAW = """
from helpers.pictures.declared import PICTURES, alt_text
from PIL import Image
drawn = {0}
PICTURES[type(drawn)].draw(drawn).savefig({1!r})  # at the house's resolution, for which pictures are laid out
Image.open({1!r}).convert("RGB").reduce(2).quantize(64).save({1!r}, optimize=True)
"""


def main():
    """Writes samples.json and the pictures."""
    with TemporaryDirectory() as folder:
        copy_tracked_files(Path(folder))
        told = {"made": {}, "memory": memory(folder), "alt": {}, "all cores": {}, "one core": {}}
        for lesson in NUMBERS:
            with kernel(folder) as ask:
                told["all cores"] |= numbers(ask, lesson)
                if lesson in DRAWN:
                    path = str(FOLDER / "pictures" / f"{lesson}.png")
                    told["alt"][lesson] = ask(DRAW.format(DRAWN[lesson], path), "alt_text(drawn)")
                told["made"] = ask("", "lab.Machine.here(lab.default_start_method())._asdict()")
                told["made"]["date"] = datetime.date.today().isoformat()
                if lesson == RECORDED:
                    ask(WALKED.format(str(FOLDER / "pictures" / f"{lesson}.json"), told["made"]))
            with kernel(folder, one_core=True) as ask:
                told["one core"] |= numbers(ask, lesson)
            print(lesson, told["all cores"], flush=True)
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / "samples.json").write_text(text, encoding="utf-8")


def numbers(ask, lesson):
    """What NUMBERS says of a lesson: by name, a list with one value for each time."""
    ids, count, notes = NUMBERS[lesson]
    sources, found = cells(lesson), {name: [] for name in notes}
    for _ in range(count):
        for name in ids.split():
            ask(sources[name])
        for name, expression in notes.items():
            found[name].append(ask("", expression))
    return found


@contextmanager
def kernel(folder, one_core=False):
    """A kernel in the folder of lessons, after the setup cell: `ask(code, expression)` runs code there and gives a value."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)} if one_core else allowed)
    manager, client = start_new_kernel(cwd=str(Path(folder, "notebooks")))
    os.sched_setaffinity(0, allowed)

    def ask(code, expression="None"):
        found = client.execute(code, user_expressions={"it": expression}, reply=True, timeout=LIMIT)
        content = found["content"]
        if content["status"] == "error" or content["user_expressions"]["it"]["status"] == "error":
            raise RuntimeError(f"{code}\n{expression}\n{content}")
        return ast.literal_eval(content["user_expressions"]["it"]["data"]["text/plain"])

    try:
        ask(cells("00")["setup"])
        yield ask
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def memory(folder):
    """Megabytes by what runs: proportional set size, in which memory that processes share is counted once."""
    with TemporaryDirectory() as empty, server(empty):
        found = {"server": _megabytes(psutil.Process().children(recursive=True))}
    with kernel(folder) as ask:
        ask("run_counter()")
        process = psutil.Process(ask("", "os.getpid()"))
        found["kernel"] = _megabytes([process, *process.children(recursive=True)])
        run = threading.Thread(
            target=ask, args=("run_counter(processes=8, times=100, pause_ms=5)",)
        )
        run.start()
        most = []
        while run.is_alive():
            most.append(_megabytes([process, *process.children(recursive=True)]))
        found["eight processes"] = max(most) - found["kernel"]
    return found


def _megabytes(processes):
    """Of all of them; one that ends meanwhile counts as nothing."""
    sizes = []
    for one in processes:
        try:
            sizes.append(one.memory_full_info().pss)
        except psutil.Error:
            continue
    return round(sum(sizes) / 1e6)


if __name__ == "__main__":
    main()
