"""Exercises without end: each is what it says, by exploration, by an independent look at its steps and on real processes."""

import hashlib
import itertools
import re
from collections import Counter

import pytest
from cases import cases, few

from docs.papers import papers
from helpers import lab, record
from helpers.course import challenge, copy_stub, progress
from helpers.exercises import checking
from helpers.schedules import Walk, explore
from helpers.topics.endless import challenge_in, ends_right
from helpers.workers import drafts

CHUNK = 40
ONE_OF_EACH = (0, 1, 2, 3, 5, 9, 14, 16, 19)  # seeds, one for each class


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


# ---- the class, seen from outside: only the steps and the locks held at them are looked at


def steps_of(task):
    """Of many walks, by process: lists of (event, {lock held: number of its hold})."""
    team = task.team()
    letters = "ABC"[: len(team)]
    walks = [Walk(team=team, processes=len(team), schedule=o.schedule) for o in task.found.outcomes]
    for order in itertools.permutations(letters):
        walks.append(Walk(team=team, processes=len(team)))
        for letter in order:
            walks[-1].finish([letter])
    for walk in walks:
        walk.finish()
        for letter in letters:
            held, steps = {}, []
            for event in (e for e in walk.events if e.process == letter and e.outcome == "done"):
                if event.op == "release":
                    del held[event.shared]
                steps.append((event, dict(held)))
                if event.op == "acquire":
                    held[event.shared] = event.index
            yield letter, steps, held, walk


def fitting(task):
    """The classes that fit what the processes do."""
    touched, acquired, nested, changed, found = {}, {}, set(), [], set()
    traces = list(steps_of(task))
    for letter, steps, _, _ in traces:
        for event, held in steps:
            if event.op == "acquire":
                acquired.setdefault(letter, set()).add(event.shared)
                nested |= {(letter, outer, event.shared) for outer in held}
            elif event.op != "release":
                touched.setdefault(event.shared, set()).add(letter)
    own = {name for name, letters in touched.items() if len(letters) == 1}
    for letter, steps, held_at_end, walk in traces:
        waiting = {*dict(walk.stuck.waits), *walk.stuck.circle} if walk.stuck else ()
        if held_at_end and letter not in waiting:
            found.add("release forgotten")
        found |= set(_split(steps, own))
        for event, held in steps:
            if event.op == "write":
                changed.append((event.shared, frozenset(held)))
    shared = [(name, held) for name, held in changed if name not in own]
    if any(not held for _, held in shared):
        if any(held for name, held in changed if name in own):
            found.add("wrong file under the lock")
    elif len(acquired) == len(task.team()) and not _overlap(acquired.values()):
        found.add("lock per process")
    elif any(
        not frozenset.intersection(*(h for n, h in shared if n == name)) for name, _ in shared
    ):
        found.add("two locks for one file")
    if any((b, a) == (c, d) and p != q for p, a, b in nested for q, c, d in nested):
        found.add("wrong order")
    if not found:
        every = explore(team=task.team(), processes=len(task.team()), history=True)
        pauses = [held for ways in every.pauses.values() for way in ways for _, held in way]
        is_wide = any(pauses) or any(held for name, held in changed if name in own)
        found.add("one lock for too much" if is_wide else "none")
    return found


def _split(steps, own):
    """The classes by which a read of a shared file and the write that it decides lie in different holds."""
    read, checked = {}, {}
    for event, held in steps:
        if event.shared in own:
            continue
        if event.op == "read":
            checked[event.shared], read[event.shared] = read.get(event.shared), held
        elif event.op == "write":
            if read[event.shared] != held and held:
                yield "lock per step"
            elif checked.get(event.shared) is not None and checked[event.shared] != held:
                yield "check then act"
            read.pop(event.shared), checked.pop(event.shared, None)


def _overlap(sets):
    return any(a & b for a, b in itertools.combinations(sets, 2))


# ---- what is made


def seeds(first):
    return [challenge(seed) for seed in range(first, first + CHUNK)]


@pytest.mark.parametrize("first", few(range(0, 1000, CHUNK)))
def test_the_key_is_proved_and_no_other_class_fits(first):
    for task in seeds(first):
        team, twin = task.team(), drafts.team(task.key, " repaired")
        for text in drafts.texts(task.key):
            compile(text, "worker", "exec")
        serial = explore(team=twin, processes=len(twin))
        assert serial.is_proof and not serial.failures, task.source
        ends = {str(end.values) for end in serial.outcomes}
        found = explore(team=team, processes=len(team), holds=ends_right(ends))
        share = found.failures / found.schedules
        fails = task.fault not in ("none", "one lock for too much")
        assert found.is_proof and (0.01 <= share <= 0.6 if fails else share == 0), task.source
        assert fitting(task) == {task.fault}, task.source


def test_all_classes_come_and_neighbours_differ():
    tasks = seeds(0)
    assert {task.fault for task in tasks} == set(drafts.FAULTS)
    assert Counter(task.difficulty for task in tasks).keys() == {"easy", "medium", "hard"}
    texts = [task.source.split("\n", 1)[1] for task in tasks]
    assert len(set(texts)) == CHUNK


def test_it_is_the_same_on_every_python():
    said = "".join("".join(drafts.texts(challenge(seed).key)) for seed in range(20))
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == "01e7ca492be0d1aa"


@pytest.mark.parametrize("seed", few(ONE_OF_EACH, 9) + few(range(100, 141), 0))
def test_real_processes_take_the_failing_order_and_the_twin_is_right(seed):
    task = challenge(seed)
    for team, failing in (
        (task.team(), task.found.failing),
        (drafts.team(task.key, " repaired"), None),
    ):
        how = {"schedule": failing.schedule} if failing else {}
        run = lab.run(team=team, processes=len(team), **how)
        values = {name: account.observed for name, account in run.accounts.items()}
        if failing:
            assert values == failing.values
            stuck = failing.verdict if failing.verdict != "ended" else None
            assert stuck in (None, run.verdict)
        else:
            assert run.verdict == "correct" and str(values) in task.ends


@cases(
    "seed error",
    (-1, ValueError), (10**30, ValueError), ("x", TypeError), (True, TypeError), (1.5, TypeError),
)  # fmt: skip
def test_a_seed_that_is_none_is_refused_with_a_way_out(seed, error):
    with pytest.raises(error, match="0 to 999999"):
        challenge(seed)


def test_a_difficulty_is_searched_from_the_seed_on():
    assert challenge(7, "hard").difficulty == "hard"
    assert challenge(7, "hard").seed >= 7
    assert challenge(999_999, "easy").difficulty == "easy"
    assert challenge().seed in range(1_000_000)
    with pytest.raises(ValueError, match="'easy', 'medium', 'hard'"):
        challenge(7, "impossible")


# ---- the learner: looks, names, repairs


def test_it_shows_the_worker_and_not_the_fault():
    for seed in ONE_OF_EACH:
        task, shown = challenge(seed), challenge(seed)._repr_html_()
        assert f"my_challenge_{seed}.py" in shown and task.goal in shown
        if task.found.failing:
            assert task.found.failing.schedule not in shown


def test_naming_the_fault_tells_right_from_wrong_and_counts():
    task = challenge(3)
    assert task.fault_is("wrong order").startswith("Not 'wrong order'. Then two processes")
    assert "faults" not in str(progress())
    assert task.fault_is("lock per step").startswith("Right: ")
    with pytest.raises(ValueError, match="'none', 'lock per process'"):
        task.fault_is("bad luck")
    record.note("check", "", "my_challenge_3.py", state="passed")
    assert "Exercises without end: 1 fault named, 1 repaired." in str(progress())


@pytest.mark.parametrize("seed", few(ONE_OF_EACH, 2))
def test_the_worker_is_refused_until_it_is_repaired(seed, capsys):
    task, file = challenge(seed), f"my_challenge_{seed}.py"
    copy_stub(file)
    assert "edit it, save it" in capsys.readouterr().out
    state = "passed" if task.fault == "none" else "not yet"
    assert checking.check(file).state == state
    write(file, drafts.texts(task.key)[1])
    assert checking.check(file).state == "passed"


def write(file, text):
    with open(file, "w", encoding="utf-8") as out:
        out.write(text)


@cases(
    "seed line new failure",
    (3, r"\w+\.write\(.*\)", "pass", "other_work"),
    (5, r"if .*:", "if False:", "other_work"),
    (9, "def ", "def not_", "missing_function"),
)
def test_what_is_no_repair(seed, line, new, failure):
    task, file = challenge(seed), f"my_challenge_{seed}.py"
    text, count = re.subn(line, new, twin_of(task))
    assert count
    write(file, text)
    found = checking.check(file).failure
    assert found and found.name == failure, found


def twin_of(task):
    return drafts.texts(task.key)[1]


@pytest.mark.parametrize(
    "name",
    ["my_challenge_07", "my_challenge_x", "my_challenge_9999999", "challenge_7", "my_challenge_"],
)
def test_other_files_are_no_challenge(name):
    assert challenge_in(name) is None


# ---- the teacher


def test_thirty_papers_come_with_their_keys():
    page = papers(30, seed=100)
    assert page.count("<section>") == 60
    asked, keys = page.split("<h1>Key to challenge 100<")
    for seed in range(100, 130):
        task = challenge(seed)
        assert (
            f"<h1>Challenge {seed}</h1>" in asked
            and f"challenge {seed}</h1>" in keys + "challenge 100</h1>"
        )
        if task.found.failing:
            assert task.found.finding in keys and task.found.finding not in asked
    assert papers(30, seed=100) == page
    assert "Challenge 0<" in papers(2, seed=999_999)
