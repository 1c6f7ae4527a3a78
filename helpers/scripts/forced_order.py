"""An order of steps that a script's own processes are made to keep: how it is written, and whether it could be kept."""

import marshal
import mmap
import re
from pathlib import Path
from typing import NamedTuple

from helpers import analysis

_STEP = re.compile(r"([A-Z]+)(?::([^:\s]+):)?([0-9]+)([rw]?)(?:#([0-9]+))?")


class OrderError(ValueError):
    """An order that cannot be read: its text says where, and how one is written."""


class Named(NamedTuple):
    """One step of an order: a process's letter, a file, a line, "r" or "w" or "" for either, and which of them (0: the next)."""

    letter: str
    file: str
    line: int
    kind: str
    which: int
    text: str


def read_order(order, script):
    """The steps of an order such as "A5 B5 B9w A9#2" for a script: a list of Named. Raises OrderError."""
    steps = []
    for number, word in enumerate(order.split(), 1):
        found = _STEP.fullmatch(word)
        if not found:
            raise OrderError(
                f"step {number} of the order, {word!r}, cannot be read: write a process and a line, such as A5, with r or w where "
                "the line reads and writes (A5r), with #2 for its second time (A5#2), and with the file where it is another one (A:util.py:5)"
            )
        letter, file, line, kind, which = found.groups()
        if not file:
            count = len(Path(script).read_bytes().splitlines())
            if not 1 <= int(line) <= count:
                raise OrderError(
                    f"step {number} of the order, {word!r}: {script} has {count} lines"
                )
        steps.append(
            Named(
                letter, file or str(Path(script).absolute()), int(line), kind, int(which or 0), word
            )
        )
    return steps


class Keeper:
    """Keeps the order of one run: its processes read it from the folder, and wait for their turns.

    `why` says in the end why it was not kept, "" where it was.
    """

    def __init__(self, steps, folder):
        self._steps, self.why, self._before, self._reached = steps, "", None, None
        Path(folder, "order").write_bytes(marshal.dumps([tuple(step[:5]) for step in steps]))
        path = Path(folder, "turn")
        path.write_bytes(bytes(16))
        with path.open("r+b") as file:
            self._words = memoryview(mmap.mmap(file.fileno(), 16)).cast("Q")

    @property
    def position(self):
        """How many of its steps have been done in this order."""
        return min(self._words[0], len(self._steps)) if self._reached is None else self._reached

    def look(self, lanes, over, things, starting):
        """Let all run free where the next step cannot come: its process has ended, or waits for one that waits for its own turn."""
        at = self.position
        if at == len(self._steps) or self._words[1]:
            return
        before, self._before = self._before, (at, [(j.letter, j.count) for j in lanes])
        if before == self._before and self._steps[at].letter not in starting:
            self.why = self._hindered(self._steps[at], lanes, over, things)
            if self.why:
                while at and self._is_asked(self._steps[at - 1], lanes):
                    at -= 1
                self._reached, self._words[1] = at, 1

    def _is_asked(self, step, lanes):
        """Whether a step that was done is no more than asked for: its process waits in it."""
        waits = next((j.waits for j in lanes if j.letter == step.letter), None)
        return waits is not None and waits.op == "acquire" and waits.done.number == step.line

    def _hindered(self, step, lanes, over, things):
        known = {journal.letter: journal for journal in lanes}
        me, been = known.get(step.letter), set()
        if (me is None and "P" in over) or (me is not None and me.letter in over):
            return _never_came(step, known)
        me = me or known.get("P")  # who has not started it yet
        first = ""
        while me is not None and me.letter not in been:
            been.add(me.letter)
            if me.turn is not None:
                position, line = me.turn
                waits = (
                    f"{me.letter} waits at {line} for its turn"
                    if line
                    else f"{me.letter} waits for its turn"
                )
                return f"{first}, and {waits}" if first and position > self.position else ""
            me, words = self._blocker(me, known, over, things)
            first = first or words
        return ""

    def _blocker(self, journal, known, over, things):
        """Who keeps a process from going on, and how: (a journal or None, words)."""
        step = journal.waits
        if step is None or step.arg not in ("", "again"):
            return None, ""
        name = things[step.thing].name
        if step.op == "join":
            return known.get(
                step.thing[1]
            ), f"{journal.letter} waits at {step.done} for the end of {name}"
        holders = [
            other for other in known.values() if other is not journal and other.held[step.thing] > 0
        ]
        if step.op != "acquire" or not holders:
            return None, ""
        words = f"{journal.letter} waits at {step.done} for {analysis.lock_words(name)}, which {holders[0].letter} holds"
        return holders[0], words

    def close(self):
        """Let go of the file."""
        self._words.release()


def _never_came(step, letters):
    return f"{step.text} never came: {step.letter} {'had ended' if step.letter in letters else 'was never started'}"


def end_words(keeper, steps, ended):
    """Whether an order was kept, in words; how many of its steps were done if not. `ended` is the run's Ended."""
    text = " ".join(step.text for step in steps)
    if keeper.position == len(steps) and not keeper.why:
        return f"The order {text} was kept."
    step = steps[keeper.position]
    why = keeper.why or f"{step.text} did not come in time"
    if not keeper.why and not ended.ended:  # the script was over between two looks
        why = _never_came(step, [journal.letter for journal in ended.recording.lanes])
    done = " ".join(each.text for each in steps[: keeper.position]) or "nothing"
    return f"The order {text} cannot be kept beyond {done}: {why}."
