"""The cheat sheet: what it shows as code runs and does what stands beside it, and it prints on two pages."""

import contextlib
import html
import multiprocessing
import re
import subprocess
import sys

import pytest

from tests import jupyter
from tests.environments import ROOT, variables

SHEET = ROOT / "docs" / "cheat_sheet.html"
BLOCKS = {
    title: html.unescape(code)
    for title, code in re.findall(
        r'<h2>([^<]*) <small>[^<]*</small></h2>\n<pre class="runs">([^<]*)</pre>',
        SHEET.read_text(encoding="utf-8"),
    )
}


def test_each_block_that_runs_stands_under_its_heading():
    assert len(BLOCKS) == SHEET.read_text(encoding="utf-8").count("<pre class")


@pytest.mark.parametrize("title", BLOCKS)
def test_a_block_runs_as_it_stands_and_prints_what_its_comments_say(title, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(BLOCKS[title], encoding="utf-8")
    env = {**variables(), **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path))}
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        check=False,
        env=env,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == re.findall(r"print\(.*\)  # (.*)", BLOCKS[title])
    left = {path.name: path.read_text() for path in tmp_path.glob("*/*.txt")}
    expected = {
        "The whole pattern": {"number.txt": "4"},
        "Files, logs, databases": {"number.txt": "8", "log.txt": "one whole record\n"},
    }
    assert left == expected.get(title, {})
    assert not list(tmp_path.glob("*/*.new"))


@pytest.mark.parametrize("given", [(0, 1), (1, 0)])
def test_both_locks_are_held_in_one_order_and_given_back_after_an_error(given):
    told, found = [], {}

    class Told(contextlib.AbstractContextManager):
        def __enter__(self):
            told.append(("acquire", locks.index(self)))

        def __exit__(self, *_):
            told.append(("release", locks.index(self)))

    exec(BLOCKS["Several locks"], found)  # noqa: S102 - the sheet's own code
    locks = [Told(), Told()]
    with (
        pytest.raises(ZeroDivisionError),
        found["both"](*map(locks.__getitem__, given), locks.index),
    ):
        raise ZeroDivisionError
    assert told == [("acquire", 0), ("acquire", 1), ("release", 1), ("release", 0)]


def test_with_a_limit_the_update_is_not_done_without_the_lock(monkeypatch):
    told = []

    class Held:
        def acquire(self, timeout):
            told.append(timeout)
            return False

    monkeypatch.setattr(multiprocessing, "Lock", Held)
    code = BLOCKS["With a limit"].replace("pass  #", "told.append('update')  #")
    with pytest.raises(TimeoutError, match="not free in 5 s"):
        exec(code, {"told": told})  # noqa: S102
    assert told == [5]


def test_with_a_limit_the_lock_is_given_back_after_an_error():
    code, found = BLOCKS["With a limit"].replace("pass  #", "1 / 0  #"), {}
    with pytest.raises(ZeroDivisionError):
        exec(code, found)  # noqa: S102
    assert found["lock"].acquire(block=False)


@pytest.mark.skipif(jupyter.chromium() is None, reason="no Chromium")
def test_it_prints_on_two_pages_and_no_line_of_code_is_broken_or_cut():
    with jupyter.browser() as browser:
        page = browser.new_page()
        page.goto(SHEET.as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        page.emulate_media(media="print")
        broken = page.evaluate(
            """() => [...document.querySelectorAll('pre')].filter(pre => {
                const look = getComputedStyle(pre);
                const inside = pre.clientHeight - parseFloat(look.paddingTop) - parseFloat(look.paddingBottom);
                const lines = pre.textContent.split('\\n').length * parseFloat(look.lineHeight);
                return Math.abs(inside - lines) > 2 || pre.scrollWidth > pre.clientWidth;
            }).map(pre => pre.textContent)"""
        )
    assert broken == []
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
