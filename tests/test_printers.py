"""What lesson 09 claims of semaphores, and their picture and panel."""

import multiprocessing
import sys

import pytest
from claim import claim
from pages import move, statuses
from test_semaphores import most_inside

from helpers import topics
from helpers.pictures.declared import alt_text, drawn
from helpers.resources import Semaphore
from helpers.schedules import explore
from helpers.topics import Occupancy, SemaphorePanel
from helpers.workers import contention


@claim("09", "never more than two processes with two permits were inside")
@pytest.mark.parametrize("permits", [1, 2, 5])
def test_never_more_print_than_there_are_permits(permits):
    run = topics.run_printers(processes=5, permits=permits, page_ms=2)
    inside = Occupancy(run)
    assert run.verdict == "correct" and inside.most == most_inside(run.events) <= permits
    assert inside.counts[-1][1:] == (0, 0) and str(inside).startswith(
        f"15 holds with {permits} permit"
    )


@claim(
    "09",
    "a release too many makes one more permit, without an error; a BoundedSemaphore refuses it, but not on macOS",
)
def test_a_release_too_many_makes_a_permit_for_good():
    room, bounded = multiprocessing.Semaphore(1), multiprocessing.BoundedSemaphore(1)
    room.release()
    assert [room.acquire(block=False) for _ in range(3)] == [True, True, False]
    if sys.platform == "darwin":
        bounded.release()
    else:
        with pytest.raises(ValueError, match="released too many times"):
            bounded.release()


@claim(
    "09",
    "two that take two permits each may get stuck; with a third one that gives one they never do",
)
def test_a_third_one_who_gives_a_permit_saves_the_two_in_every_order():
    room = Semaphore(2)
    two = [(contention.take_permits, (room, 2, 0))] * 2
    assert {outcome.verdict for outcome in explore(team=two).outcomes} == {"ended", "deadlock"}
    saved = explore(team=[*two, (contention.give_permits, (room, 1, 0))], processes=3)
    assert saved.is_proof and {outcome.verdict for outcome in saved.outcomes} == {"ended"}


def test_the_picture_has_a_line_at_the_permits_and_says_how_many_were_inside():
    inside = Occupancy(topics.run_printers(processes=3, permits=2, pages=1))
    counts, timeline = drawn(inside).axes
    assert [line.get_ydata()[0] for line in counts.lines] == [2]
    assert [label.get_text() for label in timeline.get_yticklabels()] == ["A", "B", "C"]
    assert f"at most {inside.most} inside at once" in alt_text(inside)


def test_the_panel_runs_anew_on_every_move(panel):
    made = panel(SemaphorePanel, processes=3, permits=1, pages=2, page_ms=1)
    assert "6 holds with 1 permit: at most 1 inside at once" in statuses(made)[0]
    move(made, "permits", 3)
    assert "6 holds with 3 permits" in statuses(made)[0]
    assert made.value.verdict == "correct"
