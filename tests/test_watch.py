"""`watch` on the scripts of tests/watched: faults are named, right scripts raise no alarm, orders found do their harm."""

import subprocess
import sys
from pathlib import Path

import pytest
from cases import few
from watching import end, fault, is_named, own_copy, scripts, watched

from helpers.scripts import watch

pytestmark = pytest.mark.platform("posix")
NO_ORDER = "wrong_deadlock", "wrong_lock_kept_by_an_early_return"  # they get stuck by themselves


def under_each_method(found):
    """The test is run with each script and start method; `make test` takes one of each kind of fault."""
    cases = [(script, method) for script in found for method in script.methods]
    ids = [f"{script.name}-{method or 'its own'}" for script, method in cases]
    return pytest.mark.parametrize("case", few(cases, kind=kind_of_fault), ids=ids)


def kind_of_fault(case):
    """The first words of a script's fault, "" where it is right."""
    return case[0].fault.partition(" of ")[0]


@under_each_method(scripts("wrong"))
def test_the_fault_is_named_with_its_lines(case):
    script, method = case
    seen = watched(script, method)
    assert is_named(script, seen), f"{fault(seen)}: {seen.sentence}"
    assert script.ends_right(end(seen)) or script.ends_wrong(end(seen)), seen.output
    assert seen.methods == ((method,) if method else seen.methods)


def test_a_file_that_one_process_makes_for_itself_is_no_lock():
    [script] = (s for s in scripts("wrong") if s.name == "wrong_new_version_put_in_place")
    assert watched(script, "spawn").collisions[0].locks == ([], [])


@under_each_method([script for script in scripts("wrong") if script.name not in NO_ORDER])
def test_the_order_found_is_kept_and_does_its_harm(case):
    script, method = case
    seen = watched(script, method)
    kept = watched(script, method, seen.order)
    assert kept.kept == f"The order {seen.order} was kept."
    assert script.ends_wrong(end(kept)), kept.sentence


@pytest.mark.parametrize("order", ["A16 B14", "B16 A14"])
def test_a_worker_that_has_done_its_task_leaves_the_next_one_to_who_is_named(order):
    [script] = (s for s in scripts("wrong") if s.name == "wrong_pool_that_starts_one_by_one")
    assert watched(script, "fork", order).kept == f"The order {order} was kept."


@under_each_method(scripts("right"))
def test_a_right_script_raises_no_alarm(case):
    script, method = case
    seen = watched(script, method)
    assert seen.verdict == "correct", seen.sentence
    assert "kept apart by locks or ordered by hand-overs" in seen.sentence
    assert script.ends_right(end(seen)), seen.output


@under_each_method(scripts("right"))
def test_a_right_script_does_what_it_does_unwatched(case):
    script, method = case
    with own_copy(script) as folder:
        alone = subprocess.run([sys.executable, script.path.name], check=False, capture_output=True)
        left = contents(folder)
    with own_copy(script) as folder:
        seen = watch(script.path.name, start_method=method)
        assert contents(folder) == left
    assert seen.output.encode() == alone.stdout
    assert seen.errors.encode() == alone.stderr
    assert seen.exit_code == alone.returncode


def contents(folder):
    """The bytes of each file in a folder, by its path from there."""
    paths = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
