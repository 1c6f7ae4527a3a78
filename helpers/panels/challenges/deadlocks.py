"""The challenges of lesson 07: two locks and more, taken one while another one is held."""

from helpers import analysis
from helpers.experiments import Cure, transfer_team
from helpers.panels.challenges.record import Challenge
from helpers.schedules.outcomes import switches


def _transfers(cure, processes=2):
    return lambda: transfer_team(cure.worker, processes)


def _all_wait(walk):
    return walk.is_over and walk.result[0] == "deadlock"


def _all_end_well(walk):
    return walk.is_over and walk.result[0] == "correct"


def _overlap(walk):
    return _all_end_well(walk) and switches(walk.schedule) >= 3


def _b_passes_a(walk):
    held = [span for span in analysis.holds(walk.events) if span.process == "A"]
    wrote = [event.start for event in walk.events if event.process == "B" and event.op == "write"]
    return _all_end_well(walk) and any(span.start < at < span.end for span in held for at in wrote)


def _four_wasted(walk):
    refused = [event.process for event in walk.events if event.outcome == "refused"]
    return _all_end_well(walk) and refused.count("A") >= 2 and refused.count("B") >= 2


DEADLOCKS = (
    Challenge(
        "into the deadlock",
        "07",
        _transfers(Cure.NONE),
        "A moves money from account 1 to 2, B from 2 to 1. Bring both to where neither can move any more.",
        _all_wait,
        (
            "Each must hold what the other one wants.",
            "Let A acquire its first lock. Which one must B acquire then?",
            "Its own first one: AB.",
        ),
    ),
    Challenge(
        "past the deadlock",
        "07",
        _transfers(Cure.NONE),
        "The same two transfers. Bring both to their end, but change from one to the other at least three times.",
        _overlap,
        (
            "As long as A holds only one of its locks, B must not take its first one.",
            "A gives back two locks, one after the other. What could B do in between?",
            "A does all but its last step: AAAAAAA. Then B takes its first lock, A gives back its last one, and B goes on.",
        ),
    ),
    Challenge(
        "a ring of three",
        "07",
        _transfers(Cure.NONE, 3),
        "A moves money from 1 to 2, B from 2 to 3, C from 3 to 1. Bring all three to where nobody can move.",
        _all_wait,
        (
            "Two of them alone cannot block each other: they have only one lock in common.",
            "Each must hold one lock, and wait for that of the next.",
        ),
    ),
    Challenge(
        "hold one, take another",
        "07",
        _transfers(Cure.GLOBAL_ORDER, 3),
        "Now each takes the lock with the smaller number first. B must move its money while A holds lock 1, and all three must end well.",
        _b_passes_a,
        (
            "A holds lock 1 and wants lock 2. That alone is no deadlock.",
            "B needs the locks 2 and 3. Let it have them before A gets lock 2.",
            "A takes lock 1. Then B does all it has to do, then A, then C.",
        ),
    ),
    Challenge(
        "give way, and again",
        "07",
        _transfers(Cure.BACK_OFF),
        "Here each tries for its second lock, and gives the first one back if it does not get it. Make both try in vain twice, and then let both end.",
        _four_wasted,
        (
            "A try is in vain if the other one holds that lock.",
            "Let both take their first lock. Then both try, then both give back.",
            "AB AB AB is one round in vain for both. After the second round, one goes first.",
        ),
    ),
)
