"""my_plain_scores.py: each process makes a lock of its own."""

from helpers.exercises.plain import Program, plain

_SCORES = Program(files={"table.txt": "20 70 90"}, works={"table.txt": 3})

EXERCISE = plain(
    _SCORES,
    words="Two players play at the same time, and in the end `table.txt` has the three scores in their order.",
)
