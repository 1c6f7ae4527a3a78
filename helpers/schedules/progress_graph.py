"""The progress graph of two processes: where both would hold a lock, which orders lead where.

A point (i, j) stands for i steps of A and j steps of B. A schedule is a path that goes one step to the
right for each A and one up for each B. Source of the picture: E. G. Coffman, M. J. Elphick and
A. Shoshani, System Deadlocks, 1971, who take it from E. W. Dijkstra.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, NamedTuple

from helpers import analysis
from helpers.lab import check
from helpers.schedules.exploration import value_words
from helpers.schedules.walk import Walk

Point = tuple[int, int]


class Path(NamedTuple):
    """One schedule in the graph: its points, verdict and files at its end; verdict "" where it goes on."""

    schedule: str
    points: tuple[Point, ...]
    verdict: str
    values: dict[str, Any]

    @property
    def words(self) -> str:
        """Schedule and end in few words."""
        if not self.verdict:
            return f"{self.schedule or 'the start'}, and on"
        end = self.verdict.replace("_", " ")
        is_stuck = self.verdict in ("deadlock", "orphaned_lock")
        values = [] if is_stuck else value_words(self.values)
        return f"{self.schedule}: {', '.join([*values, end])}"


@dataclass(frozen=True)
class ProgressGraph:
    """Two processes and the points that their steps can lead to, each a pair of numbers of steps.

    `steps` holds the names of A's and of B's steps. `forbidden` are the points at which both would
    hold one lock, `window` those at which both have read a file and not yet written it, `stuck` those
    at which nobody can move.
    """

    steps: tuple[tuple[str, ...], tuple[str, ...]]
    forbidden: frozenset[Point]
    window: frozenset[Point]
    stuck: frozenset[Point]
    paths: tuple[Path, ...] = ()
    _team: list = field(default_factory=list, repr=False, compare=False)

    def with_paths(self, *schedules: str) -> "ProgressGraph":
        """This graph with other paths. Raises ValueError for what cannot be walked."""
        return replace(self, paths=tuple(self._path(schedule) for schedule in schedules))

    def _path(self, schedule):
        walk = Walk(team=self._team, schedule=schedule)
        walked = [walk.schedule[:count] for count in range(len(walk.schedule) + 1)]
        points = [(done.count("A"), done.count("B")) for done in walked]
        if any(done > len(steps) for done, steps in zip(points[-1], self.steps, strict=True)):
            raise ValueError(
                f"schedule {walk.schedule!r}: a process takes more steps than alone, which this "
                "picture cannot show"
            )
        verdict = walk.result[0] if walk.is_over else ""
        return Path(walk.schedule, tuple(points), verdict, walk.values)

    def __str__(self):
        kinds = (
            (self.forbidden, "points at which both would hold a lock"),
            (self.window, "at which both have read and neither has written"),
            (self.stuck, "at which nobody can move"),
        )
        say = [f"{len(self.steps[0])} steps of A, {len(self.steps[1])} of B"]
        say += [f"{len(points)} {words}" for points, words in kinds if points]
        return " · ".join([*say, *(path.words for path in self.paths)])


def progress_graph(
    worker: Any = None, *args: Any, team: list[tuple] | None = None, paths: str | Iterable[str] = ()
) -> ProgressGraph:
    """The ProgressGraph of two processes that run `worker(*args)`, or of a `team` of two.

    The steps are those that each takes when it runs alone. `paths` are schedules to be drawn, whole ones
    or beginnings. Raises TypeError or ValueError for what cannot be walked, or has no end alone.
    """
    members = check.members_of([(worker, args)] * 2 if team is None else team, 2)
    tracks = [_track(members, letter) for letter in "AB"]
    size = tuple(len(track.names) for track in tracks)
    forbidden = _both(tracks, lambda track: track.held)
    reached = _reached(size, forbidden)
    stuck = {(i, j) for i, j in reached - {size} if not {(i + 1, j), (i, j + 1)} & reached}
    graph = ProgressGraph(
        steps=tuple(track.names for track in tracks),
        forbidden=forbidden,
        window=_both(tracks, lambda track: track.unwritten) - forbidden,
        stuck=frozenset(stuck),
        _team=members,
    )
    return graph.with_paths(*([paths] if isinstance(paths, str) else paths))


class _Track(NamedTuple):
    """A process that runs alone: the names of its steps; what it holds after each, and has read and is to write."""

    names: tuple
    held: list
    unwritten: list


def _track(members, letter):
    walk = Walk(team=members)
    walk.finish(letter)
    if loop := walk.loops.get(letter):
        raise ValueError(f"alone, {loop}: this picture needs steps that end")
    done = walk.events[: len(walk.schedule)]
    has_several = len({event.identity for event in done if event.op == "acquire"}) > 1
    named = ("acquire", "release") if has_several else ()
    names = (f"{event.op} {event.shared}" if event.op in named else event.op for event in done)
    held = [set(), *map(set, analysis.locks_held(done).values())]
    unwritten, read_at = [set() for _ in range(len(done) + 1)], {}
    for at, event in enumerate(done, 1):
        if event.op == "read":
            read_at[event.identity] = at
        elif event.op in ("write", "fill"):
            for between in range(read_at.pop(event.identity, at), at):
                unwritten[between].add(event.identity)
    return _Track(tuple(names), held, unwritten)


def _both(tracks, what):
    """The points at which both processes have one of the same shared objects."""
    one, other = (what(track) for track in tracks)
    return frozenset((i, j) for i, a in enumerate(one) for j, b in enumerate(other) if a & b)


def _reached(size, forbidden):
    """All points to which a path leads from (0, 0), round those that are forbidden."""
    found = {(0, 0)}
    for i, j in product(range(size[0] + 1), range(size[1] + 1)):
        if (i, j) not in forbidden and not found.isdisjoint({(i - 1, j), (i, j - 1)}):
            found.add((i, j))
    return found
