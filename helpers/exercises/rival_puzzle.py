"""A small recorded race, new for each seed: who is whose rival?"""

import random
from dataclasses import dataclass

from helpers import analysis
from helpers.events import START_ID, Event, split_stamp, stamp
from helpers.pictures import interleaving_table


@dataclass(frozen=True)
class RivalPuzzle:
    """Steps of three processes that count in one file without a lock, in the order they happened."""

    seed: int
    events: tuple[Event, ...]
    account: analysis.Account

    @property
    def lost(self):
        """The ids of the lost updates."""
        return [update.key for update in self.account.lost]

    @property
    def rivals(self):
        """The answer: the id of each lost update's rival."""
        return {key: rival.key for key, rival in self.account.rivals.items() if rival}

    def _repr_html_(self):
        return interleaving_table(self.events, "ABC")


def rival_puzzle(seed=1):
    """A race of three processes and six updates, at least three of them lost: the same for a seed."""
    dice = random.Random(seed)
    while True:
        events, final = _race(dice)
        account = analysis.trace_updates(events, "counter", 0, final)
        if len(account.lost) >= 3 and len(account.kept) >= 2:
            return RivalPuzzle(seed, tuple(events), account)


def _race(dice):
    """Six updates in random order, and the text that stands in the file at the end."""
    turns = list("AAAABBBBCCCC")
    dice.shuffle(turns)
    text, seen, events = f"{START_ID} 0", {}, []
    steps = dict.fromkeys("ABC", 0)
    for time, name in enumerate(turns):
        steps[name] += 1
        op, arg = ("read", "") if steps[name] % 2 else ("write", str(seen.get(name, 0) + 1))
        if op == "read":
            seen[name] = split_stamp(text)[1]
        else:
            text = stamp(name, steps[name] // 2, arg)
        events.append(
            Event(name, steps[name], "counter", "counter", op, time, time + 1, arg, text, "done")
        )
    return events, text
