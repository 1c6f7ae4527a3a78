"""my_plain_scores.py: each process makes a lock of its own."""

from helpers.exercises.plain import Program

EXERCISE = Program(files={"table.txt": "20 70 90"}, works={"table.txt": 3}).exercise(
    "Two players play at the same time, and in the end `table.txt` has the three scores in their order."
)
