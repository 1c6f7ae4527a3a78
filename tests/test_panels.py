"""Panels without a browser: what the runner promises, and that pictures agree with controls."""

import inspect
import multiprocessing
import re
import threading

import ipywidgets
import pages
import pytest
from cases import cases

from helpers import lab, topics
from helpers.course import ask, predict
from helpers.lab.programs import PROGRAMS
from helpers.panels import panel as panel_module
from helpers.panels.experiment import History
from helpers.panels.panel import Panel, Runner, Screen
from helpers.panels.source import source_html
from helpers.pictures import style
from helpers.pictures.step_table import html_table
from helpers.topics import RacePanel, RaceSettings, Scope, ScopePanel, StartPanel
from helpers.workers import counter as counter_workers
from helpers.workers import scopes as scope_workers

LIMIT = 20  # seconds: a wrong program fails, it does not hang


# ---- the runner


class Jobs:
    """Jobs that say when they began, and go on until let go or, where so made, stopped."""

    def __init__(self):
        self.began, self.stopped = [], []
        self.go = threading.Event()

    def make(self, name, heeds_stop=False):
        def job(stop):
            self.began.append(name)
            if (stop if heeds_stop else self.go).wait(LIMIT) and stop.is_set():
                self.stopped.append(name)

        return job


@pytest.fixture
def jobs():
    made = Jobs()
    yield made
    made.go.set()
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.cancel()


@pytest.fixture
def idle():
    """Counts how often a runner fell idle; calling it waits for that."""
    falls = threading.Semaphore(0)

    def wait():
        assert falls.acquire(timeout=LIMIT)

    wait.runner = Runner(Screen(), on_idle=falls.release)
    wait.more = lambda: falls.acquire(blocking=False)
    return wait


def test_of_many_jobs_only_the_latest_runs_after_the_one_under_way(jobs, idle):
    idle.runner.submit(jobs.make("first"))
    pages.wait_until(lambda: jobs.began)
    for number in range(20):
        idle.runner.submit(jobs.make(number))
    assert idle.runner.waiting
    jobs.go.set()
    idle()
    assert jobs.began == ["first", 19]
    assert not idle.runner.busy and not idle.runner.waiting


def test_a_job_older_than_its_patience_is_stopped_when_a_newer_one_waits(jobs, idle, monkeypatch):
    monkeypatch.setattr(panel_module, "_PATIENCE", 0)
    idle.runner.submit(jobs.make("old", heeds_stop=True))
    pages.wait_until(lambda: jobs.began)
    jobs.go.set()
    idle.runner.submit(jobs.make("new"))
    idle()
    assert (jobs.began, jobs.stopped) == (["old", "new"], ["old"])


def test_a_younger_job_may_end_by_itself(jobs, idle, monkeypatch):
    monkeypatch.setattr(panel_module, "_PATIENCE", 600)
    idle.runner.submit(jobs.make("young"))
    pages.wait_until(lambda: jobs.began)
    idle.runner.submit(jobs.make("new"))
    jobs.go.set()
    idle()
    assert (jobs.began, jobs.stopped) == (["young", "new"], [])


def test_stop_drops_the_waiting_and_stops_the_running(jobs, idle):
    idle.runner.submit(jobs.make("running", heeds_stop=True))
    pages.wait_until(lambda: jobs.began)
    idle.runner.submit(jobs.make("waiting"))
    idle.runner.stop()
    idle()
    assert (jobs.began, jobs.stopped) == (["running"], ["running"])


def test_stop_with_nothing_to_stop_is_no_error(jobs, idle):
    idle.runner.stop()
    jobs.go.set()
    idle.runner.submit(jobs.make("one"))
    idle()
    assert (jobs.began, jobs.stopped) == (["one"], [])


@pytest.mark.parametrize("error", [KeyError("tea"), SystemExit("tea")])
def test_whatever_a_job_raises_is_reported_and_the_runner_goes_on(jobs, idle, capsys, error):
    def fail(stop):
        raise error

    def report(text, verdict):
        reported.append((text, verdict))
        raise RuntimeError("the report fails too")

    reported, idle.runner.screen.say = [], report
    idle.runner.submit(fail)
    idle()
    assert reported == [(f"{type(error).__name__}: {error}", "crashed")]
    assert "Traceback" in capsys.readouterr().err
    jobs.go.set()
    idle.runner.submit(jobs.make("next"))
    idle()
    assert jobs.began == ["next"]


def test_on_idle_is_called_once_after_the_last_job(jobs, idle):
    idle.runner.submit(jobs.make("first"))
    pages.wait_until(lambda: jobs.began)
    idle.runner.submit(jobs.make("second"))
    assert not idle.more()
    jobs.go.set()
    idle()
    pages.wait_until(lambda: jobs.began == ["first", "second"])
    assert not idle.more()


def test_what_keeps_the_controls_usable_stays_in_a_panel_whatever_it_shows():
    first, second = ipywidgets.HTML(), ipywidgets.HTML()
    panel = Panel([first])
    assert panel.children == (first, panel.front_end)
    panel.children = [*panel.children, second]
    assert panel.children == (first, second, panel.front_end)


# ---- the race panel

OTHER_METHODS = set(multiprocessing.get_all_start_methods()) - {lab.default_start_method()}


def start_a_long_run(panel):
    """4 s with a pause of 20 ms, if nobody stops it."""
    pages.control(panel, "increments").value = 200
    pages.wait_until(lambda: "times=200" in pages.htmls(panel, "<code>")[0])


def shown(panel):
    """The numbers in the picture's alt text; the status must say the same."""
    (alt,), (status,) = pages.alts(panel), pages.statuses(panel)
    words = "kept", "lost", "updates"
    found = {word: int(re.search(rf"(\d+) {word}", alt).group(1)) for word in words}
    found["expected"] = int(re.search(r"Expected (\d+)", alt).group(1))
    assert f"(kept {found['kept']}, lost {found['lost']})" in status
    assert f"{found['updates']} updates" in status
    return found


def assert_agreement(panel):
    """Status, picture, value and controls tell the same story."""
    reported, settings = shown(panel), panel.settings
    assert reported["expected"] == settings["processes"] * settings["times"] == reported["updates"]
    assert reported["kept"] + reported["lost"] == reported["updates"]
    account = panel.value.account
    assert (account.total, len(account.kept)) == (reported["updates"], reported["kept"])
    assert panel.value.machine.start_method == settings["start_method"]
    assert panel.value.parameters["think"] == settings["pause_ms"] / 1000


def history(panel):
    (text,) = (pages.words(text) for text in pages.htmls(panel, "History:"))
    return int(re.search(r"of (\d+) runs? ", text).group(1))


def test_the_first_run_is_there_when_the_panel_is(panel):
    made = panel(RacePanel)
    assert isinstance(made.value, lab.Run)
    assert shown(made)["expected"] == 40
    assert_agreement(made)
    assert history(made) == 1
    source = pages.source_rows(pages.htmls(made, "<pre")[0])
    assert source[0] == ("def increment_without_lock(counter, times, think):", False)
    assert source[-1] == ("        counter.write(value + 1)", False)


@cases(
    "begin value",
    ("processes", 1),
    ("processes", 16),
    ("increments", 1),
    ("increments", 200),
    ("pause", 0),
    ("pause", 20),
    ("how the file", "truncate"),
    *(("start method", method) for method in sorted(OTHER_METHODS)),
)
def test_a_moved_control_runs_anew_and_everything_agrees_with_it(panel, begin, value):
    made = panel(RacePanel, processes=2, times=3, pause_ms=0.1)
    before = made.value
    pages.move(made, begin, value)
    assert made.value is not before
    assert_agreement(made)


def test_after_twenty_moves_in_a_row_the_last_ones_settings_are_shown(panel):
    made = panel(RacePanel, processes=2, times=1, pause_ms=0.1)
    for times in range(2, 22):
        pages.move(made, "increments", times)
    assert shown(made)["expected"] == 2 * 21
    assert_agreement(made)


def test_a_moved_slider_builds_its_settings_once(panel, monkeypatch):
    made, built = panel(RacePanel, processes=2, times=3, pause_ms=0.1), []
    check = RaceSettings.__post_init__

    def counted(settings):
        built.append(settings)
        check(settings)

    monkeypatch.setattr(RaceSettings, "__post_init__", counted)
    pages.move(made, "increments", 2)
    assert [settings.times for settings in built] == [2]


def test_run_pressed_while_running_ends_in_one_result(panel, monkeypatch):
    monkeypatch.setattr(panel_module, "_PATIENCE", 0)
    made = panel(RacePanel, processes=1, times=1, pause_ms=20)
    start_a_long_run(made)
    said = []
    (line,) = (w for w in pages.widgets(made) if 'role="status"' in str(getattr(w, "value", "")))
    line.observe(lambda change: said.append(pages.words(change.new)), "value")
    for _ in range(3):
        pages.control(made, "Run").click()
    pages.move(made, "increments", 3)
    assert shown(made)["expected"] == 3
    assert_agreement(made)
    assert history(made) == 2  # what was overtaken does not count,
    assert said == pages.statuses(made)  # nor is it shown


def test_stop_ends_the_run_and_says_so(panel):
    made = panel(RacePanel, processes=1, times=1, pause_ms=20)
    start_a_long_run(made)
    pages.press(made, "Stop")
    assert made.value.verdict == "stopped"
    assert "stopped after" in pages.statuses(made)[0]
    assert history(made) == 1


def test_repeat_shows_its_progress_and_then_the_outcomes(panel):
    made = panel(RacePanel, processes=2, times=2, pause_ms=0.1)
    (bar,), seen = pages.of_kind(made, ipywidgets.IntProgress), []
    bar.observe(lambda change: seen.append((change.new, bar.layout.visibility)), "value")
    pages.repeat(made, 5)
    assert seen == [(done, "visible") for done in range(1, 6)]
    assert bar.max == 5
    pages.wait_until(lambda: bar.layout.visibility == "hidden")
    assert len(made.value.runs) == 5
    assert f"{made.value.failures} of 5 runs went wrong (expected 4)" in pages.statuses(made)[0]
    assert f"{made.value.failures} of 5 runs went wrong" in pages.alts(made)[0]
    assert history(made) == 6


def test_stop_in_a_repetition_keeps_its_results(panel):
    made = panel(RacePanel, processes=2, times=2, pause_ms=0.1)
    (bar,) = pages.of_kind(made, ipywidgets.IntProgress)
    bar.observe(lambda change: change.new == 3 and made.stop(), "value")
    pages.repeat(made, 200)
    assert len(made.value.runs) == 3
    assert "stopped after 3 of 200" in pages.statuses(made)[0]
    assert "of 3 runs went wrong" in pages.alts(made)[0]
    assert history(made) == 4


def test_two_results_stand_side_by_side_until_the_held_one_is_let_go(panel):
    made = panel(RacePanel, processes=2, times=2, pause_ms=0)
    (first,), (alt,) = pages.statuses(made), pages.alts(made)
    pages.press(made, "Hold for comparison")
    pages.move(made, "increments", 3)
    assert pages.statuses(made)[0] == first
    assert pages.alts(made)[0] == alt
    assert "Expected 4" in pages.alts(made)[0] and "Expected 6" in pages.alts(made)[1]
    pages.press(made, "Let go of the held result")
    assert len(pages.statuses(made)) == 1
    assert_agreement(made)
    pages.press(made, "Hold for comparison")
    assert len(pages.statuses(made)) == 2


LOCKED_IN_SCOPE = {
    Scope.NOTHING: [],
    Scope.WRITE_ONLY: ["counter.write(value + 1)"],
    Scope.EACH_STEP: ["value = counter.read()", "counter.write(value + 1)"],
    Scope.READ_TO_WRITE: ["value = counter.read()", "pause(think)", "counter.write(value + 1)"],
    Scope.SLOW_WORK_TOO: [
        "pause(work)  # slow work that touches nothing shared",
        "value = counter.read()",
        "pause(think)",
        "counter.write(value + 1)",
    ],
    Scope.WHOLE_LOOP: [
        "for _ in range(times):",
        "pause(work)  # slow work that touches nothing shared",
        "value = counter.read()",
        "pause(think)",
        "counter.write(value + 1)",
    ],
}


def test_every_scope_shows_its_worker_with_the_locked_lines_marked(panel):
    made = panel(RacePanel, scope="nothing", processes=2, times=2, pause_ms=0)
    assert list(LOCKED_IN_SCOPE) == list(Scope)
    for scope, lines in LOCKED_IN_SCOPE.items():
        pages.move(made, "the lock covers", scope)
        (source,) = pages.htmls(made, "<pre")
        assert pages.source_rows(source)[0][0].startswith(f"def {scope.worker.__name__}(")
        assert pages.marked(source) == lines
        assert made.value.worker == scope.worker.__name__


def test_without_a_scope_there_is_no_lock_to_choose(panel):
    made = panel(RacePanel, processes=1, times=1)
    assert "scope" not in made.settings
    assert made.value.worker == "increment_without_lock"


def test_every_number_has_its_bounds_and_unit_in_visible_words(panel):
    made = panel(RacePanel, scope="nothing", processes=1, times=1)
    reported = {slider.description: (slider.min, slider.max) for slider in pages.sliders(made)}
    assert reported == {
        "processes (1 to 16)": (1, 16),
        "increments each (1 to 200)": (1, 200),
        "pause (0 to 20 ms)": (0, 20),
        "slow work (0 to 20 ms)": (0, 20),
    }
    assert all(slider.readout for slider in pages.sliders(made))  # a number that can be typed over
    (count,) = pages.of_kind(made, ipywidgets.BoundedIntText)
    assert count.description == f"times ({count.min} to {count.max})"
    dropdowns = {dropdown.description for dropdown in pages.of_kind(made, ipywidgets.Dropdown)}
    file = {"how the file is written", "what an empty read does"}
    assert dropdowns == {"start method", "the lock covers", *file}


def test_a_deadline_holds_for_every_run_of_the_panel(panel):
    made = panel(RacePanel, processes=1, times=1, pause_ms=20, deadline=0.5)
    start_a_long_run(made)
    pages.settle(made)
    assert made.value.verdict == "timed_out"
    assert "still running after 0.5 s" in pages.statuses(made)[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"processes": 2, "times": 3, "pause_ms": 0.5, "write": "truncate", "start_method": "spawn"},
        {"processes": 2, "times": 3, "scope": Scope.SLOW_WORK_TOO, "slow_ms": 0.4},
        {"processes": 1, "times": 1, "empty": "raise", "deadline": 2.0},
    ],
)
def test_the_call_beside_the_panel_gives_the_same_run(panel, settings):
    made = panel(RacePanel, **settings)
    asked = {"start_method": lab.default_start_method(), **settings}
    assert pages.called(made, RaceSettings) == RaceSettings(**asked)
    run = pages.called(made)
    assert (run.worker, run.processes) == (made.value.worker, made.value.processes)
    assert plain(run.parameters) == plain(made.value.parameters)


def plain(parameters):
    return {name: value for name, value in parameters.items() if isinstance(value, (int, float))}


def test_a_fault_in_a_run_is_said_and_the_panel_goes_on(panel, monkeypatch, capsys):
    made = panel(RacePanel, processes=1, times=1, pause_ms=0)
    with monkeypatch.context() as patch:
        patch.setattr(topics.run_counter, "of", lambda *_: 1 / 0)
        pages.press(made, "Run")
    assert pages.statuses(made) == ["ZeroDivisionError: division by zero"]
    assert "Traceback" in capsys.readouterr().err
    pages.move(made, "increments", 2)
    assert_agreement(made)


def test_more_is_a_button_that_shows_and_hides_what_is_folded(panel):
    made = panel(RacePanel, processes=1, times=1)
    (toggle,) = pages.of_kind(
        made, ipywidgets.ToggleButton
    )  # a button: in the order of Tab, opened by Enter
    (folded,) = (
        box for box in pages.of_kind(made, ipywidgets.VBox) if box.layout.display is not None
    )
    assert pages.control(folded, "start method").description
    assert (toggle.description, folded.layout.display) == ("More", "none")
    toggle.value = True
    assert (toggle.description, folded.layout.display) == ("Hide: More", "flex")
    toggle.value = False
    assert (toggle.description, folded.layout.display) == ("More", "none")


@pytest.mark.parametrize("make", [RacePanel, StartPanel, ScopePanel])
def test_every_row_wraps_and_no_control_is_wider_than_the_page(panel, make):
    made = panel(make)
    rows = pages.of_kind(made, ipywidgets.HBox)
    assert {row.layout.flex_flow for row in rows if len(row.children) > 1} == {"row wrap"}
    wide = [w.layout for w in pages.widgets(made) if getattr(w.layout, "width", None)]
    assert [x.width for x in wide if x.width in ("31em", "44em") and not x.max_width] == []


# ---- what stands where no widget shows


@pytest.fixture
def displays(monkeypatch):
    """What panels display, in order: (data by its kind, display id, is an update)."""
    shown = []

    def display(data, raw, display_id=None, update=False):
        assert raw
        shown.append((data, display_id, update))

    monkeypatch.setattr(panel_module, "display", display)
    monkeypatch.setattr(panel_module, "REST", 0)
    yield shown
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for timer in timers:  # or a late one would show in the next test's list
        timer.join(LIMIT)


def test_a_panel_is_two_outputs_its_twin_and_the_widget(panel, displays):
    made = panel(RacePanel, processes=2, times=3)
    made._ipython_display_()
    (twin, name, is_update), (live, *_) = displays
    assert (name, is_update) == (made.model_id, False)
    assert made.value.sentence in twin["text/plain"]
    assert made.value.sentence in pages.words(twin["text/html"])
    assert "run the setup cell" in twin["text/html"]
    assert live.pop("text/plain") == ""
    assert list(live) == ["application/vnd.jupyter.widget-view+json"]


def test_the_picture_of_the_twin_is_small_and_says_the_same(panel, displays):
    made = panel(RacePanel, processes=4, times=10)
    made._ipython_display_()
    page = displays[0][0]["text/html"]
    assert re.findall('<img alt="[^"]*"', page) == re.findall('<img alt="[^"]*"', made.screen.html)
    assert len(page) * 4 < len(made.screen.html)


def test_the_twin_follows_when_the_panel_has_come_to_rest(panel, displays):
    made = panel(RacePanel, processes=2, times=3)
    made._ipython_display_()
    pages.move(made, "increments", 4)
    said = made.value.sentence
    pages.wait_until(lambda: said in pages.words(displays[-1][0].get("text/html", "")))
    assert displays[-1][1:] == (made.model_id, True)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ask("04"), "<details><summary>Answer</summary>"),
        (lambda: predict("04", "How many?"), "<b>How many?</b>"),
        (lambda: predict("04", "How many?"), "Choose before you run the next"),
        (lambda: predict("04", "How many?", [1, 2]), "<li>1</li><li>2</li>"),
    ],
)
def test_questions_and_predictions_have_a_twin_too(displays, make, says):
    make()._ipython_display_()
    assert says in displays[0][0]["text/html"]


# ---- one cell, one panel


class Counted(Panel):
    """A panel that counts how often it was stopped."""

    stops = 0

    def stop(self):
        self.stops += 1


@pytest.fixture
def cells(displays, monkeypatch):
    """Runs a cell, by its id, that shows some panels."""
    monkeypatch.setattr(panel_module, "SHOWN", {})

    def run(cell, *panels):
        panel_module.begin_cell(cell)
        for one in panels:
            one._ipython_display_()

    return run


def test_a_cell_that_runs_again_stops_the_panel_that_it_showed(cells):
    first, second, other = Counted(), Counted(), Counted()
    cells("here", first)
    cells("there", other)
    assert (first.stops, other.stops) == (0, 0)  # two cells, both live
    cells("here", second)
    assert (first.stops, second.stops, other.stops) == (1, 0, 0)
    cells("here")
    cells("here")
    assert (first.stops, second.stops, other.stops) == (1, 1, 0)


def test_a_panel_under_two_cells_goes_on_until_both_have_gone(cells):
    twice = Counted()
    cells("here", twice, twice)
    cells("there", twice)
    cells("here")
    assert twice.stops == 0
    cells("there")
    assert twice.stops == 1


def test_the_repetition_of_a_panel_whose_cell_runs_again_ends(panel, cells):
    made = panel(RacePanel, processes=1, times=1, pause_ms=0)
    cells("here", made)
    (bar,) = pages.of_kind(made, ipywidgets.IntProgress)
    bar.observe(lambda change: change.new == 3 and cells("here"), "value")
    pages.repeat(made, 200)
    assert len(made.value.runs) == 3


# ---- colours

WHITE, DARK = "#FFFFFF", ("#111111", "#212121")  # the grounds of JupyterLab
TEXT, MARK = 4.5, 3  # the least contrast of each, WCAG 2.2


def light(colour):
    """The relative luminance of a colour such as #E0E0E0 or #EEE."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, bright = sorted([light(one), light(other)])
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_guidelines_say():
    assert contrast("#FFF", "#000000") == pytest.approx(21)
    assert contrast("#767676", WHITE) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("verdict", ["correct", "lost_updates", "timed_out", "crashed"])
def test_the_colour_of_a_verdict_reads_in_figures_and_is_seen_on_every_ground(verdict):
    colour = style.verdict_colour(verdict)
    assert contrast(colour, WHITE) >= TEXT
    assert all(contrast(colour, ground) >= MARK for ground in DARK)


def test_the_hatch_of_what_waits_is_seen_on_white():
    assert contrast(style.WAIT, WHITE) >= MARK


def test_a_verdict_is_said_in_the_ink_of_the_page_beside_a_coloured_bar():
    screen = Screen()
    screen.say("lost", "lost_updates")
    assert f"border-left: 0.4em solid {style.LOST}" in screen.html
    table = html_table(["one"], [[style.marked("right", True)]])
    for page in (screen.html, table):
        assert not re.search(r"[; \"]color:", page)
    assert f"solid {style.GOOD}" in table


@pytest.mark.parametrize(
    "source", [p.read_text(encoding="utf-8") for p in sorted(PROGRAMS.glob("*.py"))]
)
def test_every_word_of_a_source_reads_on_its_ground(source):
    page = source_html(source)
    grounds = set(re.findall(r"background: (#\w+)", page))
    inks = set(re.findall(r"[; \"]color: (#\w+)", page))
    assert {"#fafafa"} <= grounds and len(inks) > 2
    assert [(i, g) for i in inks for g in grounds if contrast(i, g) < TEXT] == []


def test_a_status_is_text_not_html():
    screen = Screen()
    screen.say("<b> & so on")
    assert "&lt;b&gt; &amp; so on" in pages.htmls(screen, "status")[0]


def test_the_history_draws_one_bar_for_each_run_up_to_sixty():
    history = History()
    for _ in range(59):
        history.add((40, 40, "correct"))
    history.add((13, 40, "lost_updates"))
    assert "1 of 60 runs went wrong so far" in pages.words(history.value)
    assert history.value.count("<rect") == 60
    assert history.value.count('fill="white"') == 1
    history.add((40, 40, "correct"))
    assert "1 of 61 runs" in pages.words(history.value)
    assert history.value.count("<rect") == 60


# ---- the start panel


def test_the_start_panel_shows_what_each_child_said(panel, start_method):
    made = panel(StartPanel, processes=2, start_method=start_method)
    assert made.value.run.machine.start_method == start_method
    assert f"2 children with {start_method}: one ready after" in pages.statuses(made)[0]
    assert f"2 children with {start_method}: one ready after" in pages.alts(made)[0]
    head, *rows = pages.cells(pages.htmls(made, "<table")[0])
    note = "as the parent changed it" if start_method == "fork" else "as it stands in the file"
    assert head == ["child", "process id", "parent's id", "the note it sees"]
    assert [(row[0], row[3]) for row in rows] == [("A", note), ("B", note)]
    assert len({row[1] for row in rows}) == 2


def test_a_moved_control_of_the_start_panel_starts_children_anew(panel):
    made = panel(StartPanel, processes=1, start_method="spawn")
    assert "1 child with spawn, ready after" in pages.statuses(made)[0]
    pages.move(made, "children", 3)
    assert "3 children with spawn" in pages.statuses(made)[0]
    assert len(pages.cells(pages.htmls(made, "<table")[0])) == 1 + 3
    before = made.value
    pages.press(made, "Run")
    assert made.value is not before


# ---- the source with its locked lines

LOOP, READ, WRITE = "for _ in range(times):", "value = counter.read()", "counter.write(value + 1)"
ON_A_VALUE = ["value = number.value", "time.sleep(0.001)", "number.value = value + 1"]
LOCKED = {
    counter_workers.increment_without_lock: [],
    counter_workers.increment_locking_each_step: [READ, WRITE],
    counter_workers.increment_with_lock: [READ, "pause(think)", WRITE],
    counter_workers.increment_with_bare_acquire: [READ, "pause(think)", WRITE],
    counter_workers.add_to_value: [],
    counter_workers.add_under_its_own_lock: ON_A_VALUE,
    **{scope.worker: lines for scope, lines in LOCKED_IN_SCOPE.items()},
}  # fmt: skip


@pytest.mark.parametrize("worker", LOCKED, ids=lambda worker: worker.__name__)
def test_the_lines_under_the_lock_are_marked(worker):
    assert pages.marked(source_html(worker)) == LOCKED[worker]


def test_no_worker_is_left_out():
    for module in (counter_workers, scope_workers):
        there = {f for _, f in inspect.getmembers(module, inspect.isfunction)}
        assert {f for f in there if f.__module__ == module.__name__} <= set(LOCKED)


@cases(
    "program lines",
    ("counter_without_lock.py", []),
    ("start_times.py", []),
    (
        "counter_with_lock.py",
        [
            "number = int(path.read_text() or 0)",
            "time.sleep(0.010)  # 10 ms inside the lock",
            "path.write_text(str(number + 1))",
        ],
    ),
)
def test_the_locked_lines_of_a_program_are_marked(program, lines):
    assert pages.marked(source_html((PROGRAMS / program).read_text(encoding="utf-8"))) == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("with lock:\n    a()\nb()", ["a()"]),
        ("with left_lock, right_lock:\n    a()\nb()", ["a()"]),
        ("with open(path) as file:\n    a()", []),
        ("with first_lock:\n    a()\n    with second_lock:\n        b()\n    c()\nd()",
         ["a()", "with second_lock:", "b()", "c()"]),
        ("a()\nlock.acquire()\nb()\nlock.release()\nc()", ["b()"]),
        ("lock.acquire()\nb()", ["b()"]),
        ("lock.acquire()\nif empty:\n    lock.release()\n    leave()\nb()\nlock.release()\nc()",
         ["if empty:", "lock.release()", "leave()", "b()"]),
        ("lock.acquire()\ntry:\n    a()\nfinally:\n    lock.release()\nb()",
         ["try:", "a()", "finally:", "lock.release()"]),
        ("def f():\n    lock.acquire()\n    a()\n    lock.release()\ndef g():\n    c()", ["a()"]),
        ("with lock:\n    a(\n        1,\n    )\nb()", ["a(", "1,", ")"]),
    ],
)  # fmt: skip
def test_the_lines_between_acquire_and_release_are_marked(source, lines):
    assert pages.marked(source_html(source)) == lines


@pytest.mark.parametrize(
    ("name", "is_lock"),
    [("own_lock", True), ("RLock()", True), ("locks[0]", True), ("clock", False), ("block", False)],
)
def test_a_lock_is_known_by_its_name(name, is_lock):
    assert bool(pages.marked(source_html(f"with {name}:\n    read()"))) is is_lock


def test_only_the_first_line_of_each_locked_part_says_so():
    assert source_html(counter_workers.increment_with_lock).count("a lock is held") == 1
    assert source_html(counter_workers.increment_locking_each_step).count("a lock is held") == 2
    assert source_html(counter_workers.increment_without_lock).count("a lock is held") == 0


def test_a_source_is_shown_line_by_line_and_escaped():
    source = 'a = """<b>\n&amp;"""\n\nif a < "<script>":\n    b = a & 1'
    page = source_html(source)
    assert [line for line, _ in pages.source_rows(page)] == [
        line or " " for line in source.split("\n")
    ]
    assert "<script>" not in page and "<b>" not in page
