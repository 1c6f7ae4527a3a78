"""Tables of cases for a test; and what `make test` leaves out: what has this mark runs only where COURSE_ALL is set, as in `make test-all`."""

import os

import pytest

exhaustive = pytest.mark.exhaustive
ALL = "COURSE_ALL" in os.environ
# Of the lessons, `make test` runs these in the browser, and the others without one.
IN_BROWSER = "02_race_conditions", "03_interleavings", "07_deadlock"


def cases(names, *rows):
    """The test is run for each row; `names` are its arguments, with spaces between them."""
    return pytest.mark.parametrize(names.split(), rows)


def few(values, count=1):
    """Values of a parameter, of which `make test` takes the first `count` only."""
    values = list(values)
    return values[:count] + [pytest.param(value, marks=exhaustive) for value in values[count:]]
