"""my_plain_stock.py: a lock that covers the write only."""

from helpers.exercises.plain import Program

_APPLES = '{"apples": 5, "pears": 5}'

EXERCISE = Program(files={"stock.json": _APPLES}, works={"stock.json": 2}).exercise(
    "Two vans deliver at the same time, and in the end `stock.json` has 5 apples and 5 pears."
)
