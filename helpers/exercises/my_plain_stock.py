"""my_plain_stock.py: a lock that covers the write only."""

from helpers.exercises.plain import Program

EXERCISE = Program(
    files={"stock.json": '{"apples": 5, "pears": 5}'}, works={"stock.json": 2}
).exercise(
    "Two vans deliver at the same time, and in the end `stock.json` has 5 apples and 5 pears."
)
