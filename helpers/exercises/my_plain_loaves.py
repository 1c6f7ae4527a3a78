"""my_plain_loaves.py: two processes read, add and write one number in a file."""

from helpers.exercises.plain import Program

EXERCISE = Program(files={"loaves.txt": "18"}, works={"loaves.txt": 4}).exercise(
    "Two ovens bake at the same time, each adds its own batches to `loaves.txt`, and in the end the file says 18."
)
