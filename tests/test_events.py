"""The Tape: what a process did, readable by another at any moment. And the ids in front of writes."""

import time
from itertools import pairwise

import pytest
from cases import cases

from helpers import events


class Named(events.SharedObject):
    """A thing whose operations do nothing: only its record counts here."""

    def __init__(self, name, identity=None):
        self.name = name
        self.identity = identity or name

    def do(self, op, arg):
        if arg == "fail":
            raise LookupError("no such step")
        return f"did {op}", f"saw {op}"


@pytest.fixture
def tape(tmp_path):
    """A tape with room for three steps."""
    tape = events.Tape(tmp_path / "A.tape", slots=3)
    yield tape
    tape.close()


@pytest.fixture
def reader(tape, tmp_path):
    """The same tape as another process maps it."""
    reader = events.Tape(tmp_path / "A.tape")
    yield reader
    reader.close()


def finish(tape, shared, op, arg="", seen="", look=lambda: None):
    """A step on the tape; `look` is called while it is open."""
    tape.recorder(shared, op, lambda look: (look(), seen))((look,), arg)


def ops(tape):
    return [(event.index, event.op) for event in tape.events("A")]


def test_a_step_can_be_read_while_it_is_open_and_when_it_is_closed(tape, reader):
    before, opened = time.perf_counter_ns(), []
    finish(
        tape, Named("counter"), "write", "7", "A.0001 7", lambda: opened.extend(reader.events("A"))
    )
    (event,) = opened
    assert event[:5] == ("A", 0, "counter", "counter", "write")
    assert (event.arg, event.seen, event.outcome, event.end) == ("7", "", "open", None)

    (closed,) = reader.events("A")
    assert (closed.arg, closed.seen, closed.outcome) == ("7", "A.0001 7", "done")
    assert before <= event.start == closed.start <= closed.end <= time.perf_counter_ns()


def test_the_counter_is_odd_while_a_step_is_under_way(tape, reader):
    seen = [reader.counter]
    for _ in range(2):
        finish(tape, Named("counter"), "read", look=lambda: seen.append(reader.counter))
        seen.append(reader.counter)
    assert seen == [0, 1, 2, 3, 4]


def test_each_outcome_is_recorded(tape, reader):
    take = tape.recorder(Named("lock"), "acquire", [True, False].pop)
    assert [take((-1,)), take((-1,))] == [False, True]
    with pytest.raises(IndexError):
        take((-1,))
    assert [event.outcome for event in reader.events("A")] == ["refused", "done", "raised"]


def test_what_is_too_long_for_its_field_is_cut_and_does_no_other_harm(tape, reader):
    finish(tape, Named("counter"), "write", arg="1" * 99, seen="2" * 99)
    finish(tape, Named("counter"), "read", seen="next")
    cut, following = reader.events("A")
    assert (cut.arg, cut.seen, cut.op) == ("1" * 24, "2" * 40, "write")
    assert (following.arg, following.seen, following.op) == ("", "next", "read")


def test_a_full_tape_counts_what_it_drops_and_shows_the_open_step(tape, reader):
    counter, lock = Named("counter"), Named("lock")
    for op in ("read", "write", "read"):
        finish(tape, counter, op)
    assert reader.dropped() == {}
    finish(tape, counter, "write")
    finish(tape, counter, "write")
    finish(tape, lock, "release")

    def look():
        assert ops(reader) == [(0, "read"), (1, "write"), (2, "read"), (6, "acquire")]
        assert reader.events("A")[-1].outcome == "open"
        assert reader.dropped() == {("counter", "write"): 2, ("lock", "release"): 1}

    finish(tape, lock, "acquire", look=look)
    assert ops(reader) == [(0, "read"), (1, "write"), (2, "read")]
    assert reader.dropped()["lock", "acquire"] == 1


def test_reset_forgets_steps_holds_and_drops_but_no_thing(tape, reader):
    counter, lock = Named("counter"), Named("lock")
    number = tape.number(lock)
    for _ in range(4):
        finish(tape, counter, "write", arg="7", seen="seen")
    tape.recorder(lock, "acquire", lambda: True)()
    assert reader.held() == ("lock",)

    tape.reset()
    assert (reader.counter, reader.events("A"), reader.dropped(), reader.held()) == (0, [], {}, ())
    assert tape.number(lock) == number
    finish(tape, lock, "read")
    (event,) = reader.events("A")
    assert (event.shared, event.arg, event.seen) == ("lock", "", "")


def test_things_of_one_name_are_told_apart_by_their_identity(tape, reader):
    finish(tape, Named("lock", "1.1"), "acquire")
    finish(tape, Named("lock", "1.2"), "acquire")
    shared_objects = [(event.shared, event.identity) for event in reader.events("A")]
    assert shared_objects == [("lock", "1.1"), ("lock", "1.2")]


def test_from_the_64th_thing_on_they_are_called_others(tmp_path):
    tape = events.Tape(tmp_path / "A.tape", slots=70)
    for i in range(70):
        finish(tape, Named(f"thing {i}"), "read")
    names = [event.shared for event in tape.events("A")]
    tape.close()
    assert names == [f"thing {i}" for i in range(63)] + ["others"] * 7


def test_marks_say_what_is_held(tape, reader):
    first, second = tape.number(Named("first")), tape.number(Named("second"))
    tape.marks[second] = 2
    assert reader.held() == ("second",)
    tape.marks[first] = 1
    assert reader.held() == ("first", "second")
    tape.marks[second] = 0
    assert reader.held() == ("first",)


def test_steps_of_one_process_follow_each_other(tape, reader):
    for op in ("read", "write", "read"):
        finish(tape, Named("counter"), op)
    for one, other in pairwise(reader.events("A")):
        assert one.start <= one.end <= other.start


def test_the_free_observer_records_result_and_error_and_passes_them_on(tape, reader):
    free = events.Free("A", tape)
    assert free.step(Named("counter"), "read") == "did read"
    with pytest.raises(LookupError, match="no such step"):
        free.step(Named("counter"), "write", "fail")
    done, failed = reader.events("A")
    assert (done.arg, done.seen, done.outcome) == ("", "saw read", "done")
    assert (failed.arg, failed.seen, failed.outcome) == ("fail", "LookupError", "raised")


def test_unheard_does_the_step_and_records_nothing():
    assert events.Unobserved().step(Named("counter"), "read") == "did read"


def test_a_pause_is_heard_and_no_pause_is_not():
    class Listening(events.Unobserved):
        heard = ()

        def sleep(self, seconds):
            self.heard += (seconds,)

    events.observer = listening = Listening()
    events.pause(0)
    events.pause(0.25)
    events.observer = events.Unobserved()
    assert listening.heard == (0.25,)


@cases(
    "text parts",
    ("B.0003 17", ("B.0003", 17)),
    ("-.0000 -5", ("-.0000", -5)),
    ("B.10000 9", ("B.10000", 9)),
    ("", ("", None)),
    ("B.0003 ", ("B.0003", None)),
    ("B.0003 --5", ("B.0003", None)),
    ("B.0003 1x", ("B.0003", None)),
)
def test_an_id_and_its_number_are_split(text, parts):
    assert events.split_stamp(text) == parts


def test_a_stamped_text_tears_as_the_number_would():
    longer, shorter = events.stamp("A", 10, 10), events.stamp("B", 9, 9)
    assert (longer, shorter) == ("A.0010 10", "B.0009 9")
    torn = shorter + longer[len(shorter) :]
    assert torn == "B.0009 90"
    assert events.split_stamp(torn) == ("B.0009", 90)
