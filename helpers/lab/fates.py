"""What became of each process of a job: decided from records of who held and who wanted which lock, and from no clock."""

from enum import Enum


class Fate(Enum):
    """How it went on for a process that nobody killed. The first of those that fit counts for several together."""

    WAITS = "waits for a dead one's lock"
    CUT_OFF = "still working when the time was over"
    FINISHED = "finished"

    @classmethod
    def of_all(cls, fates):
        """The Fate of several together: the first in the order above; FINISHED for none."""
        return min(fates, key=list(cls).index, default=cls.FINISHED)


def fates_in(run):
    """The Fate of each process of a Run that did not die, by letter."""
    dead = {crash.process for crash in run.crashes}
    waiting = {o.process for o in (run.stuck.orphans if run.stuck else ()) if dead & set(o.takers)}
    ends = dict.fromkeys(waiting, Fate.WAITS) | dict.fromkeys(run.returned, Fate.FINISHED)
    return {
        letter: ends.get(letter, Fate.CUT_OFF) for letter in run.processes if letter not in dead
    }


def fates_told(told, letters, is_freed_at_death):
    """The Fate of each separate program that did not die, by letter.

    `told` holds for each the exit code (None: it had to be ended) and the lines that it wrote about its lock:
    "wants", "has" and "gave back", each with the name of the lock. With `is_freed_at_death`, the system takes a
    lock from a program that dies.
    """
    taken = {
        lines[-1].removeprefix("has ")
        for code, lines in told
        if code and lines and lines[-1].startswith("has ") and not is_freed_at_death
    }
    waits = {f"wants {lock}" for lock in taken}

    def fate(code, lines):
        if code == 0:
            return Fate.FINISHED
        return Fate.WAITS if waits & set(lines[-1:]) else Fate.CUT_OFF

    return {
        letter: fate(code, lines)
        for letter, (code, lines) in zip(letters, told, strict=True)
        if not code
    }
