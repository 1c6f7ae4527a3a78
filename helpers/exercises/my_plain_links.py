"""my_plain_links.py: += on a Value, by the workers of a pool."""

from helpers.exercises.plain import Program, plain

_LINKS = Program(prints="4 broken links", slow=0.05, pauses=6)

EXERCISE = plain(
    _LINKS,
    words="Two workers visit six pages at the same time, and the last line says `4 broken links`.",
)
