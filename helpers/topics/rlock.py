"""Locks taken several times: the RLock experiment and its panel."""

from dataclasses import dataclass

from helpers import analysis
from helpers.lab.settings import Settings, WayToWork, choice, ms, one_of, whole
from helpers.panels.experiment import ExperimentPanel
from helpers.resources import Lock, RLock
from helpers.topics.crashes import run_when_a_is_first
from helpers.workers import contention, reentrant


class Releaser(WayToWork):
    """Who gives the lock back."""

    OWNER = "the owner", reentrant.acquire_and_release
    SECOND_THREAD = "a second thread of the owner", reentrant.release_in_second_thread
    STRANGER = "another process", reentrant.acquire_and_keep


@dataclass(frozen=True, kw_only=True)
class ReentrantSettings(Settings):
    """Settings of one RLock experiment: A takes the lock `depth` times, it is released `releases` times, B wants it.

    `think_ms` is the pause between two acquires.
    """

    is_rlock: bool = choice(True, "kind of lock", {"RLock": True, "Lock": False})
    depth: int = whole(3, 1, 10, "acquires by A")
    releases: int = whole(3, 0, 12, "releases")
    releaser: Releaser | str = one_of(Releaser.OWNER, "who releases")
    think_ms: float = ms(5.0, words="pause", slider=(0.5, 50))


@ReentrantSettings.by_name
def run_reentrant(settings, stop):
    """One RLock experiment: the Run. Keywords are those of ReentrantSettings; `stop` is a threading.Event."""
    lock, think = RLock() if settings.is_rlock else Lock(), settings.think_ms / 1000
    args, others = (lock, settings.depth, settings.releases, think), (lock, think / 2)
    if settings.releaser is Releaser.STRANGER:
        args, late = (lock, settings.depth, think), think * (settings.depth + 1)
        others = lock, late, settings.releases
    team = [(settings.worker, args), (contention.come_second, others)]
    asked = think * (2 * settings.depth + settings.releases + 6)
    return run_when_a_is_first(settings, team, asked=asked, stop=stop)


class RLockPanel(ExperimentPanel):
    """Controls that run the RLock experiment anew on every move. `value` is the latest result.

    Keywords set the first values of the controls, by their names in ReentrantSettings.
    Raises TypeError or ValueError for a value that no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(run_reentrant)
    in_sight = ("is_rlock", "depth", "releases", "releaser")
    history_words = "releases done; dashed: as many as acquires"

    def _outcome(self, run, settings):
        given = sum(event.op == "release" and event.outcome == "done" for event in run.events)
        return given, settings.depth, run.verdict

    def _sentence(self, run):
        deepest = max([depth for *_, depth in analysis.depths(run.events)], default=0)
        return f"{run.sentence} · deepest: {deepest}"
