"""The scheduler panel without a browser: moves, refusals, answers of the model, and real processes."""

import threading

import pytest
from cases import cases, few
from pages import alts, cells, control, htmls, statuses, wait_until, widgets, words
from runs import LOCKED, RACE

import helpers.topics  # noqa: F401 - declares the challenges
from helpers import lab, record, schedules
from helpers.panels import challenge as challenges
from helpers.panels.scheduler import SchedulerPanel
from helpers.resources import CounterFile
from helpers.topics.endless import challenge
from helpers.workers.counter import increment_without_lock


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(challenges, "SHORTEST", {})


@pytest.fixture
def panel():
    """Makes a panel; in the end nothing of it is at work."""
    made = []

    def make(*args, **keywords):
        made.append(SchedulerPanel(*args, **keywords))
        return made[-1]

    threads = threading.active_count()
    yield make
    for one in made:
        idle(one)
        for widget in list(widgets(one)):  # an open widget is kept, and its locks with it
            widget.close()
    made.clear()
    wait_until(lambda: threading.active_count() <= threads)  # a runner's timer knows its panel


def idle(panel):
    wait_until(lambda: not panel.runner.busy and not panel.painter.busy)


def field(panel):
    return control(panel, "order: type letters, delete to go back")


def button(panel, name):
    return next(w for w in widgets(panel) if getattr(w, "description", "") == name)


def reasons(panel):
    """What stands beside each process's button."""
    return {letter: words(panel.words[letter].value) for letter in panel.value.processes}


def result(panel):
    idle(panel)
    return statuses(panel)[-1]


# ---- moves


def test_buttons_move_and_say_what_comes_next(panel):
    race = panel(*RACE)
    assert reasons(race) == {"A": "reads", "B": "reads"}
    button(race, "A").click()
    assert (race.value.schedule, field(race).value) == ("A", "A")
    assert reasons(race) == {"A": "writes 1", "B": "reads"}
    for letter in "BBA":
        button(race, letter).click()
    assert reasons(race) == {"A": "it has ended", "B": "it has ended"}
    assert button(race, "A").disabled
    said = "order ABBA · 2 updates by 2 processes, the file says 1: 1 update lost"
    assert said in statuses(race)[0]


def test_who_waits_has_its_button_off_with_the_reason(panel):
    locked = panel(*LOCKED, schedule="A")
    assert reasons(locked) == {"A": "reads", "B": "it waits for the lock, which A holds"}
    assert [button(locked, letter).disabled for letter in "AB"] == [False, True]
    assert "the lock is held by A" in statuses(locked)[0]
    locked.go("AAAA")
    assert [button(locked, letter).disabled for letter in "AB"] == [True, False]
    assert "the lock is free" in statuses(locked)[0]


def test_typing_moves_and_deleting_goes_back_without_touching_what_was_typed(panel):
    race = panel(*RACE)
    for typed in ("a", "ab", "ab ", "ab b", "ab", "aba"):
        field(race).value = typed
        assert field(race).value == typed
        assert race.value.schedule == typed.replace(" ", "").upper()


@cases(
    "typed reason",
    ("ABBAA", "step 5 asks A to move, but it has ended"),
    ("ABX", "'X' at step 3 is not a process of this run; they are A, B"),
)
def test_a_letter_that_cannot_be_is_refused_with_the_reason(panel, typed, reason):
    race = panel(*RACE, schedule="AB")
    field(race).value = typed
    assert reason in statuses(race)[0]
    assert (race.value.schedule, field(race).value) == ("AB", "AB")


def test_a_whole_order_can_be_pasted_undone_and_left_for_another(panel):
    race = panel(*RACE)
    field(race).value = "ABBA"
    button(race, "Undo").click()
    assert (race.value.schedule, field(race).value) == ("ABB", "ABB")
    button(race, "Back to start").click()
    assert (race.value.schedule, field(race).value) == ("", "")
    button(race, "Undo").click()
    assert race.value.schedule == ""


def test_each_process_stands_at_its_next_line(panel):
    race = panel(*RACE, schedule="A")
    rows = [words(row) for row in htmls(race, "▶")[0].split("<div ")[1:]]
    states = {row.split("▶")[0].split()[-1]: row for row in rows if "▶" in row}
    assert "counter" in states["B"].partition("=")[2]
    assert "write" in states["A"]
    assert len(states) == 2


def test_different_workers_are_shown_once_each(panel):
    one = panel(challenge="one goes without")
    assert htmls(one, "▶")[0].count("def") == 2


def test_the_table_and_the_graph_follow(panel):
    race = panel(*RACE, schedule="ABBA")
    table = cells(htmls(race, "<table")[0])
    assert [row[1:3] for row in table[1:]] == [
        ["reads 0", ""], ["", "reads 0"], ["", "writes 1 (gets lost)"], ["writes 1", ""],
    ]  # fmt: skip
    idle(race)
    assert "ABBA: 1, lost updates" in alts(race)[0]
    race.undo()
    idle(race)
    assert "ABB, and on" in alts(race)[0]


def test_three_processes_have_no_graph(panel):
    three = panel(*RACE, processes=3, schedule="AB")
    idle(three)
    assert alts(three) == []


def test_what_may_move_is_computed_once_for_each_step(panel, monkeypatch):
    three, asked, why_not = panel(*RACE, processes=3), [], schedules.Walk.why_not

    def counted(walk, letter):
        asked.append((walk.schedule, letter))
        return why_not(walk, letter)

    monkeypatch.setattr(schedules.Walk, "why_not", counted)
    button(three, "A").click()
    assert asked == [("", "A"), ("A", "A"), ("A", "B"), ("A", "C")]  # may A go, then who may


# ---- the model's answers


def test_an_order_that_fails_is_found_and_walked(panel):
    each = panel(challenge="a lock for each step")
    button(each, "Find an order that fails").click()
    assert "4 of 6 orders go wrong" in result(each)
    assert each.value.values == {"counter": 1}
    assert field(each).value == each.value.schedule


def test_where_none_fails_it_says_that_this_is_a_proof(panel):
    locked = panel(*LOCKED, schedule="AA")
    button(locked, "Find an order that fails").click()
    assert "2 orders, all of them right. A proof, for these steps" in result(locked)
    assert locked.value.schedule == "AA"


def test_all_outcomes_are_counted_and_drawn(panel):
    race = panel(*RACE)
    button(race, "Show all outcomes").click()
    assert "4 of 6 orders go wrong" in result(race)
    assert any("1: 4, wrong; 2: 2." in alt for alt in alts(race))
    assert "explore(increment_without_lock, CounterFile(), 1, 0, processes=2)" in words(
        htmls(race, "as a call")[0]
    )


def test_stop_ends_a_long_search(panel):
    endless = panel(increment_without_lock, CounterFile(), 50, 0, processes=4)
    button(endless, "Show all outcomes").click()
    wait_until(lambda: "situations so far" in statuses(endless)[-1])
    button(endless, "Stop").click()
    assert "stopped" in result(endless)


@pytest.mark.parametrize("ask", few(["find", "count", "run_real"]))
def test_an_answer_about_other_processes_comes_too_late(panel, monkeypatch, ask):
    game = panel(challenge="a lock for each step")

    def first_choose_another(answer):
        def answer_late(*args, **keywords):
            given = answer(*args, **keywords)
            game.begin_challenge(challenges.challenge_of("make somebody wait"))
            return given

        return answer_late

    monkeypatch.setattr(schedules, "explore", first_choose_another(schedules.explore))
    monkeypatch.setattr(lab, "run", first_choose_another(lab.run))
    getattr(game, ask)()
    idle(game)
    assert game.value.schedule == ""
    assert len(statuses(game)) == 1


# ---- real processes


def test_this_order_runs_on_real_processes_beside_the_model(panel):
    race = panel(*RACE, schedule="ABB")
    button(race, "Run this order on real processes").click()
    assert "order ABBA" in result(race)
    assert "the same as in the model" in result(race)
    table = {row[0]: row[1:] for row in cells(htmls(race, "real file")[0])}
    assert table["order"] == ["ABBA", "ABBA"]
    assert table["counter says"] == ["1", "1"]
    assert all(str(pid) in table["processes"][1] for pid in race.run.pids.values())
    assert len(set(race.run.pids.values())) == 2
    assert race.value.schedule == "ABB"


def test_a_worker_that_no_child_can_find_is_explained(panel, capsys):
    local = panel(lambda counter: counter.write(counter.read() + 1), CounterFile())
    local.run_real()
    assert "define it with def at the top level of a module" in result(local)
    capsys.readouterr()


# ---- challenges


def test_an_exercise_without_end_is_walked_as_a_challenge(panel):
    task = challenge(3)
    game = panel(challenge=task)
    assert task.goal in words(game.task.value)
    field(game).value = "AAAA"
    assert not record.entries().found
    field(game).value = task.found.failing.schedule
    assert "Goal met" in statuses(game)[0]
    assert [entry["name"] for entry in record.entries().found] == ["challenge 3"]


def test_a_challenge_says_when_its_goal_is_met_and_keeps_the_shortest(panel):
    game = panel(challenge="an empty file")
    assert "Goal:  Here a write empties the file first" in words(game.task.value)
    field(game).value = "ABA"
    assert "Goal met" not in statuses(game)[0]
    field(game).value = "ABAAB"
    assert "Goal met" not in statuses(game)[0]
    field(game).value = "AAB"
    assert "Goal met in 3 steps! Your shortest: AAB" in statuses(game)[0]
    again = panel(challenge="an empty file")
    assert "Your shortest solution so far:  AAB" in words(again.task.value)


def test_hints_come_one_by_one(panel):
    game = panel(challenge="lose one update")
    for shown in (0, 1, 2, 3, 3):
        assert game.task.value.count("<li>") == shown
        assert f"Hints left: {3 - shown}" in words(game.task.value)
        button(game, "Next hint").click()


def test_another_challenge_of_the_same_lesson_can_be_chosen(panel):
    game = panel(challenge="lose one update", schedule="AB")
    chooser = control(game, "challenge")
    assert {challenges.CHALLENGES[title].lesson for title, _ in chooser.options} == {"03"}
    chooser.value = "three that end with 1"  # a picture of the two may still be under way
    idle(game)
    assert alts(game) == []
    assert len(statuses(game)) == 1  # and nothing went wrong
    assert game.value.processes == ("A", "B", "C")
    assert (game.value.schedule, field(game).value) == ("", "")
    assert "Three processes" in words(game.task.value)


@cases(
    "keywords error",
    ({"challenge": "win"}, "choose one of"),
    ({"processes": 0}, "processes=0"),
    ({"schedule": "ABC"}, "'C' at step 3"),
)
def test_what_cannot_be_played_is_refused(keywords, error):
    with pytest.raises(ValueError, match=error):
        SchedulerPanel(*(() if "challenge" in keywords else RACE), **keywords)


# ---- codes of orders


def code_of(panel):
    """The code that stands under the order."""
    (text,) = [text for text in htmls(panel, "<small>")[:1]]
    return words(text).removeprefix("code of this order:").strip()


LOST = "03:lose-one-update:2:ABBA:6f80ac"


def test_an_order_shows_its_code_which_opens_its_challenge_elsewhere(panel):
    game = panel(challenge="lose one update", schedule="ABBA")
    assert code_of(game) == LOST
    again = panel(schedule=f" {LOST}\n")
    assert (again.value.schedule, field(again).value) == ("ABBA", "ABBA")
    assert control(again, "challenge").value == "lose one update"
    button(game, "Back to start").click()
    assert htmls(game, "<small>") == []
    assert code_of(panel(*RACE, schedule="ABBA")) == again.value.code


def test_the_code_of_its_challenge_is_walked_pasted_or_typed(panel):
    game = panel(challenge="lose one update")
    field(game).value = LOST
    assert (game.value.schedule, field(game).value) == ("ABBA", "ABBA")
    button(game, "Back to start").click()
    for end in range(1, len(LOST)):
        field(game).value = LOST[:end]
        assert (game.value.schedule, field(game).value) == ("", LOST[:end])
    field(game).value = LOST
    assert (game.value.schedule, field(game).value) == ("ABBA", "ABBA")


def test_the_code_of_another_challenge_of_the_lesson_switches_to_it(panel):
    other = code_of(panel(challenge="a number that nobody wrote", schedule="ABBB"))
    game = panel(challenge="lose one update", schedule="A")
    field(game).value = other
    assert control(game, "challenge").value == "a number that nobody wrote"
    assert (game.value.schedule, field(game).value) == ("ABBB", "ABBB")
    field(game).value = LOST
    assert (game.value.processes, game.value.schedule) == (("A", "B"), "ABBA")


def test_the_code_of_another_team_is_walked_where_it_is_the_same_program(panel):
    game = panel(challenge="lose one update")
    field(game).value = panel(*RACE, schedule="AB").value.code
    assert game.value.schedule == "AB"


@cases(
    "code reason",
    ("07:into-the-deadlock:2:AB:ecd8e9", "the code is for processes=2, 07:into-the-deadlock; here"),
    (LOST.replace(":2:", ":3:"), "the code is for processes=3, 03:lose-one-update; here are 2"),
    (LOST.replace("ABBA", "ABAB"), "setup, arguments, fault or letters differ"),
    ("03:lose-one-update:2", "no whole code"),
)
def test_a_code_that_does_not_fit_is_refused_with_the_reason_and_stays_to_be_mended(
    panel, code, reason
):
    game = panel(challenge="lose one update", schedule="AB")
    field(game).value = code
    assert reason in statuses(game)[0]
    assert "The order stays as it was" in statuses(game)[0]
    assert (game.value.schedule, field(game).value) == ("AB", code)
    button(game, "B").click()
    assert (game.value.schedule, field(game).value) == ("ABB", "ABB")


def test_real_processes_show_the_code_of_the_whole_order(panel):
    game = panel(challenge="lose one update", schedule="ABB")
    game.run_real()
    idle(game)
    assert f"<code>{game.run.code}</code>" in htmls(game, "real file")[0]
    field(game).value = game.run.code
    assert game.value.schedule == "ABBA"


@pytest.mark.parametrize("code", ["03:win:2:AB:6f80ac", "03:lose-one-update:2:AB", "AB"])
def test_what_names_no_challenge_opens_none(code):
    with pytest.raises(ValueError, match="choose one of 'lose one update'"):
        SchedulerPanel(schedule=code)
