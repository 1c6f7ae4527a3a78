"""my_plain_coffee.py: SELECT, then UPDATE."""

from helpers.exercises.plain import Program

EXERCISE = Program(prints="440", works={"table beans in kitchen.db": 6}).exercise(
    "Two machines brew three cups each at the same time, and in the end 440 grams are left in the database."
)
