"""Deadlocked processes of a notebook: gone after interrupt, restart, and a kernel that was killed hard."""

import os
import signal

import pytest
from cases import few
from claim import claim
from conftest import ROOT
from jupyter_client.manager import start_new_kernel
from pages import wait_until
from remains import descendants, is_running, lab_folders
from test_lab_faults import DEADLOCKED

from helpers import lab

pytestmark = [pytest.mark.platform("linux"), pytest.mark.timeout(120)]

SETUP = f"""
import sys; sys.path[:0] = {[str(ROOT), str(ROOT / "tests")]!r}
from helpers import lab
from helpers.resources import Lock
import workers_for_tests as workers
lab.warm()
"""


@pytest.fixture
def kernel(tmp_path):
    """A kernel with two deadlocked children: its manager, its client, and these children."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    begun = tmp_path / "begun"
    method = lab.default_start_method()
    client.execute(
        SETUP + DEADLOCKED.replace("\n    ", "\n").format(begun=str(begun), method=method)
    )
    wait_until(begun.exists)
    family = descendants(manager.provisioner.pid)
    assert len(family) >= 2
    yield manager, client, family
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    wait_until(lambda: not any(map(is_running, family)))


def gone(family):
    return not any(map(is_running, family))


def test_an_interrupt_of_the_kernel_ends_them_and_the_next_cell_runs(kernel):
    manager, client, family = kernel
    manager.interrupt_kernel()
    wait_until(lambda: lab_folders() == set())
    reply = client.execute_interactive("verdict = run.verdict", timeout=60, allow_stdin=False)
    assert reply["content"]["status"] == "ok"
    reported = client.execute_interactive("assert verdict == 'stopped'", timeout=60)
    assert reported["content"]["status"] == "ok"
    wait_until(lambda: len([pid for pid in family if is_running(pid)]) <= 2)  # server and tracker


@pytest.mark.parametrize("now", few([False, True]))
def test_a_restart_of_the_kernel_ends_them(kernel, now):
    manager, _, family = kernel
    manager.restart_kernel(now=now)
    wait_until(lambda: gone(family))
    lab.sweep_folders()  # as the next run does, where nobody was left to do it
    assert lab_folders() == set()


def test_children_of_a_kernel_that_was_killed_hard_end_by_themselves(kernel):
    manager, _, family = kernel
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    wait_until(lambda: gone(family))
    wait_until(lambda: lab_folders() == set())


@claim("08", "a restart of the kernel ends its plain children, too")
def test_a_restart_of_the_kernel_ends_plain_children_too(tmp_path):
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    code = "import multiprocessing as m, time; m.Process(target=time.sleep, args=(600,)).start()"
    try:
        reply = client.execute_interactive(code, timeout=60, allow_stdin=False)
        assert reply["content"]["status"] == "ok"
        family = descendants(manager.provisioner.pid)
        assert family
        manager.restart_kernel()
        wait_until(lambda: gone(family))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
