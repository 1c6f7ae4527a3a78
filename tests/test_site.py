"""The pages of `make site`, opened from a folder with the network refused; and README's moving picture."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from cases import exhaustive
from conftest import ROOT
from stories import tell
from test_export import Folded

from docs.moving import moving
from docs.site import __main__ as maker
from helpers.panels.questions import PARTS, as_page, lessons
from tests import jupyter, timelines
from tests.environments import make

pytestmark = pytest.mark.skipif(
    jupyter.chromium() is None, reason="no Chromium: `apt-get install chromium`"
)
STATIC = ROOT / "docs" / "site" / "static"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def browser():
    with jupyter.browser() as running:
        yield running


@pytest.fixture
def opened(browser):
    """Opens a page without a network, in "light" or "dark"; at the end none has complained or wanted anything but files."""
    said = []

    def open_page(path, after="", scheme="light"):
        context = browser.new_context(offline=True, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda one: said.append((path, one.text)) if one.type == "error" else 0)
        page.on("pageerror", lambda error: said.append((path, error)))
        page.on("requestfailed", lambda request: said.append((path, request.url)))
        page.goto(path.as_uri() + after)
        return page

    yield open_page
    assert said == []


# ---- the script of the pages, and what becomes of links


@pytest.fixture
def small_page(tmp_path):
    """A page with the questions of lesson 04, a recorded order, and the list of pages."""
    path = tmp_path / "04_with_lock.html"
    path.write_text(
        f'<!doctype html><html data-content_root="../"><nav aria-label="Pages"><a href="03_x.html">03</a></nav>'
        f"<article>{as_page(lessons()['04'].questions_of('end'))}<div class='output'><code>04:careful:2:AABB:d438e9"
        f"</code></div></article><script src='{(STATIC / 'site.js').as_uri()}'></script></html>",
        encoding="utf-8",
    )
    (tmp_path / "03_x.html").write_text("<!doctype html>")
    return path


def assert_answerable(page):
    """Each choice of the first question says why it is right or wrong, and the folded answer stays folded."""
    question = lessons()["04"].questions_of("end")[0]
    group = page.get_by_role("group", name="Answer question 1").last
    said = group.locator("xpath=following-sibling::*[1]")
    for letter, choice in zip("abcdef", question.choices, strict=False):
        group.get_by_role("button", name=f"1{letter}", exact=True).press("Enter")
        assert said.get_attribute("role") == "status"
        assert said.inner_text() == f"{letter}) {choice.judged}: {choice.why.replace('`', '')}"
    assert page.locator("details[open]").count() == 0


def test_a_question_of_a_page_is_answered_by_keyboard(opened, small_page):
    assert_answerable(opened(small_page))


def test_the_address_names_an_order_that_is_shown_here_on_its_lessons_page_or_live(
    opened, small_page
):
    for code in ("04:careful:2:AABB:d438e9", "04:careful:2:AABB"):
        page = opened(small_page, f"?code={code}")
        assert page.evaluate("document.activeElement.innerText") == "04:careful:2:AABB:d438e9"
    page = opened(small_page, "?code=04:careful:2:AAB")
    link = page.get_by_role("link", name="Try it in the browser")
    assert link.get_attribute("href") == "../live/index.html?code=04%3Acareful%3A2%3AAAB"
    page = opened(small_page, "?code=03:x:2:ABAB")
    page.wait_for_url("**/03_x.html?code=03%3Ax%3A2%3AABAB", timeout=5000)


def test_links_lead_to_pages_or_are_none(tmp_path):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "helpers" / "bank.py").touch()
    path = tmp_path / "notebooks" / "x.ipynb"
    kept = "[a](01_x.ipynb) [b](../docs/glossary.md) ![c](c.png) [d](https://python.org)"
    assert maker.linked(kept, path) == kept
    assert maker.linked("[s](../docs/s.html)", path) == '<a href="../docs/s.html">s</a>'
    assert maker.linked("[tests](../tests/answers)", path) == "tests"
    assert maker.linked("[bank](../helpers/bank.py)", path) == "[bank](../helpers/bank.md)"
    assert "literalinclude} bank.py" in (tmp_path / "helpers" / "bank.md").read_text()


def test_an_output_of_a_page_has_neither_a_widget_nor_the_front_ends_script(monkeypatch):
    front = "<script>front()</script>"
    monkeypatch.setattr(maker, "FRONT", front)

    def tidied(**data):
        data = {kind.replace("_", "/"): value for kind, value in data.items()}  # text_html
        kept = maker.tidy(nbformat.v4.new_output("display_data", data))
        return kept and kept.data

    assert tidied(text_html=front, text_plain="") is None
    assert tidied(**{"application_vnd.jupyter.widget-view+json": {}}, text_plain="") is None
    assert tidied(text_html=f"<p>{front}</p>", text_plain="p") == {"text/html": "<p></p>"}
    assert tidied(text_plain="12") == {"text/plain": "12"}


def test_the_first_page_has_all_lessons_and_nothing_from_the_network():
    text = maker.first_page(ROOT)
    assert [one.file for one in lessons().values() if f"<notebooks/{one.file}>" not in text] == []
    assert re.findall(r"https?:", text) == []


# ---- README's moving picture


def test_the_moving_picture_says_what_became_of_each_update():
    run = tell("A reads 0 / B reads 0 / A writes 1 / B writes 1 / A reads 1 / A writes 2")
    root = ElementTree.fromstring(moving(run))
    kinds = [one.get("class") for one in root.iter(f"{SVG}rect") if one.get("x")]
    assert kinds[:3] == ["lost", "kept", "kept"]
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert [text for text in said if "→" in text] == ["0 → 1", "0 → 1", "1 → 2"]
    assert said[-5:] == ["0", "1", "1", "2", run.sentence]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_moving_picture_moves_ends_whole_and_rests_for_whoever_wants_no_motion(browser, scheme):
    path = ROOT / "docs" / "race.svg"
    assert path.stat().st_size < 1_000_000
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(path.as_uri())
    left = """share => {
        document.getAnimations().forEach(one => { one.pause(); one.currentTime = share * 10_000; });
        return document.querySelector('.cover').getBoundingClientRect().left / innerWidth;
    }"""
    places = [page.evaluate(left, share) for share in (0, 0.3, 0.6, 0.9)]
    assert places[0] < 0.1 < places[1] < places[2] < 0.9 < places[3]
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate(left, 0) == places[-1]


# ---- the site itself


@exhaustive
@pytest.mark.network
@pytest.mark.timeout(1200)
def test_the_site_opens_from_a_folder_can_be_searched_answered_and_printed(tmp_path, opened):
    site = tmp_path / "site"
    make(f"SITE={site}", "site")
    reading = [path for path in site.rglob("*") if path.is_file() and "live" not in path.parts]
    pages = [path for path in reading if path.suffix == ".html" and "_static" not in path.parts]
    assert len(pages) > 35 and sum(path.stat().st_size for path in reading) < 15_000_000
    assert list(dead_links(pages)) == []
    sources = [path for path in pages if site / "helpers" in path.parents]  # one is like the other
    for page in sources:
        opened(page).context.close()
    for page in {*pages} - {*sources[1:]}:
        assert_open_to_all(opened, page)
    for lesson in lessons().values():
        assert_folded(site, lesson)
    lesson = opened(site / "notebooks" / "04_with_lock.html")
    assert_answerable(lesson)
    assert_walked(opened(site / "notebooks" / "07_deadlock.html"))
    found = opened(site / "search.html", "?q=deadlock").locator("#search-results a")
    found.first.wait_for()
    places = [one.get_attribute("href") for one in found.all()]
    assert "notebooks/07_deadlock.html" in places
    assert_printed(lesson)


class Links(HTMLParser):
    """The links of a page, and the names of its places."""

    def __init__(self, page):
        super().__init__()
        self.links, self.places = [], {"", "top"}
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.places.add(attrs.get("id"))
        self.links += filter(None, (attrs.get(name) for name in ("href", "src")))


def dead_links(pages):
    """The links of pages that lead to no file or to no place in one; `live` is made by a command of its own."""
    read = {page: Links(page) for page in pages}
    for page in pages:
        for link in read[page].links:
            parts = urlsplit(link)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            known = read[target].places if target in read else {parts.fragment}
            if parts.scheme or "live" in target.parts:
                continue
            if not target.exists() or parts.fragment not in known:
                yield f"{page.name}: {link}"


def assert_open_to_all(opened, path):
    """A page has no fault that axe finds, neither in light nor in dark, and these differ."""
    grounds = set()
    for scheme in ("light", "dark"):
        page = opened(path, scheme=scheme)
        for timeline in page.locator(".course-timeline:visible").all():
            timeline.scroll_into_view_if_needed()
            timeline.locator("svg").first.wait_for()
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        found = Axe().run(page, options={"preload": False})  # it would fetch the style sheets
        assert found.violations_count == 0, f"{path}, {scheme}: {found.generate_report()}"
        page.context.close()
    assert len(grounds) == 2 or path.name == "cheat_sheet.html"  # a page to print


def assert_folded(site, lesson):
    """On a lesson's page nothing is open: its answers, the setup cell, its solutions, the answers to its questions."""
    cells = nbformat.read(ROOT / "notebooks" / lesson.file, as_version=4).cells
    count = sum("tags" in one.metadata or one.source.count("<details>") for one in cells)
    folded = Folded(
        (site / "notebooks" / lesson.file).with_suffix(".html").read_text(encoding="utf-8")
    )
    assert folded.wrong == []
    assert len(folded.texts) >= count + sum(len(lesson.questions_of(part)) for part in PARTS)
    assert all(text.strip() for text in folded.texts)


def assert_walked(page):
    """The first timeline with a standstill is walked by keyboard."""
    forms = page.locator(".course-timeline").all()
    stuck = (form for form in forms if jupyter.data_of(form.locator("script"))["waits"])
    form = next(stuck)
    form.scroll_into_view_if_needed()  # which mounts it
    timelines.walk(
        jupyter.Timeline(form.locator(".course-tl")), jupyter.data_of(form.locator("script"))
    )


def assert_printed(page):
    """On paper there are no buttons, no code is cut, and what is folded stays so."""
    page.emulate_media(media="print")
    assert page.get_by_role("button", name=re.compile(r"^\d[a-f]$")).count() == 0
    cut = "() => [...document.querySelectorAll('article pre')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
    assert page.locator("details[open]").count() == 0
    assert page.pdf()[:4] == b"%PDF"
