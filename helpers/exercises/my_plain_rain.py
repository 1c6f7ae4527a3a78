"""my_plain_rain.py: an exception between acquire and release."""

from helpers.exercises.plain import Program

EXERCISE = Program(files={"rain.txt": "13"}, works={"rain.txt": 3}, may_fail=True).exercise(
    "Two gauges add their readings at the same time, and in the end `rain.txt` says 13; the reading `wet` may end its process."
)
