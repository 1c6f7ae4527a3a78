"""The ways by which a lock can go to another process, and what comes of each."""

import json
from dataclasses import dataclass

from helpers.lab import limits
from helpers.lab.machine import checked_start_method
from helpers.lab.programs import run_program
from helpers.pictures import style
from helpers.pictures.declared import below
from helpers.pictures.step_table import html_table


@dataclass(frozen=True)
class Ways:
    """By way, then by kind of lock: "shared", "a copy", "never arrives", or the error."""

    start_method: str
    told: dict[str, dict[str, str]]

    def __str__(self):
        rows = [
            f"{way}: {', '.join(f'{kind} {what}' for kind, what in found.items())}"
            for way, found in self.told.items()
        ]
        return f"{self.start_method}. {'; '.join(rows)}"

    __repr__ = __str__


def try_ways(start_method=None):
    """Send three kinds of lock to another process in seven ways, in an interpreter of its own: Ways."""
    method = checked_start_method(start_method)
    return Ways(method, json.loads(run_program("ways_to_share.py", method, str(limits.for_run()))))


_LOOKS = {"shared": ("✓ shared", style.GOOD), "a copy": ("✗ a copy of its own", style.LOST)}


@below(Ways)
def ways_table(ways):
    """One row for each way, one column for each kind of lock; errors in Python's own words."""
    kinds = list(next(iter(ways.told.values())))
    rows = [
        [way, *(_LOOKS.get(found[kind], f"✗ {found[kind]}") for kind in kinds)]
        for way, found in ways.told.items()
    ]
    label = f"what becomes of a lock, by the way it goes, under {ways.start_method}"
    return html_table(["", *kinds], rows, label=label)
