"""my_plain_scores.py: each process makes a lock of its own."""

from helpers.exercises.plain import Program, plain

_SCORES = Program(files={"table.txt": "10 20 70 90"}, works={"table.txt": 4})

EXERCISE = plain(
    _SCORES,
    words="Two players play at the same time, and in the end `table.txt` has the four scores in their order.",
)
