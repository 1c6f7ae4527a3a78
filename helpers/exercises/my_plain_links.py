"""my_plain_links.py: += on a Value, by the workers of a pool."""

from helpers.exercises.plain import Program

EXERCISE = Program(prints="4 broken links", slow=0.05, pauses=6).exercise(
    "Two workers visit six pages at the same time, and the last line says `4 broken links`."
)
