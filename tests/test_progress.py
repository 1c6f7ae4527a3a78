"""The progress graph: its regions by hand and against every order, and its picture."""

import itertools
from itertools import pairwise

import pytest
from cases import cases
from drawings import assert_inside, axes_of, legend_of
from matplotlib.path import Path
from runs import EACH, LOCKED, RACE, crossed, every_order, team_of

from helpers import pictures
from helpers.pictures.declared import new_figure
from helpers.resources import CounterFile, Lock, RLock
from helpers.schedules import progress_graph
from helpers.workers.counter import (
    increment_with_lock,
    increment_without_lock,
)


def go_down(lock, counter):
    with lock, lock:
        counter.read()


def square(*places):
    return set(itertools.product(places, repeat=2))


@cases(
    "team forbidden window",
    (team_of(*RACE), set(), {(1, 1)}),
    (team_of(*LOCKED), square(1, 2, 3), set()),
    (team_of(*EACH), square(1, 2, 4, 5), {(2, 3), (3, 2), (3, 3), (3, 4), (4, 3)}),
    (team_of(increment_without_lock, CounterFile(write="truncate"), 1, 0), set(), square(1, 2)),
    # Taken twice and released twice: held from the first acquire to the second release.
    (team_of(go_down, RLock(), CounterFile()), square(1, 2, 3, 4), set()),
)
def test_where_both_would_hold_the_lock_and_where_both_are_in_the_window(team, forbidden, window):
    graph = progress_graph(team=team)
    assert (graph.forbidden, graph.window) == (forbidden, window)


def test_two_locks_in_opposite_orders_have_a_place_without_a_way_out():
    graph = progress_graph(team=crossed(), paths=("AB", "AAAABBBB"))
    assert graph.steps[0] == ("acquire a", "acquire b", "release b", "release a")
    assert graph.forbidden == {(1, 2), (2, 2), (3, 2), (2, 1), (2, 3)}
    assert graph.stuck == {(1, 1)}
    assert "1 at which nobody can move" in str(graph)
    assert [path.verdict for path in graph.paths] == ["deadlock", "correct"]


@pytest.mark.parametrize("team", [team_of(*RACE), team_of(*LOCKED), team_of(*EACH), crossed()])
def test_regions_against_every_order(team):
    graph = progress_graph(team=team)
    seen, ends, size = set(), set(), tuple(len(steps) for steps in graph.steps)
    for walk in every_order(team=team):
        (path,) = graph.with_paths(walk.schedule).paths
        seen |= set(path.points)
        ends.add(path.points[-1])
        if any(shared.is_file for shared in walk.shared_objects):
            assert bool(set(path.points) & graph.window) is (walk.values["counter"] < 2)
    assert seen & graph.forbidden == set()
    assert graph.stuck == ends - {size}


def test_a_path_may_end_on_the_way():
    graph = progress_graph(*RACE, paths=("", "AB"))
    assert [path.verdict for path in graph.paths] == ["", ""]
    assert [path.points[-1] for path in graph.paths] == [(0, 0), (1, 1)]
    assert graph.with_paths("ABBA").paths[0].words == "ABBA: 1, lost updates"


def test_one_schedule_is_not_taken_for_a_list_of_letters():
    assert [path.schedule for path in progress_graph(*RACE, paths="ABBA").paths] == ["ABBA"]


@cases(
    "team paths words",
    (team_of(*RACE) * 2, (), "a team of 4 for 2 processes"),
    (team_of(*RACE), ("ABC",), "'C' at step 3 is not a process of this run"),
    (team_of(*LOCKED), ("AB",), "it waits for the lock, which A holds"),
)
def test_what_cannot_be_drawn_is_refused(team, paths, words):
    with pytest.raises(ValueError, match=words):
        progress_graph(team=team, paths=paths)


def read_more_if_odd(counter):
    if counter.read() % 2:
        counter.read()
    counter.write(counter.read() + 1)


def test_a_path_with_more_steps_than_a_process_takes_alone_is_refused():
    graph = progress_graph(read_more_if_odd, CounterFile())
    with pytest.raises(ValueError, match="more steps than alone"):
        graph.with_paths("AAABBBB")


# ---- the picture


@pytest.fixture
def ax():
    return new_figure().add_axes((0.1, 0.2, 0.4, 0.7))


@pytest.mark.parametrize("team", [team_of(*LOCKED), team_of(*EACH), crossed()])
def test_no_path_touches_a_shaded_place(ax, team):
    graph = progress_graph(team=team)
    pictures.plot_progress_graph(ax, graph)
    (shaded,) = (patch.get_path() for patch in ax.patches if patch.get_hatch() == "////")
    boxes = [part.get_extents() for part in polygons(shaded)]
    for walk in every_order(team=team):
        (path,) = graph.with_paths(walk.schedule).paths
        for one, other in pairwise(path.points):
            way = Path([one, other])
            assert not any(way.intersects_bbox(box) for box in boxes)


def polygons(path):
    """The closed shapes of a path, each as a Path."""
    return [Path(shape) for shape in path.to_polygons()]


def test_many_paths_on_one_line_stay_clear_of_what_is_shaded(ax):
    pictures.plot_progress_graph(ax, progress_graph(*LOCKED, paths=("AAAABBBB",) * 20))
    ways = [line for line in ax.lines if len(line.get_xdata()) == 9]
    assert len(ways) == 20
    (shaded,) = (patch.get_path() for patch in ax.patches if patch.get_hatch() == "////")
    box = shaded.get_extents()
    assert not any(Path(way.get_xydata()).intersects_bbox(box, filled=False) for way in ways)


def test_the_picture_names_only_what_it_holds(ax):
    pictures.plot_progress_graph(ax, progress_graph(*RACE, paths=("AABB", "ABBA")))
    wanted = ["AABB: 2, correct", "ABBA: 1, lost updates", "both have read, neither has written"]
    assert legend_of(ax) == wanted


def test_a_deadlock_is_named_where_it_is(ax):
    pictures.plot_progress_graph(ax, progress_graph(team=crossed(), paths=("AB",)))
    assert legend_of(ax) == [
        "AB: deadlock",
        "both would hold the lock: no way in",
        "nobody can move",
    ]


def test_each_axis_names_its_processs_steps_between_the_points(ax):
    pictures.plot_progress_graph(ax, progress_graph(*LOCKED))
    for axis, letter in ((ax.xaxis, "A"), (ax.yaxis, "B")):
        names = [label.get_text() for label in axis.get_ticklabels()]
        assert names == ["acquire", "read", "write", "release"]
        assert list(axis.get_ticklocs()) == [0.5, 1.5, 2.5, 3.5]
        assert axis.get_label_text() == f"steps of {letter}"


def test_paths_are_told_apart_without_colour(ax):
    pictures.plot_progress_graph(ax, progress_graph(*RACE, paths=("AABB", "ABBA", "BBAA")))
    dashes = [line._dash_pattern for line in ax.lines if len(line.get_xdata()) == 5]
    assert len({str(dash) for dash in dashes}) == 3


@pytest.mark.parametrize("times", [1, 3, 5])
@pytest.mark.parametrize("team", [team_of(*RACE[:2]), team_of(*LOCKED[:3]), team_of(*EACH[:3])])
def test_names_of_steps_do_not_overlap_and_nothing_is_cut_off(team, times):
    team = [(worker, (*args, times, 0)) for worker, args in team]
    ax = axes_of(progress_graph(team=team, paths=()))
    for axis in (ax.xaxis, ax.yaxis):
        boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
        assert not any(one.overlaps(other) for one, other in pairwise(boxes))
    assert_inside(ax.figure, ax.xaxis.label, ax.yaxis.label, *ax.get_legend().get_texts())


def test_a_long_schedule_in_the_key_is_broken_into_lines():
    order = "AAAABBBB" * 5
    graph = progress_graph(increment_with_lock, CounterFile(), Lock(), 5, 0, paths=order)
    (text, _) = axes_of(graph).get_legend().get_texts()
    assert text.get_text() == f"{order[:30]}\n{order[30:]}: 10, correct"
    assert text.get_window_extent().x1 <= text.figure.bbox.x1


def test_alt_text_tells_regions_and_paths():
    assert pictures.alt_text(progress_graph(*EACH, paths=("AAABBBBBBAAA",))) == (
        "Progress graph. 6 steps of A, 6 of B · 16 points at which both would hold a lock · 5 at which "
        "both have read and neither has written · AAABBBBBBAAA: 1, lost updates."
    )
