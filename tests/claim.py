"""`@claim("07", "two of the six orders get stuck")`: this test, or this experiment of tests/claims, proves that sentence of that lesson.

`python -m tests.claim` prints all that are declared, as a table; it reads the files and imports none.
"""

import ast
from pathlib import Path

FOLDER = Path(__file__).parent


def claim(lesson, words):
    """Declare what a function proves: the lesson's number, and the sentence in short."""
    return lambda function: function


def declared():
    """All claims as (lesson, words, file and function), in the order of the lessons."""
    found = []
    for path in sorted([*FOLDER.glob("*.py"), *FOLDER.glob("claims/*.py")]):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for mark in getattr(node, "decorator_list", ()):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "claim":
                    place = f"{path.relative_to(FOLDER.parent).as_posix()}::{node.name}"
                    found.append((*map(ast.literal_eval, mark.args), place))
    return sorted(found, key=lambda row: row[0])


if __name__ == "__main__":
    print("| Lesson | Claim | Test |", "| --- | --- | --- |", sep="\n")
    for row in declared():
        print("|", " | ".join(row), "|")
