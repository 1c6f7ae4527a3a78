"""The transfer tasks at the ends of lessons: plain programs with one fault each. What is asked of them stands in plain_tasks.json."""

import json
import re
from pathlib import Path

from helpers.exercises.plain import Program

# By the names of the learners' files: the fault, what the task asks, and what the Program must come to.
TASKS = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def plain_exercise(name):
    """The Exercise of one of the TASKS."""
    more = {"right": _RIGHT[name]} if name in _RIGHT else {}
    return Program(**TASKS[name]["program"], **more).exercise(TASKS[name]["asks"])


def _wrong_diary(folder):
    """What is wrong with the diary: it has a line for each reader, and for each number of books."""
    path = Path(folder, "diary.txt")
    lines = path.read_text().splitlines() if path.is_file() else []
    found = [each for line in lines for each in re.findall("^(Ann|Bob) has one of (8|7)$", line)]
    if len(lines) != 2 or {word for each in found for word in each} != {"Ann", "Bob", "7", "8"}:
        return f"diary.txt should have a line for Ann and one for Bob, one of 8 and one of 7, and has {lines}"
    return ""


def _wrong_photos(folder):
    """What is wrong with the photos: each has one of the first three numbers."""
    found = {path.name: path.read_text() for path in Path(folder).glob("*.jpg")}
    if sorted(found) != ["1.jpg", "2.jpg", "3.jpg"] or {*found.values()} != {"cat", "sea", "sky"}:
        return f"1.jpg, 2.jpg and 3.jpg should be the photos sea, sky and cat, and there is {found}"
    return ""


_RIGHT = {"my_plain_library": _wrong_diary, "my_plain_photos": _wrong_photos}
