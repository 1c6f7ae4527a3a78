"""my_plain_votes.py: two processes read, add and write one number in a file."""

from helpers.exercises.plain import Program, plain

_VOTES = Program(files={"votes.txt": "18"}, works={"votes.txt": 4})

EXERCISE = plain(
    _VOTES,
    words="Two stations report at the same time, each adds its own counts to `votes.txt`, and in the end the file says 18.",
)
