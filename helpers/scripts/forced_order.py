"""An order of steps that a script's own processes are made to keep: how it is written, and whether it could be kept."""

import marshal
import mmap
import os
import re
from collections import namedtuple
from pathlib import Path

_STEP = re.compile(r"([A-Z]+)(?::([^:\s]+):)?([0-9]+)([rw]?)(?:#([0-9]+))?")


class OrderError(ValueError):
    """An order that cannot be read: its text says where, and how one is written."""


class Named(namedtuple("Named", "letter file line kind which text")):
    """One step of an order: a process's letter, a file, a line, "r" or "w" or "" for either, and which of them (0: the next)."""


def read_order(order, script):
    """The steps of an order such as "A5 B5 B9w A9#2" for a script: a list of Named. Raises OrderError."""
    steps, count = [], len(Path(script).read_bytes().splitlines())
    for number, word in enumerate(order.split(), 1):
        if not (found := _STEP.fullmatch(word)):
            raise OrderError(
                f"step {number} of the order, {word!r}, cannot be read: write a process and a line, such as A5, with r or w where "
                "the line reads and writes (A5r), with #2 for its second time (A5#2), and with the file where it is another one (A:util.py:5)"
            )
        letter, file, line, kind, which = found.groups()
        if not file and not 1 <= int(line) <= count:
            raise OrderError(f"step {number} of the order, {word!r}: {script} has {count} lines")
        file = file or os.path.abspath(script)
        steps.append(Named(letter, file, int(line), kind, int(which or 0), word))
    return steps


class Keeper:
    """Keeps the order of one run: its processes read it from the folder, and wait for their turns.

    `why` says in the end why it was not kept, "" where it was.
    """

    def __init__(self, steps, folder):
        self.steps, self.why, self._before, self._reached = steps, "", None, None
        Path(folder, "order").write_bytes(marshal.dumps([tuple(step[:5]) for step in steps]))
        path = Path(folder, "turn")
        path.write_bytes(bytes(8 * (2 + len({step.letter for step in steps}))))
        with path.open("r+b") as file:
            self._words = memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")

    @property
    def position(self):
        """How many of its steps have been done in this order."""
        return min(self._words[0], len(self.steps)) if self._reached is None else self._reached

    def look(self, processes):
        """Let all run free where the next step cannot come: its process has ended, or waits for one that waits for its own turn."""
        at, known = self.position, {journal.letter: journal for journal in processes}
        if at == len(self.steps) or self._words[1]:
            return
        before, self._before = self._before, (at, [(j.letter, j.count) for j in processes])
        if before == self._before and (why := self._hindered(self.steps[at], known)):
            while at and _is_asked(self.steps[at - 1], known):
                at -= 1
            self.why, self._reached, self._words[1] = why, at, 1

    def _hindered(self, step, known):
        """Why a step cannot come, in words; "" where it may. `known` has the journals by letter."""
        me, been, first = known.get(step.letter) or known.get("P"), set(), ""
        if me and me.is_over:
            return _never_came(step, known)
        while me and me.pid and me not in been:
            been.add(me)
            if me.turn is not None:
                position, line = me.turn
                waits = f"{me.letter} waits{f' at {line}' if line else ''} for its turn"
                return f"{first}, and {waits}" if first and position > self.position else ""
            me, words = _blocker(me, known)
            first = first or words
        return ""

    def end_words(self, ended):
        """Whether the order was kept, in words; how many of its steps were done if not. `ended` is the run's Ended."""
        text, done = (" ".join(s.text for s in self.steps[:n]) for n in (None, self.position))
        if done == text and not self.why:
            return f"The order {text} was kept."
        step, letters = self.steps[self.position], [j.letter for j in ended.recording.lanes]
        # It may have been over between two looks.
        late = f"{step.text} did not come in time" if ended.ended else _never_came(step, letters)
        return f"The order {text} cannot be kept beyond {done or 'nothing'}: {self.why or late}."


def _is_asked(step, known):
    """Whether a step that was done is no more than asked for: its process waits in it."""
    waits = known[step.letter].waits
    return waits is not None and waits.op == "acquire" and waits.line.number == step.line


def _blocker(journal, known):
    """Who keeps a process from going on, and how: (a journal or None, words)."""
    step, others = journal.waits, (other for other in known.values() if other is not journal)
    if step is None or step.op not in ("acquire", "join") or step.arg == "try":
        return None, ""
    holder = next((other for other in others if step.identity in other.state.held), None)
    holds = f", which {holder.letter} holds" if holder and step.op == "acquire" else ""
    return holder, f"{step.wait}{holds}"


def _never_came(step, letters):
    return f"{step.text} never came: {step.letter} {'had ended' if step.letter in letters else 'was never started'}"
