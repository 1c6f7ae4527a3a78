"""Each challenge can be met, not at once, and only by an order that exists; the shortest solution is kept."""

import re

import pytest
from runs import observed

import helpers.topics  # noqa: F401 - declares the challenges
from helpers import lab
from helpers.panels import challenge as challenges
from helpers.panels.challenge import (
    CHALLENGES,
    challenge_at,
    challenge_of,
    note_solution,
)
from helpers.schedules import Walk

SOLUTIONS = {
    "lose one update": "ABBA",
    "keep all, and take turns": "AABBAABB",
    "three that end with 1": "ABCABC",
    "lose exactly one of three": "AABCBC",
    "in step": "ABABABABABAB",
    "lose only A's updates": "ABABABAB",
    "the smallest number": "ABBBBBBBBABAAAAAAAAB",
    "an empty file": "AAB",
    "a number that nobody wrote": "ABBBCACCA",
    "make somebody wait": "A",
    "a lock for each step": "AAABBBAAABBB",
    "two locks for one file": "AABBAABB",
    "one goes without": "AABAAB",
    "into the deadlock": "AB",
    "past the deadlock": "AAAAAAABABBBBBBB",
    "a ring of three": "ABC",
    "hold one, take another": "ABBBBBBBBAAAAAAACCCCCCCC",
    "give way, and again": "ABABABABABAB" + "A" * 8 + "B" * 8,
    "SELECT, then UPDATE": "ABBA",
    "two transactions in each other's way": "AABBB",
    "two writes for one record": "ABAB",
}

every = pytest.mark.parametrize("challenge", CHALLENGES.values(), ids=CHALLENGES)


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(challenges, "SHORTEST", {})


def begin(challenge):
    """A Walk at the start of a challenge."""
    team = challenge.team()
    return Walk(team=team, processes=len(team))


@every
def test_it_is_met_by_its_solution_and_by_nothing_less(challenge):
    walk, solution = begin(challenge), SOLUTIONS[challenge.title]
    for letter in solution:
        assert not challenge.is_met(walk)
        walk.move(letter)
    assert challenge.is_met(walk)


@every
def test_one_process_after_the_other_does_not_meet_it(challenge):
    walk = begin(challenge)
    if challenge.title == "make somebody wait":
        return  # there the first step is enough
    while walk.able:
        assert not challenge.is_met(walk)
        walk.move(walk.able[0])
    assert not challenge.is_met(walk)


@every
def test_its_order_replays_on_real_processes(challenge):
    walk = begin(challenge)
    walk.go(SOLUTIONS[challenge.title])
    walk.finish()
    team = challenge.team()
    run = lab.run(team=team, processes=len(team), schedule=walk.schedule)
    assert observed(run) == walk.values
    assert run.code == walk.code


@every
def test_each_order_on_its_way_has_a_code_that_leads_back_to_it_and_to_no_other_challenge(
    challenge,
):
    walk, solution = begin(challenge), SOLUTIONS[challenge.title]
    for letter in solution:
        walk.move(letter)
        again = begin(challenge)
        again.go(walk.code)
        assert again.schedule == walk.schedule
    code = f"{challenge.setup}:{walk.code.partition(':')[2]}"
    assert challenge_at(f" {code.upper()} ") is challenge
    assert re.fullmatch("[0-9]{2}:[a-z0-9-]+:[0-9]:[A-Z]+:[0-9a-f]{6}", code)
    for other in CHALLENGES.values():
        if as_team(other) != as_team(challenge):
            with pytest.raises(ValueError, match="the code"):
                begin(other).go(code)


def as_team(challenge):
    """What each process does, and with what."""
    return [
        (worker, [(type(arg), getattr(arg, "name", arg), getattr(arg, "start", 0)) for arg in args])
        for worker, args in challenge.team()
    ]


def test_the_setups_of_all_challenges_differ():
    assert len({challenge.setup for challenge in CHALLENGES.values()}) == len(CHALLENGES)


@every
def test_it_has_a_goal_and_hints(challenge):
    assert challenge.goal.endswith(".")
    assert 2 <= len(challenge.hints) <= 4
    assert challenge.lesson in ("03", "04", "07", "10")


def test_the_lesson_before_any_lock_has_none_in_its_challenges():
    for challenge in CHALLENGES.values():
        if challenge.lesson == "03":
            assert begin(challenge).holders == {}


def test_the_shortest_solution_is_kept():
    challenge = CHALLENGES["an empty file"]
    assert challenge.title not in challenges.SHORTEST
    assert note_solution(challenge, "AABAB") == "AABAB"
    assert note_solution(challenge, "AAB") == "AAB"
    assert note_solution(challenge, "ABAAA") == "AAB"
    assert note_solution(challenge, "ABA") == "AAB"  # as long, with more switches
    assert challenges.SHORTEST[challenge.title] == "AAB"


def test_an_unknown_challenge_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="choose one of 'lose one update', "):
        challenge_of("win")
