"""my_plain_ferry.py: two locks that are taken in opposite orders."""

from helpers.exercises.plain import Program

EXERCISE = Program(prints="8 6", works={"quay": 2, "deck": 2}).exercise(
    "Two processes load and unload at the same time, and in the end 8 cars are on the quay and 6 on deck."
)
