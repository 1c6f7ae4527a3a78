"""The timeline to walk through: its data, its HTML and its widget."""

import json
import re

import pytest
from cases import cases
from runs import LOCKED, RACE, crossed
from stories import in_row, tell
from test_lock_figures import orphan
from workers_for_tests import add_holding

from helpers import front, lab, topics
from helpers.front import mounting
from helpers.front.payload import MOST, VERSION, payload
from helpers.lab.check import WorkerFile, step_lines
from helpers.panels.panel import Screen
from helpers.pictures.declared import result_html
from helpers.resources import AccountFile, CounterFile, Lock
from helpers.schedules import Walk, explore
from helpers.scripts import watch
from helpers.workers.bank import transfer_in_given_order
from helpers.workers.counter import increment_without_lock
from tests.environments import ROOT

STORY = "A reads 0 / B reads 0 / B writes 1 / A writes 1 / B reads 1 / B writes 2"
WAITING = in_row(
    "A takes lock / A reads 0 / B wants lock / A writes 1 / A frees lock",
    "B takes lock / B reads 1 / B writes 2 / 2 ms / A wants lock / 3 ms",
)
NOTHING = tell("", processes="AB")


def size(data):
    """How many bytes go over to the page."""
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())


# ---- the data


def test_each_update_has_its_window_its_rival_and_the_one_that_it_built_on():
    lost, kept, last = (update[:7] for update in payload(tell(STORY))["updates"])
    assert lost == [1, 1, 3, "0→1", 0, 1, -1]
    assert kept == [0, 0, 4, "0→1", 1, -1, -1]
    assert last == [1, 4, 6, "1→2", 1, -1, 1]


def test_values_and_steps_stand_in_the_order_of_time():
    data = payload(tell(STORY))
    assert data["files"][0]["values"] == [[0, 0], [3, 1], [4, 1], [6, 2]]
    assert [step[0] for step in data["steps"]] == [1, 2, 3, 4, 5, 6]
    assert data["steps"][2][1:] == [1, "writes 1 (gets lost)", 0]
    assert data["steps"][4][1:] == [1, "reads 1", -1]


def test_holds_and_waits_say_which_lock_and_one_without_an_end_has_none():
    data = payload(tell(WAITING))
    assert data["holds"] == [[0, 0.05, 3.05, 0, 0], [1, 4.1, None, 0, 0]]
    assert data["waits"] == [[0, 8.1, None, 0, 0], [1, 1.05, 4.1, 0, 0]]
    assert [step[0] for step in data["steps"] if "waits for" in step[2]] == [1.05, 8.1]
    assert data["locks"] == [{"words": "the lock", "shade": "#0b3c5d", "ink": "white"}]


def test_a_process_that_was_killed_in_mid_step_is_said_to_be_dead():
    data = payload(orphan(1))
    assert data["gone"] == [[0, "dead"]]
    assert [hold[2] for hold in data["holds"]] == [wait[2] for wait in data["waits"]] == [None]


@cases("experiment order", (RACE, "ABBA"), (LOCKED, "AAAABBBB"))
def test_an_order_of_the_model_and_that_of_real_processes_have_the_same_timeline(experiment, order):
    model = payload(Walk(*experiment, schedule=order))
    real = payload(lab.run(*experiment, processes=2, schedule=order))
    assert (model["unit"], model["end"]) == ("step", len(order))
    assert model.pop("alt") == f"The order {order}, step by step."
    assert "2 updates by 2 processes" in real.pop("alt")
    for data in (model, real):  # which line takes a lock, only the model sees
        data["steps"] = [
            [*step[:2], step[2].partition(" at line")[0], step[3]] for step in data["steps"]
        ]
    assert model == real


def test_where_each_waits_for_the_other_both_waits_are_open_in_the_end():
    data = payload(lab.run(team=crossed(), processes=2, schedule="AB"))
    assert [hold[:4] for hold in data["holds"]] == [[0, 1, None, 0], [1, 2, None, 1]]
    assert sorted(wait[0] for wait in data["waits"]) == [0, 1]
    assert {wait[2] for wait in data["waits"]} == {None}


def test_an_exploration_walks_its_shortest_failing_order_beside_its_picture():
    data = payload(explore(*RACE))
    assert data["beside"]
    assert [step[1] for step in data["steps"]] == [0, 1, 1, 0]
    assert payload(explore(*LOCKED)) is None


def test_a_result_with_a_run_keeps_its_picture_where_that_shows_more():
    assert not payload(orphan(1))["beside"]
    assert payload(topics.Fairness(tell(WAITING)))["beside"]


def test_of_a_script_each_access_has_its_line_and_the_locks_that_were_held():
    data = payload(watch(ROOT / "tests" / "watched" / "wrong_value_without_its_lock.py"))
    collide = [update for update in data["updates"] if update[4] == 0]
    assert {update[7] for update in collide} == {11}
    assert all(data["updates"][update[5]][0] != update[0] for update in collide)
    assert "A reads counter at line 11, and holds the lock of counter." in {u[8] for u in collide}
    assert data["files"][0]["values"][-1][1] == 40
    assert not any("Process" in step[2] for step in data["steps"])


def test_a_result_without_a_picture_has_no_timeline():
    assert payload(lab.run(take_none, processes=1)) is None
    assert payload("a text") is payload(Walk(*RACE)) is None


def test_a_run_without_a_step_has_an_empty_timeline():
    data = payload(NOTHING)
    assert (data["steps"], data["updates"], data["processes"]) == ([], [], ("A", "B"))
    assert data["end"] > 0


def many_updates():
    """A run with 2,500 updates under a lock: 10,000 steps."""
    story = (f"A takes lock / A reads {n} / A writes {n + 1} / A frees lock" for n in range(2500))
    return tell(" / ".join(story))


@pytest.fixture(scope="module")
def thousands():
    return payload(many_updates())


def test_of_very_many_steps_some_are_sent_and_it_is_said_so(thousands):
    assert len(thousands["updates"]) <= MOST
    assert len(thousands["steps"]) == 5000
    assert len(thousands["files"][0]["values"]) - 1 == len(thousands["holds"]) == 2500
    assert "10,000 steps are too many to show: one in 2" in thousands["note"]


def test_the_data_stay_small(thousands):
    assert size(thousands) < 1_000_000
    assert size(payload(topics.run_counter(processes=4, times=10, scope="read to write"))) < 200_000


# ---- which line of a worker does a step


def take_none():
    """Shares nothing."""


def read_twice(counter):
    counter.write(counter.read() + counter.read())


def leave_it_to_another(counter):
    read_twice(counter)
    counter.write(1)


@cases(
    "worker lines",
    (increment_without_lock, {"read": 3, "write": 5}),
    (read_twice, {"write": 2}),
    (leave_it_to_another, {}),
    (WorkerFile("my_worker.py", "work"), {}),
)
def test_a_step_has_a_line_where_only_one_line_can_have_done_it(worker, lines):
    assert {op: n for op, n in step_lines(worker).items() if op != "append"} == lines


def test_an_update_of_a_real_run_names_the_line_of_its_write():
    data = payload(lab.run(*RACE, processes=1))
    assert data["updates"][0][7] == 5
    assert data["steps"][0][2] == "reads 0 at line 3"
    transfers = lab.run(transfer_in_given_order, *accounts(), processes=1)
    assert {update[7] for update in payload(transfers)["updates"]} <= {0}


def accounts():
    """The arguments of a transfer between two accounts: its worker reads and writes both."""
    return AccountFile("one"), AccountFile("two"), Lock("a"), Lock("b"), 10, 1, 0


# ---- in a page


def test_the_html_has_the_data_around_the_picture():
    run = tell(STORY)
    page = front.with_timeline(result_html(run), payload(run))
    form = re.search(
        r'<div class="course-timeline"><script type="application/json">(.*?)</script>(<img .*?>)</div>',
        page,
    )
    assert json.loads(form[1])["steps"] == payload(run)["steps"]
    assert 'alt="Timeline of 3 updates' in form[2]
    assert front.with_timeline(page, None) == page


def test_a_picture_that_shows_more_stands_before_the_timeline():
    found = explore(*RACE)
    page = front.with_timeline(result_html(found), payload(found))
    assert page.index("<img ") < page.index('<div class="course-timeline"><script')
    assert page.count("<img ") == 1


def test_what_a_lock_is_called_cannot_end_the_script():
    data = payload(lab.run(add_holding, CounterFile(), Lock("a</script>"), 1, processes=1))
    assert data["locks"][0]["words"] == "lock a</script>"
    assert front.with_timeline("", data).count("</script>") == 1


def test_the_front_end_is_one_script_that_imports_and_exports_nothing():
    script = front.inlined()
    assert script.count("<script>") == script.count("</script>") == 1
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "http" not in script.replace("http://www.w3.org/2000/svg", "")


def test_the_recorded_run_has_a_timeline_of_this_version():
    page = front.recorded_run()
    assert json.loads(re.search('json">(.*?)</script>', page)[1])["version"] == VERSION
    assert re.match(r"<div>A real run, recorded on 20\d\d-\d\d-\d\d by Python 3\.", page)


# ---- in a panel


@pytest.fixture
def screen():
    return Screen()


def test_a_screen_shows_the_timeline_before_it_draws_the_picture(screen):
    screen.draw(tell(STORY))
    moving, order = screen.children[1], []
    for widget, name in ((moving, "data"), (screen.children[2], "value")):
        widget.observe(lambda change, name=name: order.append(name), name)
    screen.draw(tell(WAITING))
    assert order == ["data", "value"]
    assert moving.data["holds"] and "course-timeline" in screen.html
    assert "course-timeline" not in screen.children[2].value
    screen.clear()
    assert moving.data == {} and screen.html == ""


def test_a_held_screen_has_the_same_timeline(screen):
    screen.draw(tell(STORY))
    other = Screen()
    screen.copy_to(other)
    assert other.children[1].data == screen.children[1].data
    assert other.html == screen.html


def test_without_anywidget_a_screen_shows_the_picture(screen, monkeypatch):
    monkeypatch.setattr(mounting, "find_spec", lambda name: None)
    screen.draw(tell(STORY))
    assert len(screen.children) == 2
    assert "<img " in screen.children[1].value and "course-timeline" in screen.html
