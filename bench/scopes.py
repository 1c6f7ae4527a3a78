"""How long the sweep of all lock scopes takes, as often repeated as the panel does it."""

import time
from statistics import median

from helpers import topics

_SWEEPS = 5


def measure_scopes(report):
    """The scope dial's sweep at its default settings, pictures apart."""
    found = []
    for _ in range(_SWEEPS):
        began = time.perf_counter()
        sweep = topics.sweep_scopes()
        found.append(time.perf_counter() - began)
    assert len(sweep.scopes) == len(topics.Scope), sweep
    report.line(
        f"sweep of all scopes, {topics.scope.ROUNDS} runs each, median of {_SWEEPS}",
        median(found),
        3,
        "s",
    )
