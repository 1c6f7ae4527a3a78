"""What cannot be run is refused before any process starts: value, allowed range and mend are named."""

import math
import re

import pytest
import workers_for_tests as workers
from cases import cases
from claim import claim
from scripts import python

from helpers import lab
from helpers.lab import processes
from helpers.resources import CounterFile, Lock


@pytest.fixture(autouse=True)
def no_process_starts(monkeypatch):
    def start(*args):
        raise AssertionError("a process was about to start")

    monkeypatch.setattr(processes, "ChildProcess", start)


def test_what_is_allowed_gets_as_far_as_the_first_process():
    with pytest.raises(AssertionError, match="a process was about to start"):
        lab.run(workers.add_one, CounterFile(), processes=26, deadline=600, slots=1_000_000)


@cases(
    "settings error message",
    ({"processes": 0}, ValueError, "processes=0: choose 1 to 26"),
    ({"processes": 27}, ValueError, "processes=27: choose 1 to 26"),
    ({"processes": "4"}, TypeError, "processes='4': give a whole number from 1 to 26"),
    ({"processes": 4.0}, TypeError, "processes=4.0: give a whole number from 1 to 26"),
    ({"processes": True}, TypeError, "processes=True: give a whole number from 1 to 26"),
    ({"processes": None}, TypeError, "processes=None: give a whole number from 1 to 26"),
    ({"deadline": 0}, ValueError, "deadline=0: choose 0.01 to 600 seconds"),
    ({"deadline": math.nan}, ValueError, "deadline=nan: choose 0.01 to 600 seconds"),
    ({"deadline": math.inf}, ValueError, "deadline=inf: choose 0.01 to 600 seconds"),
    ({"deadline": "5"}, TypeError, "deadline='5': give a number from 0.01 to 600 seconds"),
    ({"deadline": False}, TypeError, "deadline=False: give a number"),
    ({"slots": 0}, ValueError, "slots=0: choose 1 to 1000000"),
    ({"slots": 2.5}, TypeError, "slots=2.5: give a whole number from 1 to 1000000"),
    ({"start_method": "frok"}, ValueError, "start_method='frok': on "),
)
def test_settings_out_of_range_are_refused(settings, error, message):
    with pytest.raises(error, match=re.escape(message)):
        lab.run(workers.add_one, CounterFile(), **settings)


def test_an_unknown_start_method_names_those_of_this_system():
    with pytest.raises(ValueError, match=r"start_method='frok': on \w+ choose .*spawn"):
        lab.ProcessSet(start_method="frok")


def test_an_unknown_start_method_in_the_environment_is_refused_by_its_name(monkeypatch):
    monkeypatch.setenv("COURSE_START_METHOD", "frok")
    with pytest.raises(ValueError, match=r"COURSE_START_METHOD='frok': on \w+ choose .*spawn"):
        lab.run(workers.add_one, CounterFile())


def from_cell():
    pass


@claim("01", "the lab refuses a cell function before it starts anything")
def test_a_worker_from_a_cell_is_refused_with_the_way_to_a_module(monkeypatch):
    monkeypatch.setattr(from_cell, "__module__", "__main__")
    message = (
        r"the worker 'from_cell' is defined in a notebook cell .* Put it in a module: "
        r"write %%writefile my_worker.py as the first line .* from my_worker import from_cell"
    )
    with pytest.raises(TypeError, match=message):
        lab.run(from_cell)


def test_a_worker_of_the_main_script_is_refused_in_a_real_one():
    code = "from helpers import lab\ndef work(): pass\nlab.run(work)"
    done = python("-c", code)
    assert done.returncode == 1
    last_line = done.stderr.strip().splitlines()[-1]
    assert last_line.startswith("TypeError: the worker 'work' is defined in a notebook cell")


@cases(
    "worker message",
    (workers.make_inner(), "the worker 'make_inner.<locals>.inner' cannot be found by name"),
    (workers.nameless, "the worker '<lambda>' cannot be found by name in the module 'workers_"),
    (CounterFile().read, "the worker 'CounterFile.read' cannot be found by name"),
    (42, "worker=42: give a function that is defined in a module"),
    ("add_one", "worker='add_one': give a function that is defined in a module"),
    (None, "worker=None: give a function that is defined in a module"),
)
def test_what_no_child_can_find_is_refused(worker, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        lab.run(worker)


@pytest.mark.parametrize("names", [("notes", "notes"), ("Notes", "notes")])
def test_two_counters_of_one_name_are_refused(names):
    with pytest.raises(ValueError, match="two files are called 'notes': give them different names"):
        lab.run(workers.add_one, *map(CounterFile, names))


def test_a_counter_and_a_lock_may_share_a_name():
    with pytest.raises(AssertionError, match="a process was about to start"):
        lab.run(workers.add_holding, CounterFile("door"), Lock("door"), 1)


ADD = (workers.add_one, (CounterFile(),))


@cases(
    "team error message",
    ([], ValueError, "a team of 0 for 2 processes: give one (worker, args) each"),
    ([ADD], ValueError, "a team of 1 for 2 processes"),
    ([ADD] * 3, ValueError, "a team of 3 for 2 processes"),
    ([ADD, workers.add_one], TypeError, "in the team: give (worker, args), args a tuple"),
    ([ADD, (workers.add_one, 5)], TypeError, "in the team: give (worker, args), args a tuple"),
    ([ADD, (workers.nameless, ())], TypeError, "the worker '<lambda>' cannot be found by name"),
)
def test_a_team_has_a_worker_and_its_arguments_for_each_process(team, error, message):
    with pytest.raises(error, match=re.escape(message)):
        lab.run(None, team=team, processes=2)
