"""Timelines on a page that is opened from a folder, in Chromium with the network off."""

import json

import pytest
from stories import tell
from test_front import NOTHING, STORY, WAITING, many_updates
from test_lock_figures import orphan

from helpers import front, lab
from helpers.front.payload import VERSION, payload
from tests import jupyter, timelines

pytestmark = pytest.mark.skipif(
    jupyter.chromium() is None, reason="no Chromium: `apt-get install chromium`"
)
FORM = '<div class="course-timeline"><script type="application/json">{}</script><img alt="{}" width="9" height="9"></div>'


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Instead of the rule for all tests: the browser lives on."""


@pytest.fixture(scope="module")
def browser():
    with jupyter.browser() as running:
        yield running


@pytest.fixture
def open_page(browser, tmp_path):
    """Opens a page with the timelines of some data, with the network off; its console stays silent."""
    contexts, errors = [], []

    def open_them(*all_of, **how):
        path = tmp_path / "page.html"
        forms = "".join(FORM.format(json.dumps(data), data["alt"]) for data in all_of)
        path.write_text(
            f"<!doctype html><meta charset=utf-8>{forms}{front.inlined()}{front.inlined()}"
        )
        contexts.append(browser.new_context(offline=True, **how))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(f"{error}"))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.goto(path.as_uri())
        return page

    yield open_them
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.parametrize("story", [STORY, WAITING], ids=["a race", "a wait"])
def test_a_page_from_a_folder_is_walked_by_keyboard(open_page, story):
    data = payload(tell(story))
    page = open_page(data)
    root = page.get_by_role("group", name="Timeline of")
    timelines.walk(jupyter.Timeline(root.first), data)
    assert page.locator("img").is_hidden()
    assert page.locator(".course-tl").count() == 1


_COPY = """code => {
    const form = document.querySelector('.course-timeline').cloneNode(true), script = document.createElement('script');
    form.removeAttribute('data-seen');
    form.querySelector('.course-tl-of').remove();
    document.body.prepend(form);
    delete window.courseTimelines;
    script.textContent = code;
    document.body.append(script);
}"""


def test_two_copies_of_the_front_end_name_their_hatchings_apart(open_page):
    page = open_page(payload(tell(WAITING)))
    page.locator(".course-tl").wait_for()
    page.evaluate(_COPY, front.inlined().removeprefix("<script>").removesuffix("</script>"))
    page.wait_for_function("() => document.querySelectorAll('.course-tl').length === 2")
    ids = page.locator(".course-tl [id]").evaluate_all("all => all.map(each => each.id)")
    assert len(ids) == len({*ids}) > 4


def test_an_update_says_its_rival_and_whom_it_built_on(open_page):
    timeline = jupyter.Timeline(open_page(payload(tell(STORY))).locator(".course-tl"))
    timeline.go_to(3)
    said = timeline.root.locator(".tl-said").text_content()
    assert said.startswith(
        "B’s update 0→1, a lost update, read at 1.00 ms and had written at 3.00 ms"
    )
    assert "Its rival A’s 0→1 was kept" in said
    timeline.go_to(6)
    assert "It built on A’s 0→1" in timeline.root.locator(".tl-said").text_content()


def test_each_kind_of_run_has_its_timeline_and_the_wrong_version_a_sentence(open_page):
    race, nothing = payload(tell(STORY)), payload(NOTHING)
    many = payload(tell(" / ".join(f"{who} reads 0" for who in lab.LETTERS)))
    page = open_page(
        race,
        nothing,
        payload(orphan(1)),
        many,
        payload(many_updates()),
        {**race, "version": VERSION + 1},
    )
    for form in page.locator(".course-timeline").all():
        form.scroll_into_view_if_needed()
        form.locator(".course-tl-of").wait_for()
    assert page.locator(".course-tl").count() == 5
    assert page.get_by_text("one in 2 of the updates").is_visible()
    assert page.get_by_text(f"This timeline has version {VERSION + 1}").is_visible()
    assert [image.is_visible() for image in page.locator("img").all()] == [False] * 5 + [True]
    statuses = page.locator(".tl-status").all_text_contents()
    assert "A: dead" in statuses[2]
    empty = jupyter.Timeline(page.locator(".course-tl").nth(1))
    empty.head.press("ArrowRight")
    assert empty.status[1] == "the file says 0"


def test_without_javascript_the_picture_shows(open_page):
    page = open_page(payload(tell(STORY)), java_script_enabled=False)
    assert page.locator("img").is_visible()


def test_where_less_motion_is_asked_for_the_play_head_jumps_from_step_to_step(open_page):
    data = payload(tell(STORY))
    page = open_page(data, reduced_motion="reduce")
    timeline = jupyter.Timeline(page.locator(".course-tl"))
    page.evaluate(
        """() => { window.seen = []; const head = document.querySelector('.tl-head');
            new MutationObserver(() => window.seen.push(+head.getAttribute('aria-valuenow'))).observe(head, {attributes: true}) }"""
    )
    timeline.root.get_by_label("speed").select_option("3")
    timeline.root.get_by_role("button", name="Play").click()
    timeline.root.get_by_role("button", name="Pause").wait_for()
    timeline.root.get_by_role("button", name="Play").wait_for()
    assert set(page.evaluate("window.seen")) == {0, *(step[0] for step in data["steps"])}
