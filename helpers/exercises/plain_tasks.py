"""The transfer tasks at the ends of lessons: plain programs with one fault each. What is asked of them stands in plain_tasks.json."""

import json
from pathlib import Path

from helpers.exercises.plain import Program

# By the names of the learners' files: the fault, what the task asks, and what the Program must come to.
TASKS = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def plain_exercise(name):
    """The Exercise of one of the TASKS."""
    return Program(**TASKS[name]["program"]).exercise(TASKS[name]["asks"])
