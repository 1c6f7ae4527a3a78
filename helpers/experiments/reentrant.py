"""The RLock experiment: a lock taken several times, given back more or less often, by somebody."""

from dataclasses import dataclass
from enum import Enum

from helpers.experiments.crash import run_when_a_is_first
from helpers.lab import check
from helpers.resources import Lock, RLock
from helpers.workers import reentrant, waiting


class Releaser(Enum):
    """Who gives the lock back."""

    OWNER = "the owner"
    SECOND_THREAD = "a second thread of the owner"
    STRANGER = "another process"


@dataclass(frozen=True)
class ReentrantSettings:
    """Of one RLock experiment: A takes the lock `depth` times, it is released `releases` times, B wants it.

    `think_ms` is the pause between two acquires.
    """

    is_rlock: bool = True
    depth: int = 3
    releases: int = 3
    releaser: Releaser | str = Releaser.OWNER
    think_ms: float = 5.0
    start_method: str | None = None
    deadline: float | None = None

    def __post_init__(self):
        check.whole("depth", self.depth, 1, 10)
        check.whole("releases", self.releases, 0, 12)
        check.span("think_ms", self.think_ms, 0, 1000, "ms")
        check.deadline(self.deadline)
        object.__setattr__(self, "releaser", check.member("releaser", self.releaser, Releaser))

    @property
    def worker(self):
        """The function that the owner of the lock runs, as the learner reads it."""
        return {
            Releaser.OWNER: reentrant.acquire_and_release,
            Releaser.SECOND_THREAD: reentrant.release_in_second_thread,
            Releaser.STRANGER: reentrant.acquire_and_keep,
        }[self.releaser]

    def team(self):
        """Workers and arguments of A and B."""
        lock, think = RLock() if self.is_rlock else Lock(), self.think_ms / 1000
        if self.releaser is Releaser.STRANGER:
            late = think * (self.depth + 1)
            return [
                (self.worker, (lock, self.depth, think)),
                (reentrant.release_as_stranger, (lock, self.releases, late)),
            ]
        return [
            (self.worker, (lock, self.depth, self.releases, think)),
            (waiting.come_second, (lock, think / 2)),
        ]


def run_reentrant(stop=None, **settings):
    """One RLock experiment: the Run. Keywords are those of ReentrantSettings; `stop` is a threading.Event."""
    settings = ReentrantSettings(**settings)
    return run_when_a_is_first(
        settings.team(),
        stop,
        start_method=settings.start_method,
        deadline=settings.deadline,
        asked=settings.think_ms / 1000 * (2 * settings.depth + settings.releases + 6),
    )
