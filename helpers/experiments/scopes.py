"""The scope dial: the same job under each lock scope, what it loses and how long it takes."""

from dataclasses import dataclass
from statistics import median

from helpers import lab
from helpers.events import counted
from helpers.experiments.counter import Bench, Scope, Settings
from helpers.lab import check

# A round's slow work is long beside the rest: so it shows where the lock makes it serial.
DIAL = {"processes": 4, "times": 4, "pause_ms": 1.0, "slow_ms": 5.0}
ROUNDS = 6


@dataclass(frozen=True)
class ScopeSweep:
    """The runs of a counter experiment under each lock scope, and all else equal.

    `settings` are those without any lock, `wanted` is how many runs each scope should have; fewer where they
    were stopped.
    """

    settings: Settings
    wanted: int
    runs: dict[Scope, tuple[lab.Run, ...]]

    @property
    def updates(self):
        """How many updates each run should keep."""
        return self.settings.expected

    def losses(self, scope):
        """How many updates each run lost; those that a torn file or a deadline took along count too."""
        kept = (run.account.kept_count for run in self._runs(scope))
        return [self.updates - count for count in kept]

    def seconds(self, scope):
        """How long each run took."""
        return [run.elapsed for run in self._runs(scope)]

    def lost(self, scope):
        """The median of the losses."""
        return median(self.losses(scope))

    def elapsed(self, scope):
        """The median of the seconds."""
        return median(self.seconds(scope))

    def _runs(self, scope):
        return self.runs[check.member("scope", scope, Scope)]

    @property
    def scopes(self):
        """The scopes that have run at least once, from nothing to the whole loop."""
        return tuple(scope for scope in Scope if self.runs[scope])

    @property
    def sentence(self):
        parts = [
            f"{scope.value}: {self.lost(scope):g} lost, {self.elapsed(scope) * 1000:.0f} ms"
            for scope in self.scopes
        ]
        say = f"of {counted(self.updates, 'update')} (medians): {' · '.join(parts)}"
        done = len(self.runs[Scope.NOTHING])
        return say + (f" · stopped in round {done} of {self.wanted}" if self._is_cut else "")

    @property
    def _is_cut(self):
        return any(len(runs) < self.wanted for runs in self.runs.values())

    def __str__(self):
        return self.sentence


def sweep_scopes(count=ROUNDS, progress=None, stop=None, **settings):
    """`count` runs under each lock scope: a ScopeSweep.

    Keywords are those of Settings but `scope`; if not given, four processes, four increments each,
    with 1 ms of pause and 5 ms of slow work. `progress(done, count)` is called after each run. A set
    `stop` ends it and keeps what is there.
    """
    *_, last = scope_sweeps(count, progress, stop, **settings)
    return last


def scope_sweeps(count=ROUNDS, progress=None, stop=None, **settings):
    """The same as it grows: a ScopeSweep after each round, in which each scope runs once."""
    check.whole("count", count, 1, 1000)
    plan = {scope: Settings(**{**DIAL, **settings, "scope": scope}) for scope in Scope}
    runs = {scope: () for scope in Scope}
    with Bench() as bench:
        for done in range(count):
            for number, scope in enumerate(Scope, 1):
                run = bench.run(plan[scope], stop)
                if run.verdict == "stopped":
                    break
                runs[scope] += (run,)
                if progress:
                    progress(done * len(Scope) + number, count * len(Scope))
            yield ScopeSweep(plan[Scope.NOTHING], count, dict(runs))
            if run.verdict == "stopped":
                return
