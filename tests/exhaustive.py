"""What `make test` leaves out: tests with this mark run only where COURSE_ALL is set, as in `make test-all`."""

import os

import pytest

exhaustive = pytest.mark.exhaustive
ALL = "COURSE_ALL" in os.environ


def few(values, count=1):
    """Values of a parameter, of which `make test` takes the first `count` only."""
    values = list(values)
    return values[:count] + [pytest.param(value, marks=exhaustive) for value in values[count:]]
