"""Where processes can collide, told from records that are written here, with every moment given."""

import marshal

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from helpers.pictures import style
from helpers.pictures.declared import drawn
from helpers.scripts import Watched
from helpers.scripts.races import UNFINISHED, Races
from helpers.scripts.reading import Recording

MAIN, OTHER = 1, 2  # threads
DATUM, VALUE = ("file", "/n.txt"), ("value", "v")


def step(at, op, thing=DATUM, line=None, thread=MAIN, seen=""):
    """A step that takes one unit of time; without a line, of a thread that the library runs for itself."""
    return "step", thread, at, at + 1, thing, op, line, seen


def wait(at, end, op, thing, line=1, thread=MAIN):
    """A step that waits from `at` to `end`, for ever without an `end`."""
    return "wait", thread, at, end, thing, op, line


def lock(name):
    return "lock", name


def signal(name):
    return "signal", name


def recording(folder, **processes):
    """The Recording of processes by letter, each a list of steps in its order."""
    for number, (letter, steps) in enumerate(processes.items()):
        records = [("process", 100 + number, MAIN)]
        places, things, nths = {}, {}, {}
        for kind, thread, start, end, thing, op, line, *more in steps:
            place = 0 if line is None else places.setdefault(line, len(places) + 1)
            if place == len(places) and place:
                records.append(("place", place, "/s.py", line))
            if thing not in things:
                things[thing] = len(things) + 1
                records.append(("thing", things[thing], *thing, thing[1], 0))
            what = things[thing], op, place
            nth = nths[line, op] = nths.get((line, op), 0) + 1
            if kind == "step":
                records.append(("step", thread, start, end, *what, place, "", "done", *more, nth))
                continue
            records.append(("begin", thread, start, *what, "", nth))
            if end is not None:
                records.append(("end", thread, end, "done"))
        data = map(marshal.dumps, records)
        whole = b"".join(len(d).to_bytes(4, "little") + d for d in data)
        (folder / f"{letter}.log").write_bytes(whole)
    return Recording(folder).read()


def update(at, thing=DATUM, lines=(5, 9)):
    return [step(at, "read", thing, lines[0]), step(at + 2, "write", thing, lines[1])]


def under(name, at, steps, end):
    """Steps with a lock held from `at` to `end`."""
    return [wait(at, at, "acquire", lock(name)), *steps, step(end, "release", lock(name), 1)]


def kinds(folder, **processes):
    return [each.kind for each in Races(recording(folder, **processes)).collisions]


def test_two_updates_without_a_lock_collide_though_they_did_not_meet(tmp_path):
    found = Races(recording(tmp_path, A=update(10), B=update(20))).collisions
    assert found[0].kind == "lost update" and found[0].order == "A5 B5 B9 A9"
    assert not found[0].came


def test_lines_of_another_file_than_the_script_are_named_with_it(tmp_path):
    recorded = recording(tmp_path, A=update(10), B=update(20))
    recorded.script = "/main.py"
    assert Races(recorded).collisions[0].order == "A:s.py:5 B:s.py:5 B:s.py:9 A:s.py:9"


def test_one_that_came_in_between_is_said_to_have_come(tmp_path):
    first = [step(10, "read", line=5), step(30, "write", line=9)]
    assert Races(recording(tmp_path, A=first, B=update(20))).collisions[0].came


def test_a_lock_that_both_hold_all_the_time_keeps_them_apart(tmp_path):
    one, other = under("x", 10, update(11), 15), under("x", 20, update(21), 25)
    assert kinds(tmp_path, A=one, B=other) == []


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(update(21), id="no lock"),
        pytest.param(under("y", 20, update(21), 25), id="another lock"),
        pytest.param(
            under("x", 20, update(21)[:1], 22) + under("x", 22, update(21)[1:], 24),
            id="given back in between",
        ),
    ],
)
def test_a_lock_that_only_one_of_them_holds_all_the_time_does_not(tmp_path, other):
    assert "lost update" in kinds(tmp_path, A=under("x", 10, update(11), 15), B=other)


def test_the_accesses_that_collide_are_marked_in_the_picture(tmp_path):
    recorded = recording(tmp_path, A=update(10), B=update(20))
    ended = {"exit_code": 0, "ended": "", "limit": 5.0, "stuck": None, "waits": ()}
    seen = Watched(recording=recorded, **ended, output="", errors="", script="s.py")
    boxes = drawn(seen).axes[0].patches
    [marked] = [box for box in boxes if box.get_edgecolor() == to_rgba(style.LOST)]
    corners = np.round(marked.get_path().vertices[::5], 2)  # of each box the first one
    assert corners.tolist() == [[0.06, -0.3], [1.06, -0.3], [2.06, 0.7], [3.06, 0.7]]


def test_what_a_start_and_a_join_order_does_not_collide(tmp_path):
    child = "process", "A"
    parent = [*update(1), step(5, "start", child, 2), wait(20, 30, "join", child), *update(31)]
    assert kinds(tmp_path, P=parent, A=update(10)) == []


def test_without_the_join_the_parent_collides_with_its_child(tmp_path):
    parent = [*update(1), step(5, "start", ("process", "A"), 2), *update(31)]
    assert "lost update" in kinds(tmp_path, P=parent, A=update(10))


def test_a_message_orders_what_was_done_before_it_and_not_what_comes_after(tmp_path):
    sender = [*update(10), step(15, "send", signal("q"), 3)]
    receiver = [wait(12, 16, "receive", signal("q")), *update(20)]
    assert kinds(tmp_path, A=sender, B=receiver) == []
    late = [step(9, "send", signal("q"), 3), *update(10)]
    assert "lost update" in kinds(tmp_path, A=late, B=receiver)


def test_two_senders_are_not_ordered_by_the_one_who_hears_both(tmp_path):
    one, other = (
        [*update(10), step(15, "send", signal("q"), 3)],
        [*update(20), step(25, "send", signal("q"), 3)],
    )
    reader = [wait(1, 16, "receive", signal("q")), wait(17, 26, "receive", signal("q"))]
    assert "lost update" in kinds(tmp_path, P=reader, A=one, B=other)


def test_release_and_acquire_of_a_lock_order_nothing(tmp_path):
    one = [*update(10), wait(14, 14, "acquire", lock("x")), step(15, "release", lock("x"), 2)]
    other = [wait(20, 20, "acquire", lock("x")), step(21, "release", lock("x"), 2), *update(22)]
    assert "lost update" in kinds(tmp_path, A=one, B=other)


def test_a_semaphore_that_is_given_back_by_who_never_took_it_is_a_signal(tmp_path):
    one = [*update(10), step(15, "release", lock("s"), 2)]
    assert kinds(tmp_path, A=one, B=[wait(1, 16, "acquire", lock("s")), *update(20)]) == []


def test_a_pool_orders_tasks_and_results_but_not_one_task_after_another(tmp_path):
    """The threads of the pool send for the main thread, and it knows a result only when it has collected it."""
    tasks, results = signal("tasks"), signal("results")
    pool = [
        step(5, "send", tasks, None, OTHER),
        wait(6, 16, "receive", results, None, OTHER),
        step(17, "send", tasks, None, OTHER),
        wait(18, 26, "receive", results, None, OTHER),
        wait(4, 27, "collect", signal("all")),
        *update(30),
    ]

    def worker(at):
        return [wait(1, at - 2, "receive", tasks), *update(at), step(at + 5, "send", results, 3)]

    assert "lost update" in kinds(tmp_path, P=pool, A=worker(10), B=worker(20))
    alone = [*pool[:2], pool[4], *update(30)]
    assert kinds(tmp_path / "..", P=alone, A=worker(10), B=[]) == []


def test_single_steps_that_the_system_keeps_whole_do_each_other_no_harm(tmp_path):
    one, other = [step(10, "append", line=5)], [step(20, "append", line=5)]
    assert kinds(tmp_path, A=one, B=other) == []


def test_a_record_that_is_appended_in_steps_can_be_torn(tmp_path):
    one = [step(10, "append", line=5, seen=UNFINISHED), step(12, "append", line=6)]
    other = [step(20, "append", line=5, seen=UNFINISHED), step(22, "append", line=6)]
    found = Races(recording(tmp_path, A=one, B=other)).collisions
    assert [(each.kind, each.order) for each in found] == [("torn record", "A5 B5 A6")]
    assert kinds(tmp_path, A=under("x", 9, one, 14), B=under("x", 19, other, 24)) == []


def test_two_tasks_of_one_worker_might_have_been_done_by_two(tmp_path):
    tasks, results = signal("tasks"), signal("results")

    def task(at):
        return [
            wait(1, at - 2, "receive", tasks, None),
            *update(at),
            step(at + 5, "send", results, None),
        ]

    pool = [step(4, "send", tasks, None, OTHER), step(5, "send", tasks, None, OTHER)]
    idle = [wait(1, None, "receive", tasks, None)]
    found = Races(recording(tmp_path, P=pool, A=[*task(10), *task(20)], B=idle)).collisions
    assert found[0].order == "A5 B5 B9 A9"


def test_a_lock_file_that_is_looked_for_and_then_made_is_no_lock(tmp_path):
    file = "file", "/x.lock"

    def locked(at):
        made = [step(at, "look", file, 2), step(at + 1, "empty", file, 3)]
        return [*made, *update(at + 2), step(at + 6, "remove", file, 4)]

    found = Races(recording(tmp_path, A=locked(10), B=locked(20))).collisions
    assert found[0].kind == "check then act" and {each.name for each in found} == {"/x.lock"}


def test_who_gets_the_lock_of_a_condition_knows_what_was_notified(tmp_path):
    signalled = "signal", "Condition c"
    one = [
        *update(10),
        wait(14, 14, "acquire", lock("c")),
        step(15, "send", signalled, 2),
        step(16, "release", lock("c"), 2),
    ]
    other = [wait(20, 20, "acquire", lock("c")), step(21, "release", lock("c"), 2), *update(22)]
    assert kinds(tmp_path, A=one, B=other) == []


def test_a_task_of_an_executor_knows_what_was_known_when_it_was_submitted(tmp_path):
    """Its own thread sends the second task when the main thread has collected the first one's result."""
    tasks, results, submitted = signal("queue"), signal("results"), signal("submitted")
    pool = [
        step(2, "submit", submitted, 8),
        step(3, "submit", submitted, 8),
        step(5, "send", tasks, None, OTHER),
        wait(6, 16, "receive", results, None, OTHER),
        wait(4, 17, "collect", signal("all")),
        step(18, "send", tasks, None, OTHER),
    ]
    first = [wait(1, 8, "receive", tasks, None), *update(10), step(15, "send", results, None)]
    second = [wait(16, 19, "receive", tasks, None), *update(20), step(25, "send", results, None)]
    assert "lost update" in kinds(tmp_path, P=pool, A=first, B=second)


def test_a_file_that_serves_as_a_lock_is_one(tmp_path):
    made, gone = "create", "remove"
    file = "file", "/x.lock"
    one = [step(10, made, file, 2), *update(11), step(15, gone, file, 3)]
    other = [step(20, made, file, 2), *update(21), step(25, gone, file, 3)]
    assert kinds(tmp_path, A=one, B=other) == []


def test_looking_before_writing_is_check_then_act(tmp_path):
    one = [step(10, "look", line=4), step(12, "write", line=5)]
    other = [step(20, "look", line=4), step(22, "write", line=5)]
    assert kinds(tmp_path, A=one, B=other)[0] == "check then act"


def test_who_looked_by_the_same_line_might_have_acted_too(tmp_path):
    one, other = [step(10, "look", line=4), step(12, "write", line=5)], [step(20, "look", line=4)]
    found = Races(recording(tmp_path, A=one, B=other)).collisions
    assert [(each.kind, each.order) for each in found] == [("check then act", "A4 B4 B5 A5")]
    elsewhere = [step(20, "look", line=8)]
    assert kinds(tmp_path, A=one, B=elsewhere) == []


def test_a_file_that_is_emptied_first_can_be_read_half_written(tmp_path):
    writer = [step(10, "empty", line=4), step(11, "write", line=5)]
    assert kinds(tmp_path, A=writer, B=[step(20, "read", line=8)]) == ["half written"]


def test_a_value_that_is_read_once_while_others_write_is_no_fault(tmp_path):
    assert kinds(tmp_path, A=[step(10, "write", VALUE, 4)], B=[step(20, "read", VALUE, 8)]) == []


def test_lines_that_read_and_write_are_told_apart_in_an_order(tmp_path):
    one, other = update(10, VALUE, (6, 6)), update(20, VALUE, (6, 6))
    found = Races(recording(tmp_path, A=one, B=other)).collisions
    assert found[0].order == "A6r B6r B6w A6w"


def test_locks_that_are_taken_in_a_circle_are_told_though_they_have_not_met(tmp_path):
    def nested(at, outer, inner, line):
        return under(
            outer,
            at,
            [
                wait(at + 1, at + 1, "acquire", lock(inner), line),
                step(at + 2, "release", lock(inner), line),
            ],
            at + 4,
        )

    def crossings(line, *order):
        one, other = nested(10, "x", "y", 14), nested(20, *order, line)
        return Races(recording(tmp_path, A=one, B=other)).crossings

    assert [take[3].number for take in crossings(20, "y", "x")[0].takes] == [14, 20]
    assert not crossings(20, "x", "y")
