"""Plain code that two processes run on one file: every ending, where each read, write and acquire is a step; and the whole program."""

from pathlib import Path
from unittest import mock

from greenlet import greenlet


class _Lock:
    """A lock as in `multiprocessing`: who finds it held stays before its acquire."""

    def __init__(self, hub):
        self._hub, self.held = hub, False

    def acquire(self):
        self._hub.switch(lambda: not self.held)
        self.held = True

    def release(self):
        self.held = False

    def __enter__(self):
        self.acquire()

    def __exit__(self, *_):
        self.release()


def endings(code, call, folder, start="0"):
    """What the file can say in the end, a set of texts, where two processes do `call` of `code`, such as "add(path, lock)"."""
    found, prefixes = set(), [""]
    while prefixes:
        prefix = prefixes.pop()
        able, text = _after(prefix, code, call, folder, start)
        prefixes += [prefix + letter for letter in able]
        if not able:
            found.add(text)
    return found


def _after(prefix, code, call, folder, start):
    """Who can move after that order, and what the file says; a process stands before a step, with what enables it."""
    path, hub = folder / "number.txt", greenlet.getcurrent()
    path.write_text(start)
    names = {"path": path, "lock": _Lock(hub), "Lock": lambda: _Lock(hub)}
    exec(code, names)  # noqa: S102 - a question of the course's own bank

    def gate(real):
        def step(*args):
            hub.switch(lambda: True)
            return real(*args)

        return step

    gates = {name: gate(getattr(Path, name)) for name in ("read_text", "write_text")}
    with mock.patch.multiple(Path, **gates):
        processes = {letter: greenlet(lambda: eval(call, names)) for letter in "AB"}
        waits = {letter: each.switch() for letter, each in processes.items()}
        for letter in prefix:
            waits[letter] = processes[letter].switch()
        able = [letter for letter, each in processes.items() if not each.dead and waits[letter]()]
    for each in processes.values():
        if not each.dead:
            each.throw()
    return able, path.read_bytes().decode()


_PROGRAM = """\
from multiprocessing import Lock, Process
from pathlib import Path

{code}


def work(path, lock, other):
    globals()["other"] = other
    {call}


if __name__ == "__main__":
    Path("number.txt").write_text("0")
    locks = Lock(), Lock()
    processes = [Process(target=work, args=(Path("number.txt"), *locks)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
"""


def program(code, call):
    """The script in which two processes do `call` of `code` at the same time, on a file number.txt that says 0."""
    return _PROGRAM.format(code=code, call=call)
