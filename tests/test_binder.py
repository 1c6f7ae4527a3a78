"""Binder would build what we mean: what repo2docker reads in binder/.

test_install.py runs the steps. Not covered: Binder's base image, its conda packages, its user, its one core.
"""

import os
import re
from urllib.parse import unquote

import pytest

from tests.environments import ROOT, copy_tracked_files, read_by_repo2docker


@pytest.mark.exhaustive
@pytest.mark.skipif(os.name == "nt", reason="repo2docker does not run on Windows")
def test_repo2docker_reads_the_folder(tmp_path):
    output, steps = read_by_repo2docker(copy_tracked_files(tmp_path))

    python = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"conda environment for python={python}\n" in output
    assert any("pip install" in step and '-r "binder/requirements.txt"' in step for step in steps)
    assert steps[-1] == "./binder/postBuild"


def test_the_requirements_name_files_that_exist():
    requirements = ROOT / "binder" / "requirements.txt"
    lines = requirements.read_text().splitlines()

    assert lines == ["-r ../requirements.txt", "-c ../constraints.txt"]
    for line in lines:
        assert (requirements.parent / line.split()[1]).is_file()


def test_the_badge_opens_a_lesson_that_exists():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [lesson] = re.findall(r"mybinder\.org/v2/[^)]*\?labpath=([^)]+)", readme)

    assert (ROOT / unquote(lesson)).is_file()
