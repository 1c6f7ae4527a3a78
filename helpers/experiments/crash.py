"""The crash experiment: a process leaves while it holds a lock, and another one waits for it."""

from dataclasses import dataclass
from enum import Enum

from helpers import analysis, lab
from helpers.lab import check
from helpers.resources import DatabaseLock, FileLock, Lock, RLock
from helpers.workers import crash, waiting

_TRIES = 5  # until A, with a head start, was indeed the first to get the lock


class Exit(Enum):
    """How the holder leaves."""

    EXCEPTION = "an exception inside with"
    EXCEPTION_AFTER_ACQUIRE = "an exception after a bare acquire"
    SYS_EXIT = "sys.exit() inside with"
    KEYBOARD_INTERRUPT = "KeyboardInterrupt inside with"
    OS_EXIT = "os._exit() inside with"
    SIGTERM = "terminate() inside with"
    SIGKILL = "kill() inside with"
    ABORT = "os.abort() inside with"

    @property
    def worker(self):
        return getattr(crash, f"leave_by_{self.name.lower()}")


class LockKind(Enum):
    """What the holder holds."""

    LOCK = "Lock"
    RLOCK = "RLock"
    FILE_LOCK = "file lock"
    DATABASE_LOCK = "SQLite transaction"

    def made(self):
        """A fresh one."""
        kinds = {"LOCK": Lock, "RLOCK": RLock, "FILE_LOCK": FileLock, "DATABASE_LOCK": DatabaseLock}
        return kinds[self.name]()


@dataclass(frozen=True)
class Recovery:
    """What became of a lock whose holder, process A, left, and of process B, that wants it."""

    exit: Exit
    kind: LockKind
    run: lab.Run

    @property
    def is_free(self):
        """Whether B got the lock after A."""
        return is_lock_free(self.run)

    def __str__(self):
        end = "B got it" if self.is_free else self.run.sentence
        return f"{self.kind.value}, {self.exit.value}: {lock_fate(self.run)} ({end})"


@dataclass(frozen=True)
class CrashSettings:
    """Of one crash experiment; `think_ms` is how long A holds the lock before it leaves."""

    exit: Exit | str = Exit.SIGKILL
    kind: LockKind | str = LockKind.LOCK
    think_ms: float = 5.0
    start_method: str | None = None
    deadline: float | None = None

    def __post_init__(self):
        check.span("think_ms", self.think_ms, 0, 1000, "ms")
        check.deadline(self.deadline)
        object.__setattr__(self, "exit", check.member("exit", self.exit, Exit))
        object.__setattr__(self, "kind", check.member("kind", self.kind, LockKind))

    @property
    def worker(self):
        """The function that the holder runs, as the learner reads it."""
        return self.exit.worker


def run_crash(stop=None, **settings):
    """One crash experiment: A takes a lock and leaves, B wants the lock a little later: the Run.

    Keywords are those of CrashSettings; `stop` is a threading.Event.
    """
    settings = CrashSettings(**settings)
    lock, think = settings.kind.made(), settings.think_ms / 1000
    team = [(settings.worker, (lock, think)), (waiting.come_second, (lock, think / 2))]
    return run_when_a_is_first(
        team, stop, start_method=settings.start_method, deadline=settings.deadline, asked=2 * think
    )


def crash_holder(exit=Exit.SIGKILL, kind=LockKind.LOCK, **settings):
    """The same with the answer: whether B got the lock, a Recovery. Keywords as in CrashSettings."""
    exit, kind = check.member("exit", exit, Exit), check.member("kind", kind, LockKind)
    return Recovery(exit, kind, run_crash(exit=exit, kind=kind, **settings))


def is_lock_free(run):
    """Whether B got the lock after A in a crash experiment."""
    holders = [hold.process for hold in analysis.holds(run.events)]
    return "A" in holders and "B" in holders[holders.index("A") :]


def lock_fate(run):
    """What became of the lock in a crash experiment: "free", "held for ever", or "not known" where the run was cut off."""
    if is_lock_free(run):
        return "free"
    return "held for ever" if run.stuck else "not known"


def run_when_a_is_first(team, stop=None, **more):
    """The Run of a team of two in which A got the lock first: the first of some tries, or the last."""
    for _ in range(_TRIES):
        run = lab.run(team=team, processes=2, stop=stop, **more)
        first = analysis.holds(run.events)[:1]
        if run.verdict == "stopped" or (first and first[0].process == "A"):
            break
    return run
