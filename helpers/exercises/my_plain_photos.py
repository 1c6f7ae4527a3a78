"""my_plain_photos.py: slow work under a lock that guards a number."""

from pathlib import Path

from helpers.exercises.plain import Program


def _wrong_photos(folder):
    """What is wrong with the photos: each has one of the first three numbers."""
    found = {path.name: path.read_text() for path in Path(folder).glob("*.jpg")}
    if sorted(found) != ["1.jpg", "2.jpg", "3.jpg"] or {*found.values()} != {"cat", "sea", "sky"}:
        return f"1.jpg, 2.jpg and 3.jpg should be the photos sea, sky and cat, and there is {found}"
    return ""


EXERCISE = Program(
    files={"number.txt": "3"}, works={"number.txt": 3}, right=_wrong_photos, slow=0.05, pauses=3
).exercise(
    "Two labs work at the same time, and in the end `1.jpg`, `2.jpg` and `3.jpg` are the three photos."
)
