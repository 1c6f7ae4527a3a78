"""The bank of questions: each key is proved, each wrong choice refuted, and the lessons ask what the bank holds."""

import importlib
import multiprocessing
import pkgutil
import re

import nbformat
import pytest
from cases import few
from conftest import ROOT

from docs import build
from helpers import course, workers
from helpers.panels.questions import EXAM, PARTS, lessons
from helpers.schedules import Exploration
from helpers.scripts import watch
from tests.claim import declared
from tests.plain_code import endings, program

KINDS = {"what happens", "which line", "which repair is no repair", "plain code", "in words"}
PROOFS = {"found", "plain", "claim"}  # what a question's proof may have
MUST_BE_ASKED = {  # the pitfalls that learners really hit, and the claims about locks that are only half true
    "a worker in a cell", "a pool that respawns workers", "the main guard in a notebook", "print of a child",
    "works on Linux only", "forkserver by default", "a lock through a pool", "a thread lock to a process",
    "a lock of another context", "a lock made inside each process", "right without a lock", "+= of threads",
    "the GIL prevents races", "Value and +=", "the parent ends first", "join before draining", "a killed holder",
    "fork while a thread holds a lock", "an interrupt leaves children", "same Lock twice", "ownership of a lock",
    "several processes, one log", "database is locked", "replace on Windows", "an edited module",
    "cores of a container", "leaked semaphore warnings", "three kinds of damage", "lost likely, not certain",
    "an empty read as 0", "waiting costs no processor", "with releases on the way out", "with and kill",
    "an exception inside with", "holding one lock while acquiring another", "a lock as an argument",
    "a script without the main guard", "related processes", "an RLock by process and thread", "RLock and recursion",
    "a sleep outside for fairness", "locking inside the functions only", "a lock for logging",
    "lock the minimum but from read to write", "databases and locks", "a lock is advisory",
}  # fmt: skip
QUESTIONS = [
    (lesson.number, question) for lesson in lessons().values() for question in lesson.questions
]
NAMES = [f"{number}-{question.name}" for number, question in QUESTIONS]


def names():
    """What proofs may use: the lessons' names, the modules of workers by their own, and multiprocessing."""
    modules = pkgutil.walk_packages(workers.__path__, f"{workers.__name__}.")
    found = {
        name.rpartition(".")[2]: importlib.import_module(name)
        for _, name, _ in modules
        if "module_lock" not in name
    }
    return {
        **{n: getattr(course, n) for n in course.__all__},
        **found,
        "multiprocessing": multiprocessing,
        "values": values,
        "verdicts": verdicts,
    }


def values(found):
    """What the files of an exploration, or of a Run, say in the end: a set of numbers, or of tuples where there are several."""
    if isinstance(found, Exploration):
        ends = [
            tuple(outcome.values.values())
            for outcome in found.outcomes
            if outcome.verdict == "ended"
        ]
    else:
        ends = [tuple(account.observed for account in found.accounts.values())]
    return {end[0] if len(end) == 1 else end for end in ends}


def verdicts(found):
    """How the orders of an exploration, or a Run, end: a set of words."""
    return (
        {o.verdict for o in found.outcomes}
        if isinstance(found, Exploration)
        else {str(found.verdict)}
    )


def proved_by(asked):
    """Its kind, and what its proof consists of."""
    return asked[1].kind, *sorted(asked[1].proof)


@pytest.mark.parametrize("asked", few(QUESTIONS, 2, proved_by), ids=NAMES)
def test_its_key_is_proved_and_its_wrong_choices_are_refuted(asked, tmp_path):
    _, question = asked
    proof = question.proof
    assert set(proof) <= PROOFS and ("found" in proof) != ("claim" in proof)
    if "claim" in proof:
        assert tuple(proof["claim"]) in {(lesson, words) for lesson, words, _ in declared()}
        assert question.kind == "in words"
        return
    found = eval(proof["found"], names())
    if isinstance(found, Exploration):
        assert found.is_proof
    held = {
        choice.says: eval(choice.holds, {**names(), "found": found}) for choice in question.choices
    }
    assert held == {choice.says: choice.right for choice in question.choices}
    if "plain" in proof:
        said = endings(question.code, proof["plain"], tmp_path)
        assert said == {str(value) for value in values(found)}


PLAIN = [(number, question) for number, question in QUESTIONS if "plain" in question.proof]


@pytest.mark.parametrize("question", [q for _, q in PLAIN], ids=[f"{n}-{q.name}" for n, q in PLAIN])
def test_watch_names_the_fault_of_plain_code_and_can_make_it_happen(
    question, tmp_path, monkeypatch
):
    """Where the key knows one ending only, `watch` finds no lost update; else it finds it, and an order that loses it."""
    monkeypatch.chdir(tmp_path)
    call = question.proof["plain"]
    text = program(question.code, call)
    (tmp_path / "my_code.py").write_text(text)
    ends = endings(question.code, call, tmp_path)
    read = next(n for n, line in enumerate(text.splitlines(), 1) if "read_text" in line)
    # B waits for a step that never comes, so A runs to its end before: nobody reads what is half written.
    seen = watch("my_code.py", order=f"A{read}#9 B{read}")
    lost = [found for found in seen.collisions if found.kind == "lost update"]
    assert bool(lost) is (len(ends) > 1)
    assert bool(seen.stuck) is (ends == {"0"})
    assert not seen.crossings
    if lost:
        assert lost[0].name == "number.txt"
        forced = watch("my_code.py", order=lost[0].order)
        # Who comes first to a lock that is taken before the first step may keep the order from coming.
        is_kept = " was kept" in forced.kept
        assert is_kept or "for lock" in forced.kept
        if is_kept and "range" not in question.code:  # else more steps follow, in any order
            assert dict(forced.says)["number.txt"] in ends - {max(ends)}


def test_watch_names_the_line_at_which_a_script_without_the_guard_dies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [code] = [q.code for _, q in QUESTIONS if q.name == "a script without the guard"]
    (tmp_path / "double.py").write_text(code)
    seen = watch("double.py")
    line = code.splitlines().index("child.start()") + 1
    assert seen.deaths[0].startswith(f"A died at line {line}: RuntimeError")


@pytest.mark.parametrize(("number", "question"), QUESTIONS, ids=NAMES)
def test_it_has_one_right_choice_and_each_wrong_one_a_misconception(number, question):
    assert question.kind in KINDS
    assert question.part in (*PARTS, EXAM)
    assert 3 <= len(question.choices) <= 5
    assert [choice.right for choice in question.choices].count(True) == 1
    for choice in question.choices:
        assert bool(choice.misconception) is not choice.right
        assert choice.why.endswith((".", "?")) and choice.says
    assert question.kind != "plain code" or "plain" in question.proof


def test_each_pitfall_has_a_question():
    assert MUST_BE_ASKED - {about for _, question in QUESTIONS for about in question.about} == set()


def test_the_page_of_questions_is_up_to_date():
    for name, text in build.pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, (
            "run python -m docs.build"
        )


def test_no_two_questions_of_a_lesson_have_one_name():
    for lesson in lessons().values():
        asked = [question.name for question in lesson.questions]
        assert len(set(asked)) == len(asked), lesson.number


@pytest.mark.parametrize("lesson", lessons().values(), ids=lessons())
def test_the_bank_knows_what_there_is_to_do_in_a_lesson(lesson):
    notebook = nbformat.read(ROOT / "notebooks" / lesson.file, as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert notebook.cells[0].source.startswith(f"# {lesson.title}\n")
    assert list(lesson.predictions) == re.findall(
        rf'predict\(\s*"{lesson.number}",\s*"([^"]*)"', code
    )
    checked = re.findall(r'^check\("(my_\w+\.py)"', code, re.MULTILINE)
    assert list(lesson.exercises) == list(dict.fromkeys(checked))
