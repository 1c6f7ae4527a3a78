"""A crash: a process leaves while it holds a lock, and another one waits for it."""

from dataclasses import dataclass, replace
from enum import Enum

import ipywidgets as widgets

from helpers import analysis, lab
from helpers.lab.settings import Settings, WayToWork, ms, one_of
from helpers.panels.experiment import ExperimentPanel
from helpers.panels.panel import button
from helpers.pictures import html_table, style
from helpers.resources import DatabaseLock, FileLock, Lock, RLock
from helpers.workers import contention, crash

_TRIES = 5  # until A, with a head start, was indeed the first to get the lock


class Exit(WayToWork):
    """How the holder leaves."""

    EXCEPTION = "an exception inside with", crash.leave_by_exception
    EXCEPTION_BARE = "an exception after a bare acquire", crash.leave_by_exception_after_acquire
    SYS_EXIT = "sys.exit() inside with", crash.leave_by_sys_exit
    KEYBOARD_INTERRUPT = "KeyboardInterrupt inside with", crash.leave_by_keyboard_interrupt
    OS_EXIT = "os._exit() inside with", crash.leave_by_os_exit
    SIGTERM = "terminate() inside with", crash.leave_by_sigterm
    SIGKILL = "kill() inside with", crash.leave_by_sigkill
    ABORT = "os.abort() inside with", crash.leave_by_abort


class LockKind(Enum):
    """What the holder holds."""

    LOCK = "Lock"
    RLOCK = "RLock"
    FILE_LOCK = "file lock"
    DATABASE_LOCK = "SQLite transaction"


_LOCKS = dict(zip(LockKind, (Lock, RLock, FileLock, DatabaseLock), strict=True))


@dataclass(frozen=True, kw_only=True)
class CrashSettings(Settings):
    """Settings of one crash experiment; `think_ms` is how long A holds the lock before it leaves."""

    exit: Exit | str = one_of(Exit.SIGKILL, "how the holder ends")
    kind: LockKind | str = one_of(LockKind.LOCK, "what it holds")
    think_ms: float = ms(5.0, words="hold time", slider=(1, 50))


@CrashSettings.by_name
def run_crash(settings, stop):
    """One crash experiment: A takes a lock and leaves, B wants the lock a little later: the Run.

    Keywords are those of CrashSettings; `stop` is a threading.Event.
    """
    lock, think = _LOCKS[settings.kind](), settings.think_ms / 1000
    team = [(settings.worker, (lock, think)), (contention.come_second, (lock, think / 2))]
    return run_when_a_is_first(settings, team, asked=2 * think, stop=stop)


def lock_fate(run):
    """What became of the lock in a crash experiment: "free", "held for ever", or "not known" where the run was cut off."""
    holders = [hold.process for hold in analysis.holds(run.events)]
    if "A" in holders and "B" in holders[holders.index("A") :]:
        return "free"
    return "held for ever" if run.stuck else "not known"


def run_when_a_is_first(settings, team, **how):
    """The Run of a team of two with these Settings in which A had the lock before B did anything: the first of some tries, or the last."""
    for _ in range(_TRIES):
        run = settings.run(team=team, **how)
        held = [hold.start for hold in analysis.holds(run.events) if hold.process == "A"]
        others = [event.start for event in run.events if event.process == "B"]
        if run.verdict == "stopped" or (held and all(held[0] < start for start in others)):
            break
    return run


class CrashPanel(ExperimentPanel):
    """Choices that run the crash experiment anew on every move. `value` is the latest Run.

    Keywords set the first values of the controls, by their names in CrashSettings. What was
    tried stands in a table: each way to leave, each kind of lock, and whether the lock was free again.
    """

    call = staticmethod(run_crash)
    in_sight = ("exit", "kind")

    def _repetition(self):
        return [button("Try all that are left", "Fill the table", self.try_all)]

    def _make_history(self):
        self._tried = {}
        return widgets.HTML()

    def _note(self, run, settings):
        self._tried[settings.exit, settings.kind] = lock_fate(run)
        rows = [[e.value, *(_cell(self._tried.get((e, k))) for k in LockKind)] for e in Exit]
        heads = ["how A leaves", *(kind.value for kind in LockKind)]
        self._history.value = html_table(heads, rows, label="what was tried")

    def _sentence(self, run):
        fate = lock_fate(run)
        fate += ": B got the lock" if fate == "free" else ""
        return f"{fate} · {run.sentence}"

    def try_all(self):
        """Run what is not yet in the table, in the background; Stop keeps what is there."""
        self.runner.submit(self._try_all)

    def _try_all(self, stop):
        first = CrashSettings(**self.settings)
        left = [(e, k) for k in LockKind for e in Exit if (e, k) not in self._tried]
        plan = [replace(first, exit=exit, kind=kind) for exit, kind in left]
        runs = lab.until_stopped(run_crash.of, plan, None, stop)
        for settings, run in zip(plan, runs, strict=False):
            self._note(run, settings)
        self.screen.say(f"{len(self._tried)} of {len(Exit) * len(LockKind)} tried")


def _cell(fate):
    """What became of the lock, in the table of what was tried."""
    is_known = fate in ("free", "held for ever")
    return style.marked(fate, fate == "free") if is_known else fate or "not tried"
