"""The lock that does not lock: which locks guard a file, told by hand and by real programs; their picture and panel."""

import ast
import importlib.util
import multiprocessing
import pickle
import sys

import pytest
from cases import few
from claim import claim
from drawings import all_texts, assert_apart, assert_inside, axes_of
from pages import alts, called, ends, htmls, move, repeat, source_rows, statuses, words
from runs import Stop
from stories import in_row, tell
from workers_for_tests import hold_copy_twice

from helpers import analysis, events, lab, pictures, topics
from helpers.course import notebook
from helpers.lab import machine
from helpers.pictures.declared import drawable
from helpers.resources import CounterFile, ThreadLock
from helpers.schedules import explore
from helpers.topics import Program, SharingPanel
from helpers.topics.shared_locks import MODULE
from helpers.workers import counter, scopes
from helpers.workers.sharing import given_locks
from tests.claims.sharing import FORGOTTEN, NO_START, ONE, wanted_diagnosis, wanted_verdict

BROKEN = [program for program in Program if program is not Program.ONE_LOCK]


def guards_of(story, same_name=False):
    """The Guards of a told run; with `same_name`, all its locks are called "lock"."""
    return diagnosis_of(story, same_name).guards


def diagnosis_of(story, same_name=False):
    run = tell(story)
    if same_name:
        reported = tuple(
            e._replace(shared="lock") if e.op in ("acquire", "release") else e for e in run.events
        )
        run = lab.Run(**{**vars(run), "events": reported})
    return topics.diagnose(run)


def under(lock, number, process, inner=""):
    """A story: one update from `number` under a lock."""
    update = f"{process} reads {number} / {inner}{process} writes {number + 1}"
    return f"{process} takes {lock} / {update} / {process} frees {lock}"


def bare(number, process):
    return f"{process} reads {number} / {process} writes {number + 1}"


def each_step(number, process, lock="lock"):
    taken, freed = f"{process} takes {lock} / ", f" / {process} frees {lock}"
    return f"{taken}{process} reads {number}{freed} / {taken}{process} writes {number + 1}{freed}"


OWN = in_row(*(under(f"of{who}", n, who) for n, who in enumerate("BADC")))
TWO = in_row(*(under("left" if n % 2 == 0 else "right", n, who) for n, who in enumerate("ABCD")))
FIVE = in_row(*(under(f"{n % 5}", n, who) for n, who in enumerate("ABCDEF")))
STORIES = {
    "nobody changed this file": "A takes lock / A reads 0 / A frees lock",
    "no lock guards this file": in_row(bare(0, "A"), bare(1, "B")),
    "1 lock guards this file: all processes take it": in_row(
        under("lock", 0, "A"), under("lock", 1, "B")
    ),
    "1 lock guards this file: A takes it": in_row(under("lock", 0, "A"), under("lock", 1, "A")),
    "4 locks guard this file, one for each process": OWN,
    "2 locks guard this file: A and C take lock left, B and D take lock right": TWO,
    "5 locks guard this file, and each process takes one of them": FIVE,
    "1 lock guards this file, but 1 of 3 updates hold none": in_row(
        under("lock", 0, "A"), bare(1, "A"), under("lock", 2, "B")
    ),
    "no lock guards this file: 2 of 2 hold it, but not from read to write": in_row(
        each_step(0, "A"), each_step(1, "B")
    ),
    "1 lock guards this file, but 1 of 3 updates hold none and 1 of 3 hold it, but not from read to write": in_row(
        under("lock", 0, "A"), bare(1, "A"), each_step(2, "B")
    ),
    "2 locks guard this file: all processes take them": in_row(
        *(f"{who} takes outer / {under('inner', n, who)} / {who} frees outer" for n, who in enumerate("AB"))
    ),
    "3 locks guard this file, and none of them covers every update": in_row(
        under("1", 0, "A"), under("2", 1, "A"), under("3", 2, "B")
    ),
    "2 locks guard this file, but 1 of 3 updates hold none": in_row(
        under("left", 0, "A"), bare(1, "A"), under("right", 2, "B")
    ),
}  # fmt: skip


@pytest.mark.parametrize("sentence", STORIES)
def test_the_locks_that_guard_a_file_are_told_in_words(sentence):
    guards = guards_of(STORIES[sentence])
    assert str(guards) == sentence
    assert guards.is_guarded is (": all processes" in sentence or ": A takes" in sentence)


def test_locks_of_one_name_are_told_apart_by_their_numbers():
    guards = guards_of(TWO, same_name=True)
    assert str(guards) == "2 locks guard this file: A and C take lock 1, B and D take lock 2"
    assert set(guards.names.values()) == {"lock"}


def test_locks_are_numbered_as_the_letters_of_who_takes_them():
    guards = guards_of(OWN)
    assert list(guards.names) == ["ofA", "ofB", "ofC", "ofD"]
    assert [guards.number(guards.taken_by(who)[0]) for who in "ABCD"] == [1, 2, 3, 4]
    assert guards.takers("ofB") == ("B",)


def test_a_lock_held_elsewhere_than_at_the_file_guards_nothing():
    guards = guards_of(f"A takes print / A frees print / {under('lock', 0, 'A')} / A takes print")
    assert list(guards.names) == ["lock"]


def test_a_lock_held_since_long_and_never_given_back_guards():
    assert guards_of("A takes lock / 5 ms / " + bare(0, "A")).is_guarded


def test_a_lock_taken_after_the_read_does_not_guard_the_update():
    guards = guards_of("A reads 0 / A takes lock / A writes 1 / A frees lock")
    assert (len(guards.interrupted), len(guards.bare), guards.names) == (1, 0, {})


def test_a_lock_held_all_through_leaves_no_gap_and_one_inside_it_does():
    inner = "A takes inner / A reads 0 / A frees inner / A writes 1"
    (update,) = guards_of(f"A takes outer / {inner} / A frees outer").updates
    assert (update.locks, update.gaps) == ({"outer"}, {"inner"})


def test_another_processs_hold_guards_nothing():
    guards = guards_of(under("lock", 0, "A", "B reads 0 / B writes 1 / "))
    assert [u.update.process for u in guards.bare] == ["B"]
    assert str(guards) == "1 lock guards this file, but 1 of 2 updates hold none"


# ---- ThreadLock; beside the plain threading.Lock it stands in test_resources


def test_a_thread_lock_cannot_be_sent_to_another_process():
    bound = ThreadLock().bind(multiprocessing.get_context("spawn"))
    with pytest.raises(TypeError, match=r"cannot pickle '_thread\.lock' object"):
        pickle.dumps(bound)


@claim("06", "a forked copy of a thread lock is another lock")
@pytest.mark.platform("posix")
def test_a_forked_copy_of_a_thread_lock_is_another_lock():
    run = lab.run(hold_copy_twice, ThreadLock(), processes=3, start_method="fork")
    identities = {hold.identity for hold in analysis.holds(run.events)}
    assert (run.verdict, len(identities)) == ("correct", 3)
    assert {identity.split(".")[0] for identity in identities} == set(map(str, run.pids.values()))


def test_in_the_model_each_process_has_its_own_thread_lock():
    locked = explore(counter.increment_with_lock, CounterFile(), ThreadLock(), 1, 0)
    bare_one = explore(scopes.lock_nothing, CounterFile(), ThreadLock(), 1, 0, 0)
    assert {o.label for o in locked.outcomes} == {o.label for o in bare_one.outcomes}
    assert any(not outcome.is_right for outcome in locked.outcomes)


def test_the_models_thread_lock_does_what_the_real_one_does():
    lock = ThreadLock()
    state, given = lock.model(lock.model_start(), 0, "acquire", (True, None))
    assert given is True
    assert lock.model(state, 1, "acquire", (True, None))[1] is True
    assert lock.model(state, 0, "acquire", (False, None)) == (state, False)
    assert lock.model(state, 0, "acquire", (True, None)) is events.BLOCKED
    assert lock.renamed(state, [2, 0, 1]) == frozenset({2})
    assert lock.model(state, 0, "release", None) == (lock.model_start(), None)
    with pytest.raises(RuntimeError, match="release unlocked lock"):
        lock.model(state, 1, "release", None)


# ---- the programs


@pytest.mark.parametrize("program", Program, ids=lambda program: program.name)
def test_each_program_has_its_diagnosis_under_each_start_method(program, start_method):
    run = topics.run_sharing(program=program, start_method=start_method, deadline=60)
    found = topics.diagnose(run)
    assert found.sentence == wanted_diagnosis(program, start_method)
    if (wanted := wanted_verdict(program, start_method)) in ("correct", "crashed"):
        assert run.verdict == wanted
    if found.guards:
        assert run.account.total == 20
        lost = f"{run.account.lost_count} of 20 updates lost"
        assert found.loss == (lost if run.account.lost_count else "no update lost")
        assert str(found) == f"{found.sentence} · {found.loss}"


def test_a_program_is_short_and_defines_what_its_team_runs():
    for program in Program:
        assert len(program.source.splitlines()) <= 25
        for name in [worker.__name__ for worker in program.workers] or ["count_up"]:
            assert f"def {name}(" in program.source
    counting = {program.source.count("with ") for program in BROKEN}
    assert counting == {1, 2}


@claim("06", "the course never preloads the program with the module's lock")
def test_the_fork_server_never_loads_a_program_with_a_lock_of_its_own():
    """If it did, the lock of a module would be shared, as under fork."""
    loaded = machine.preloaded()
    assert "helpers.workers.counter" in loaded
    homes = MODULE, given_locks.__name__
    assert not {home for home in homes for name in loaded if home.startswith(name)}


@pytest.mark.parametrize("program", [Program.MODULE_LOCK, Program.OWN_LOCK], ids=lambda p: p.name)
def test_what_is_killed_in_a_hold_leaves_no_name_and_no_held_lock(program, start_method):
    settings = {"program": program, "processes": 2, "start_method": start_method}
    killed = topics.run_sharing(**settings, pause_ms=1000, deadline=0.5)
    assert killed.verdict == "timed_out"
    assert topics.run_sharing(**settings, deadline=60).verdict in ("correct", "lost_updates")


def test_a_run_leaves_the_modules_as_they_were():
    name = MODULE
    assert name not in sys.modules
    topics.run_sharing(program=Program.MODULE_LOCK, processes=2, times=1)
    assert name not in sys.modules
    before = sys.modules[name] = importlib.util.module_from_spec(importlib.util.find_spec(name))
    topics.run_sharing(program=Program.MODULE_LOCK, processes=2, times=1)
    assert sys.modules.pop(name) is before


def test_repeated_runs_are_told_together_and_can_be_stopped():
    stop = Stop(after=2)
    settings = {"program": Program.TWO_LOCKS, "processes": 2, "times": 2, "deadline": 60}
    trials = topics.repeat_sharing(5, stop.progress, stop, **settings)
    assert stop.reported == [(1, 5), (2, 5)]
    reported = "2 of 2 runs: 2 locks guard this file, one for each process"
    reported += f"; updates lost in {trials.failures} of 2"
    assert trials.sentence == f"{reported}; stopped after 2 of 5"
    assert trials.failures == sum(number < 4 for number in trials.observed)
    assert drawable(trials) and reported in pictures.alt_text(trials)


def test_repeated_starts_that_fail_say_so_and_have_no_picture():
    trials = topics.repeat_sharing(2, program=Program.THREAD_LOCK, start_method="spawn")
    assert trials.sentence == f"2 of 2 runs: {NO_START}"
    assert not drawable(trials)


# ---- the picture


def shapes(ax):
    """How many boxes of which kind there are."""
    paths = {p.get_gid(): p.get_path() for p in ax.patches if p.get_gid()}
    return {name: int((path.codes == path.MOVETO).sum()) for name, path in paths.items()}


def beside(ax):
    """The numbers of locks that stand beside the rows, from the top, by height."""
    right = ax.get_window_extent().x1
    found = {}
    for text in ax.texts:
        box = text.get_window_extent()
        if box.x0 >= right:
            found.setdefault(round((box.y0 + box.y1) / 2 / 5), []).append((box.x0, text.get_text()))
    return [[word for _, word in sorted(found[y])] for y in sorted(found, reverse=True)]


def test_the_locks_are_counted_in_the_picture():
    diagnosis = diagnosis_of(OWN)
    ax = axes_of(diagnosis)
    assert shapes(ax) == {"lock 1": 1, "lock 2": 1, "lock 3": 1, "lock 4": 1, "kept": 4}
    assert beside(ax) == [[number] for number in "12341234"]
    looks = {p.get_gid(): (p.get_facecolor(), p.get_hatch()) for p in ax.patches if p.get_gid()}
    assert len({looks[f"lock {n}"][0] for n in range(1, 5)}) == 4
    assert len({looks[f"lock {n}"][1] for n in range(1, 5)}) == 4


def test_overlapping_updates_stand_in_lanes_of_their_own():
    crossed = (
        "A takes left / B takes right / A reads 0 / B reads 0 / A writes 1 / B writes 1 / "
        "A frees left / B frees right"
    )
    ax = axes_of(diagnosis_of(crossed))
    assert shapes(ax) == {"lock 1": 1, "lock 2": 1, "kept": 1, "lost": 1}
    kept, lost = (
        next(p.get_window_extent() for p in ax.patches if p.get_gid() == name)
        for name in ("kept", "lost")
    )
    assert kept.x0 < lost.x1 and lost.x0 < kept.x1  # at the same time
    assert kept.y1 <= lost.y0 or lost.y1 <= kept.y0  # in different lanes


def test_an_update_without_a_lock_is_marked_and_so_is_its_process():
    ax = axes_of(diagnosis_of(in_row(under("lock", 0, "A"), bare(1, "B"), under("lock", 2, "B"))))
    assert shapes(ax) == {"lock 1": 2, "bare": 1, "kept": 3}
    assert beside(ax) == [["1"], ["1", "none"], ["1"], ["none"]]


def test_a_new_lock_for_each_update_is_drawn_too():
    many = in_row(*(under(f"{n}", n, "AB"[n % 2]) for n in range(24)))
    ax = axes_of(diagnosis_of(many))
    assert beside(ax)[:2] == [["12 locks"], ["12 locks"]]
    assert shapes(ax)["kept"] == 24


DRAWN = [
    (Program.OWN_LOCK, 16, 20),
    (Program.OWN_LOCK, 2, 1),
    (Program.ONE_LOCK, 16, 1),
    (Program.FORGOTTEN_PATH, 2, 5),
    (Program.TWO_LOCKS, 16, 20),
    (Program.FORGOTTEN_PATH, 16, 20),
]


@pytest.mark.parametrize("drawn", few(DRAWN, kind=lambda row: row[0]))
def test_nothing_overlaps_and_nothing_is_cut_off(drawn):
    program, processes, times = drawn
    run = topics.run_sharing(
        program=program, processes=processes, times=times, pause_ms=0.1, deadline=60
    )
    ax = axes_of(topics.diagnose(run))
    texts = all_texts(ax)
    assert min(text.get_fontsize() for text in texts) >= 9
    assert_apart(*texts)
    assert_inside(ax.figure, *texts)


def test_the_alt_text_says_the_diagnosis_and_who_takes_which_lock():
    alt = pictures.alt_text(diagnosis_of(TWO))
    assert "B and D take lock right · no update lost. A: lock 1; B: lock 2; C: lock 1;" in alt
    assert "A: no lock" in pictures.alt_text(diagnosis_of(bare(0, "A")))


def test_a_diagnosis_is_shown_in_a_notebook_and_a_failed_start_without_a_picture():
    assert notebook.result_html(diagnosis_of(TWO)).count("<img ") == 1
    failed = topics.run_sharing(program=Program.THREAD_LOCK, start_method="spawn")
    shown = notebook.result_html(topics.diagnose(failed))
    assert "<img" not in shown and NO_START in words(shown)


# ---- the panel


def test_the_panel_tells_the_diagnosis_and_the_loss_and_draws_them(panel):
    made = panel(SharingPanel, program=Program.OWN_LOCK, processes=3, times=4)
    loss = topics.diagnose(made.value).loss
    reported = f"3 locks guard this file, one for each process · {loss}"
    assert statuses(made)[0] == f"Run 1: {reported}"
    assert reported in alts(made)[0]
    outcome = f"{made.value.account.observed} of 12: {made.value.verdict}"
    assert f"<title>{outcome}</title>" in htmls(made, "History")[0]


@pytest.mark.parametrize("program", Program, ids=lambda program: program.name)
def test_the_panel_shows_the_whole_module_with_the_locked_lines_marked(panel, program):
    made = panel(SharingPanel, program=program, times=1)
    rows = source_rows(htmls(made, "<pre")[0])
    shown = "\n".join(line.rstrip() for line, _ in rows)
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(program.source))
    inside = (
        "add_one(counter, think)" if program is Program.FORGOTTEN_PATH else "value = counter.read()"
    )
    assert inside in [line.strip() for line, is_marked in rows if is_marked]


def test_a_start_that_fails_shows_its_message_and_no_picture(panel):
    made = panel(SharingPanel, times=1)
    assert len(alts(made)) == 1
    move(made, "start method", "spawn")
    move(made, "program", Program.THREAD_LOCK)
    assert NO_START in statuses(made)[0]
    assert alts(made) == []
    move(made, "program", Program.ONE_LOCK)
    assert f"{ONE} · no update lost" in statuses(made)[0]
    assert len(alts(made)) == 1


def test_repeat_counts_the_diagnoses(panel):
    made = panel(SharingPanel, program=Program.FORGOTTEN_PATH)
    repeat(made, 2)
    assert statuses(made)[0].startswith(f"2 of 2 runs: {FORGOTTEN}; updates lost in ")
    assert statuses(made)[0].rstrip(".") in alts(made)[0]


def test_each_slider_of_the_panel_goes_to_both_ends(panel):
    made = panel(SharingPanel, program=Program.TWO_LOCKS, times=1)
    assert list(made.in_sight) == ["program", "start_method", "processes"]
    sliders = "processes (2 to 16)", "updates each (1 to 20)", "pause (0 to 20 ms)"
    for _ in ends(made, *sliders):
        settings = made.settings
        assert made.value.account.total == settings["processes"] * settings["times"]


def test_the_call_beside_the_panel_gives_the_same_diagnosis(panel):
    made = panel(SharingPanel, program=Program.TWO_LOCKS, times=2)
    assert topics.diagnose(called(made)).sentence == topics.diagnose(made.value).sentence
