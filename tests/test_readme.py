"""README.md is true: its links lead somewhere, its table is the lessons'. test_install.py runs its lines."""

import json
import re

import pytest

from tests.environments import ROOT


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_relative_link_leads_to_a_file(document):
    links = re.findall(r"\]\(([^)\s]+)\)", (ROOT / document).read_text(encoding="utf-8"))
    relative = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]

    assert [link for link in relative if not (ROOT / link).exists()] == []


def test_the_table_names_the_lessons_with_their_minutes():
    row = r"^\| \[(\w+)\]\(notebooks/\1\.ipynb\) \|.*\| (\d+)(?: \(\+ \d+\))? \|"
    table = re.findall(row, (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    lessons = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        lessons.append((path.stem, re.search(r"\*\*Minutes:\*\* (\d+)", first)[1]))
    assert table == lessons
