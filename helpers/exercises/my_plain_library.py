"""my_plain_library.py: a function that holds a Lock calls another one that takes it."""

import re
from pathlib import Path

from helpers.exercises.plain import Program


def _wrong_diary(folder):
    """What is wrong with the diary: it has a line for each reader, and for each number of books."""
    path = Path(folder, "diary.txt")
    lines = path.read_text().splitlines() if path.is_file() else []
    found = [each for line in lines for each in re.findall("^(Ann|Bob) has one of (8|7)$", line)]
    if len(lines) != 2 or {word for each in found for word in each} != {"Ann", "Bob", "7", "8"}:
        return f"diary.txt should have a line for Ann and one for Bob, one of 8 and one of 7, and has {lines}"
    return ""


EXERCISE = Program(
    files={"books.txt": "6"}, works={"books.txt": 2, "diary.txt": 2}, right=_wrong_diary
).exercise(
    "Two readers borrow at the same time; in the end `books.txt` says 6, and `diary.txt` has a line for each of them."
)
