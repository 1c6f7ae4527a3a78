"""Tables of cases for a test; and what `make test` leaves out: what has this mark runs only where COURSE_ALL is set, as in `make test-all`."""

import os
from collections import Counter

import pytest

exhaustive = pytest.mark.exhaustive
ALL = "COURSE_ALL" in os.environ
# Of the lessons, `make test` runs these in the browser, and those without one: the short ones among the rest.
IN_BROWSER = "02_race_conditions", "03_interleavings", "07_deadlock"
IN_A_KERNEL = "00_start_here", "01_processes", "08_crashes_and_timeouts", "10_logs_and_databases"


def cases(names, *rows):
    """The test is run for each row; `names` are its arguments, with spaces between them."""
    return pytest.mark.parametrize(names.split(), rows)


def few(values, count=1, kind=lambda value: None):
    """Values of a parameter, of which `make test` takes the first `count` of each kind only."""
    seen, params = Counter(), []
    for value in values:
        seen[kind(value)] += 1
        marks = exhaustive if seen[kind(value)] > count else ()
        params.append(pytest.param(value, marks=marks))
    return params
