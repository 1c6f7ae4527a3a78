"""The page "My program hangs or loses data": `watch` says what it quotes, its code does what it says, its figure leads where its text does."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from cases import exhaustive
from conftest import ROOT

from helpers.scripts import watch

DOCS = ROOT / "docs"
PAGE = (DOCS / "my_program_hangs.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^\| `(?!child)([^`]*\w+ [^`]*)`", PAGE, re.MULTILINE)

KILLED = """
import os
from multiprocessing import Lock, Process

def work(lock):
    with lock:
        os._exit(1)

if __name__ == "__main__":
    lock = Lock()
    children = [Process(target=work, args=(lock,)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
"""
CIRCLE = """
from multiprocessing import Barrier, Lock, Process

def work(first, second, meet):
    with first:
        meet.wait()
        with second:
            pass

if __name__ == "__main__":
    x, y, meet = Lock(), Lock(), Barrier(2)
    children = [Process(target=work, args=(*pair, meet)) for pair in ((x, y), (y, x))]
    for child in children:
        child.start()
    for child in children:
        child.join()
"""
QUEUE = """
from multiprocessing import Process, Queue

def fill(queue, size):
    queue.put("x" * size)

if __name__ == "__main__":
    queue = Queue()
    child = Process(target=fill, args=(queue, {size}))
    child.start()
    {waits}
"""
PROGRAMS = {  # a script, or the answer to an exercise that has the fault
    "which A kept": KILLED,
    "A waits for lock y": CIRCLE,
    "A waits for the lock": "my_plain_library/wrong_stub",
    "P waits at line 12": QUEUE.format(size=1_000_000, waits="child.join()"),
    "P waits at line 11": QUEUE.format(size=1, waits="queue.get(), queue.get()"),
    "no lock keeps": "my_plain_loaves/wrong_stub",
    "but not from": "my_plain_stock/wrong_lock_for_each_step",
    "A holds lock": "my_plain_scores/wrong_stub",
    "writes table": "my_plain_coffee/wrong_stub",
}
TO_THE_LIMIT = "P waits at line 12", "P waits at line 11"  # nothing proves that they wait for ever


def pattern(quoted):
    """What `watch` says, whichever process comes first and at whichever line."""
    return re.sub(r"\b[A-Z]\b(?! holds lock)", "[A-Z]", re.sub(r"\d+", r"\\d+", re.escape(quoted)))


def test_each_quoted_sentence_has_its_program():
    assert [start for start in PROGRAMS if sum(q.startswith(start) for q in QUOTED) != 1] == []
    assert len(QUOTED) == len(PROGRAMS)


@pytest.mark.parametrize(
    "start", [pytest.param(s, marks=exhaustive if s in TO_THE_LIMIT else ()) for s in PROGRAMS]
)
def test_watch_says_what_the_page_quotes(start, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = PROGRAMS[start]
    if "\n" not in text:
        text = (ROOT / "tests" / "answers" / f"{text}.py").read_text(encoding="utf-8")
    (tmp_path / "my_program.py").write_text(text)
    [quoted] = [q for q in QUOTED if q.startswith(start)]
    assert re.search(pattern(quoted), watch("my_program.py").sentence)


def block(word):
    """The page's block of code that has the word."""
    [found] = [b for b in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if word in b]
    return found


def test_the_dump_names_the_line_at_which_a_process_waits(tmp_path):
    head = block("faulthandler").replace("(60)", "(0.2, exit=True)")
    script = tmp_path / "my_program.py"
    script.write_text(
        f"{head}import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60, check=False
    )
    count = len(script.read_text().splitlines())
    assert f"line {count} in <module>" in done.stderr


def test_a_limit_is_told_and_a_lock_that_did_not_come_is_not_released():
    class Held:
        def acquire(self, timeout):
            return False

        def release(self):
            pytest.fail("it was not acquired")

    with pytest.raises(TimeoutError):
        exec(block("TimeoutError"), {"lock": Held()})  # noqa: S102 - the page's own


def test_the_figure_leads_to_the_lessons_and_calls_of_the_text():
    [(alt, name)] = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", PAGE)
    assert len(alt) > 100
    figure = ElementTree.parse(DOCS / name).getroot()
    said = ["".join(text.itertext()) for text in figure.iter("{http://www.w3.org/2000/svg}text")]
    assert len(said) > 20
    for text in said:
        for number in re.findall(r"\b\d\d\b", text.partition("(")[2]):
            assert f"](../notebooks/{number}_" in PAGE, text
    calls = [text for text in said if re.match(r"[a-z]+[.(]", text)]
    assert calls and all(call in PAGE for call in calls)


def test_lessons_and_readme_link_to_the_page():
    for name in (
        "README.md",
        "notebooks/08_crashes_and_timeouts.ipynb",
        "notebooks/12_capstone.ipynb",
    ):
        assert "docs/my_program_hangs.md" in (ROOT / name).read_text(encoding="utf-8"), name


def test_the_words_for_locks_that_have_not_met_are_those_of_watch():
    [quoted] = re.findall(r"`(they have not met[^`]*)`", PAGE)
    assert quoted in (ROOT / "helpers" / "scripts" / "watched.py").read_text(encoding="utf-8")
