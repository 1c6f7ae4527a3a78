"""A command of the check of my_total.py: adds parts by the learner's add_part, and says what came of each.

part_adder.py FILE FOLDER DIE FAIL PART...: the process dies in its merge number DIE, that number FAIL raises an exception (0: none).
It says "ready", waits for a line, then for each part "done" and what merge was given, or "raised" and the error; at last
the total.
"""

import os
import runpy
import sys
import time
from pathlib import Path

FACTOR = 10  # merge gives total + FACTOR * part: who adds the part without merge is found out
_PAUSE = 0.004  # seconds that a merge takes
_BREAK = 0.06  # seconds between two parts: more than who waits sleeps between two looks
_GAP = 0.08  # seconds before the first file is opened for writing: time for the others, if they are let in


def slow_down_first_write(folder):
    """Wait before the first file of `folder` is opened for writing: who has released the lock by then is found out."""
    left = [_GAP]

    def hook(event, args):
        if event == "open" and left and str(args[0]).startswith(folder) and _writes(args[1]):
            time.sleep(left.pop())

    sys.addaudithook(hook)


def _writes(mode):
    return isinstance(mode, str) and bool(set(mode) & set("wax+"))


class Fault(RuntimeError):
    """What a failing merge raises."""


def main(file, folder, die, fail, *parts):
    said, sys.stdout = sys.stdout, sys.stderr  # what the file prints is no answer
    os.chdir(Path(file).parent)  # strangers start anywhere
    sys.path.append(str(Path(__file__).parents[3]))  # where helpers is
    learners = runpy.run_path(file)
    calls = []

    def merge(total, part):
        calls.append(total)
        time.sleep(_PAUSE)
        if len(calls) == int(die):
            os._exit(9)  # as abruptly as by a kill
        if len(calls) == int(fail):
            raise Fault("merge failed, as it was told to")
        return total + FACTOR * part

    slow_down_first_write(folder)
    print("ready", file=said, flush=True)
    sys.stdin.readline()
    for part in parts:
        before = len(calls)
        try:
            learners["add_part"](folder, int(part), merge)
            print("done", *calls[before:], file=said, flush=True)
        except Exception as error:  # noqa: BLE001 - told to the check, whatever it is
            print("raised", type(error).__name__, error, file=said, flush=True)
        time.sleep(_BREAK)
    if not parts:
        print("total", learners["read_total"](folder), file=said, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
