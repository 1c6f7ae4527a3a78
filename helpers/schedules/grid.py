"""The progress graph of two processes: where both would hold a lock, which orders lead where.

A point (i, j) stands for i steps of A and j steps of B. A schedule is a path that goes one step to the
right for each A and one up for each B. Source of the picture: E. G. Coffman, M. J. Elphick and
A. Shoshani, System Deadlocks, 1971, who take it from E. W. Dijkstra.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from helpers.lab import check
from helpers.schedules.walk import Walk


class Path(NamedTuple):
    """One schedule in the graph: its points, verdict and files at its end; verdict "" where it goes on."""

    schedule: str
    points: tuple
    verdict: str
    values: dict

    @property
    def words(self):
        """Schedule and end in few words."""
        if not self.verdict:
            return f"{self.schedule or 'the start'}, and on"
        if self.verdict in ("deadlock", "orphaned_lock"):
            return f"{self.schedule}: {self.verdict.replace('_', ' ')}"
        many = len(self.values) > 1
        says = [f"{name}: {value}" if many else f"{value}" for name, value in self.values.items()]
        return f"{self.schedule}: {', '.join([*says, self.verdict.replace('_', ' ')])}"


@dataclass(frozen=True)
class ProgressGraph:
    """Two processes and the points that their steps can lead to, each a pair of numbers of steps.

    `steps` holds the names of A's and of B's steps. `forbidden` are the points at which both would
    hold one lock, `window` those at which both have read a file and not yet written it, `doomed` those
    from which the end cannot be reached any more, `stuck` those at which nobody can move.
    """

    steps: tuple[tuple[str, ...], tuple[str, ...]]
    forbidden: frozenset
    window: frozenset
    doomed: frozenset
    stuck: frozenset
    paths: tuple[Path, ...] = ()
    _team: list = field(default=None, repr=False, compare=False)

    def with_paths(self, *schedules):
        """The same graph with other paths. Raises ValueError for what cannot be walked."""
        return replace(self, paths=tuple(self._path(schedule) for schedule in schedules))

    def _path(self, schedule):
        walk = Walk(team=self._team, schedule=schedule)
        points, at = [(0, 0)], [0, 0]
        for letter in walk.schedule:
            at["AB".index(letter)] += 1
            points.append(tuple(at))
        if any(done > len(steps) for done, steps in zip(at, self.steps, strict=True)):
            raise ValueError(
                f"schedule {walk.schedule!r}: a process takes more steps than alone, which this "
                "picture cannot show"
            )
        verdict = walk.result[0] if walk.is_over else ""
        return Path(walk.schedule, tuple(points), verdict, walk.values)

    def __str__(self):
        say = [f"{len(self.steps[0])} steps of A, {len(self.steps[1])} of B"]
        if self.forbidden:
            say.append(f"{len(self.forbidden)} points at which both would hold a lock")
        if self.window:
            say.append(f"{len(self.window)} at which both have read and neither has written")
        if self.doomed:
            say.append(f"{len(self.doomed)} from which there is no way to the end")
        return " · ".join([*say, *(path.words for path in self.paths)])


def progress_graph(worker=None, *args, team=None, paths=()):
    """The ProgressGraph of two processes that run `worker(*args)`, or of a `team` of two.

    The steps are those that each takes when it runs alone. `paths` are schedules to be drawn, whole ones
    or beginnings. Raises TypeError or ValueError for what cannot be walked, or has no end alone.
    """
    members = check.members_of([(worker, args)] * 2 if team is None else team, 2)
    tracks = [_track(members, letter) for letter in "AB"]
    size = tuple(len(track.names) for track in tracks)
    forbidden = _both(tracks, lambda track: track.held)
    reached = _reached((0, 0), +1, size, forbidden)
    saved = _reached(size, -1, size, forbidden)
    doomed = reached - saved
    stuck = {point for point in reached - {size} if not _neighbours(point, +1, size) - forbidden}
    graph = ProgressGraph(
        steps=tuple(track.names for track in tracks),
        forbidden=forbidden,
        window=_both(tracks, lambda track: track.unwritten) - forbidden,
        doomed=frozenset(doomed),
        stuck=frozenset(stuck),
        _team=members,
    )
    return graph.with_paths(*([paths] if isinstance(paths, str) else paths))


class _Track(NamedTuple):
    """A process that runs alone: the names of its steps, and what it holds and has read after each."""

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
    names, held, counts = [], [frozenset()], Counter()
    for event in done:
        is_named = has_several and event.op in ("acquire", "release")
        names.append(f"{event.op} {event.thing}" if is_named else event.op)
        if event.op in ("acquire", "release") and event.outcome == "done":
            counts[event.identity] += 1 if event.op == "acquire" else -1
        held.append(frozenset(+counts))
    return _Track(tuple(names), held, [_unwritten(done, count) for count in range(len(done) + 1)])


def _unwritten(events, count):
    """The files that the first `count` steps have read, and that are to be written with it."""
    last, following = {}, {}
    for event in events[:count]:
        if event.op in ("read", "write", "fill"):
            last[event.identity] = event.op
    for event in events[count:]:
        if event.op in ("read", "write", "fill"):
            following.setdefault(event.identity, event.op)
    return frozenset(
        file for file, op in last.items() if op == "read" and following.get(file, "read") != "read"
    )


def _both(tracks, what):
    """The points at which both processes have one of the same things."""
    one, other = (what(track) for track in tracks)
    return frozenset((i, j) for i, a in enumerate(one) for j, b in enumerate(other) if a & b)


def _reached(start, way, size, forbidden):
    """All allowed points that can be reached from `start`, forwards (+1) or backwards (-1)."""
    found, waiting = {start}, [start]
    while waiting:
        for point in _neighbours(waiting.pop(), way, size) - forbidden - found:
            found.add(point)
            waiting.append(point)
    return found


def _neighbours(point, way, size):
    i, j = point
    inside = range(size[0] + 1), range(size[1] + 1)
    return {(a, b) for a, b in ((i + way, j), (i, j + way)) if a in inside[0] and b in inside[1]}
