"""A program for the check of my_total.py: it adds parts by the learner's add_part, and asks before everything that it does.

`main` loads the file and then carries out commands, ("add_part", folder, part) or ("read_total", folder). It says
how each one ended, the loading too: "done" or "raised". On the way it stops at *gates*, says which one, and goes on when it
is told ("go",): "op" before it touches a file, "sleep" in place of sleeping, "merge" in each call of merge (("fail", error)
raises that one there). So the check decides who comes when, and no clock does. Where it stands at no gate for some
looks of a second thread, it says "waits". With each of these go `calls`, those of merge, `steps`, the gates "op", both
since the command began, and `clock`, the program's own in seconds.
"""

import builtins
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path

# merge gives total + FACTOR * part: an answer that adds the part without merge is found out.
FACTOR = 10
_LOOK, _LOOKS = 0.005, 20  # seconds between two looks; so many without a gate mean that it waits
_TICK = 0.001  # seconds that each gate and each look at a clock takes by the program's clock
# What is a step towards the others, beside all that touches a file of the folder.
_STEPS = ("fcntl.flock", "fcntl.lockf", "msvcrt.locking", "socket.bind", "os.kill")
_real_sleep, _real_clock = time.sleep, time.perf_counter


class _Gates:
    """The talk with the check. `is_in` says that the learner's function is at work, `looks` counts since the last gate.

    From now on, sleeping is a gate and takes no time. Python's clocks show `clock`: it goes on by what the program
    sleeps, and by what it waits elsewhere.
    """

    def __init__(self, conn):
        self._conn, self._one_at_a_time = conn, threading.Lock()
        self._me = os.getpid(), threading.get_ident()
        self.is_in, self.looks, self.clock = False, 0, 0.0
        self.folder, self.calls, self.steps = "", [], 0
        time.sleep = self._sleep
        for name in ("time", "monotonic", "perf_counter"):
            for clock, unit in ((name, 1), (f"{name}_ns", 10**9)):
                setattr(time, clock, partial(self._now, getattr(time, clock)(), unit))

    def tell(self, kind, **more):
        if os.getpid() != self._me[0]:
            os._exit(0)  # a process that the file has forked ends where its call ends
        with self._one_at_a_time:
            if kind != "waits" or self.is_in:
                self.is_in = kind == "waits"
                where = {"calls": self.calls, "steps": self.steps, "clock": self.clock}
                self._conn.send({"kind": kind, **where, **more})

    def hear(self):
        """What the check says next; the learner's function is at work from then on."""
        try:
            said = self._conn.recv()
        except (EOFError, OSError):  # the check has no more to say
            os._exit(0)
        self.looks, self.is_in = 0, True
        return said

    def gate(self, kind, seconds=0, calls=()):
        """Stop here until the check lets it go on; what it says. None where it is no step of the learner's function."""
        if not self.is_in or (os.getpid(), threading.get_ident()) != self._me:
            return None
        self.clock += _TICK + seconds
        self.steps += kind == "op"
        self.calls += calls
        self.tell(kind)
        return self.hear()

    def watch(self):
        while True:
            began = _real_clock()
            _real_sleep(_LOOK)
            if self.is_in:
                self.looks += 1
                self.clock += _real_clock() - began
                if self.looks % _LOOKS == 0:
                    self.tell("waits")

    def _sleep(self, seconds):
        if not self.gate("sleep", seconds):
            _real_sleep(seconds)

    def _now(self, start, unit):
        self.clock += _TICK
        return start + type(start)(self.clock * unit)

    def before_event(self, event, args):
        """The audit hook."""
        is_path = self.is_in and args and isinstance(args[0], (str, bytes))
        path = os.path.abspath(os.fsdecode(args[0])) if is_path else ""
        if event in _STEPS or Path(path).is_relative_to(self.folder):
            self.gate("op")

    def merge(self, total, part):
        said = self.gate("merge", calls=[(_plain(total), _plain(part))])
        if said and said[0] == "fail":
            raise getattr(builtins, said[1])("merge failed, as it was told to")
        return total + FACTOR * part

    def carry_out(self, call, *args):
        """Call a function, tell how that ended, and give back what it gave."""
        try:
            given = call(*args)
            self.tell("done", given=_plain(given))
            return given
        except Exception as error:  # noqa: BLE001 - told to the check, whatever it is
            self.tell("raised", error=f"{type(error).__name__}: {error}".removesuffix(": "))


def _plain(value):
    return value if type(value) is int else repr(value)


def main(conn, path, original):
    """Be a program that uses the file at `path`, a copy of one in the folder `original`, until the check closes `conn`."""
    if hasattr(os, "setsid"):
        os.setsid()  # what the file starts is in its group
        os.set_inheritable(conn.fileno(), False)  # else that would keep `conn` open
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    home = os.path.dirname(path)
    os.chdir(home)  # strangers start anywhere
    sys.path[:0] = [home, original]
    gates = _Gates(conn)
    from helpers import child  # now that sleeps are gates

    learners = gates.carry_out(child.load_module, path)
    sys.addaudithook(gates.before_event)
    threading.Thread(target=gates.watch, daemon=True).start()
    while True:
        function, folder, *part = gates.hear()
        gates.folder, gates.calls, gates.steps = os.path.abspath(folder), [], 0
        if part:
            part.append(gates.merge)
        gates.carry_out(getattr(learners, function), folder, *part)
