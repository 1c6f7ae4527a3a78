"""The ways by which a lock can go to another process, and what comes of each."""

import json
from dataclasses import dataclass
from pathlib import Path

from helpers.experiments.programs import run_script
from helpers.lab import limits
from helpers.lab.machine import checked_start_method


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
    script = Path(__file__).with_name("ways_to_share.py")
    return Ways(method, json.loads(run_script(script, method, str(limits.for_run()))))
