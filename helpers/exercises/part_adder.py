"""A program for the check of my_total.py: it adds parts by the learner's add_part, and asks before everything that it does.

part_adder.py FILE reads commands, one JSON list a line: ["add", folder, part], ["read", folder] or ["end"]. It says
how each one ended: "done" or "raised". On the way it stops at *gates*, says which one, and goes on when it is told ["go"]:
"op" before it touches a file, "sleep" in place of sleeping, "merge" in each call of merge (["fail", error] raises that
one there). So the check decides who comes when, and no clock does. Where it stands at no gate for some looks of
a second thread, it says "waits".
"""

import builtins
import json
import os
import sys
import threading
import time
from pathlib import Path

# merge gives total + FACTOR * part: an answer that adds the part without merge is found out.
FACTOR = 10
_LOOK, _LOOKS = 0.005, 20  # seconds between two looks; so many without a gate mean that it waits
# What is a step towards the others, beside all that touches a file of the folder.
_STEPS = ("fcntl.flock", "fcntl.lockf", "msvcrt.locking", "socket.bind", "os.kill")
_real_sleep = time.sleep


class _Gates:
    """The talk with the check. `is_in` says that the learner's function is at work, `looks` counts since the last gate."""

    def __init__(self):
        self._reported, self._heard = os.dup(1), os.fdopen(os.dup(0), "rb", buffering=0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)  # what the file prints is no answer
        self._pid, self._main = os.getpid(), threading.get_ident()
        self.is_in, self.looks = False, 0
        self.slept = 0.0

    def tell(self, kind, **more):
        if os.getpid() == self._pid:  # a child that the file has forked is not asked
            os.write(self._reported, json.dumps({"kind": kind, **more}).encode() + b"\n")

    def hear(self):
        return json.loads(self._heard.readline() or b'["end"]')

    def gate(self, kind, **more):
        """Stop here until the check lets it go on; what it says. Nothing where it is no step of the learner's function."""
        if not self.is_in or threading.get_ident() != self._main:
            return []
        self.is_in = False
        self.tell(kind, **more)
        reported = self.hear()
        self.looks, self.is_in = 0, True
        return reported

    def sleep(self, seconds):
        if self.gate("sleep", seconds=seconds):
            self.slept += seconds
        else:
            _real_sleep(seconds)

    def watch(self):
        while True:
            _real_sleep(_LOOK)
            self.looks += self.is_in
            if self.is_in and self.looks % _LOOKS == 0:
                self.tell("waits")


def _clock(gates, real, unit):
    """A clock that goes on while the program sleeps, and by a millisecond where it is asked."""
    start = real()

    def now():
        gates.slept += 0.001
        return start + type(start)(gates.slept * unit)

    return now


def _take_over_time(gates):
    time.sleep = gates.sleep
    for name in ("time", "monotonic", "perf_counter"):
        setattr(time, name, _clock(gates, getattr(time, name), 1))
        setattr(time, f"{name}_ns", _clock(gates, getattr(time, f"{name}_ns"), 10**9))


def _ask_before_each_step(gates):
    def hook(event, args):
        if gates.is_in and (event in _STEPS or _touches(gates.folder, args)):
            gates.gate("op", event=event)

    sys.addaudithook(hook)


def _touches(folder, args):
    """Whether an audited event is about a file of the folder."""
    path = args[0] if args else None
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    return isinstance(path, str) and f"{os.path.abspath(path)}{os.sep}".startswith(folder)


def _merge(gates):
    def merge(total, part):
        reported = gates.gate("merge", total=_plain(total), part=_plain(part))
        if reported[:1] == ["fail"]:
            raise getattr(builtins, reported[1])("merge failed, as it was told to")
        return total + FACTOR * part

    return merge


def _plain(value):
    return value if type(value) is int else repr(value)


def _serve(gates, learners, command, folder, *part):
    threads = set(threading.enumerate())
    gates.folder = f"{os.path.abspath(folder)}{os.sep}"
    gates.looks, gates.is_in = 0, True
    try:
        if command == "add":
            given = learners.add_part(folder, *part, _merge(gates))
        else:
            given = learners.read_total(folder)
        gates.is_in = False
        left = [thread.name for thread in threading.enumerate() if thread not in threads]
        gates.tell("done", given=_plain(given), left=left)
    except Exception as error:  # noqa: BLE001 - told to the check, whatever it is
        gates.is_in = False
        gates.tell("raised", error=f"{type(error).__name__}: {error}".removesuffix(": "))


def main(path, original):
    gates = _Gates()
    os.chdir(Path(path).parent)  # strangers start anywhere
    sys.path[:0] = [os.fspath(Path(path).parent), original]
    sys.path.append(os.fspath(Path(__file__).parents[2]))  # where helpers is
    _take_over_time(gates)
    from helpers import child  # on the path from here on

    learners = child.load_module(path)
    _ask_before_each_step(gates)
    threading.Thread(target=gates.watch, daemon=True).start()
    gates.tell("ready")
    while (command := gates.hear()) != ["end"]:
        _serve(gates, learners, *command)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
