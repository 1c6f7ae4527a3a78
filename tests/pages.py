"""What a reader sees of HTML and of widgets: words, marked lines, pictures, labelled controls."""

import html
import re
import time
from contextlib import contextmanager


def words(text):
    """The text of some HTML, without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", " ", text)).strip()


def cells(text):
    """The rows of a table, each a list of its cells' texts."""
    rows = re.findall(r"<tr>(.*?)</tr>", text)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def source_rows(text):
    """The lines of a shown source: pairs of (line, is marked)."""
    rows = re.findall(r'<div style="([^"]*)">(.*?)</div>', text, re.DOTALL)
    note = re.compile(r'<span style="display: block[^>]*>[^<]*</span>')
    return [
        (html.unescape(re.sub(r"<[^>]*>", "", note.sub("", line))), "#E3EFF7" in style)
        for style, line in rows
    ]


def marked(text):
    """The marked lines of a shown source, without their indents."""
    return [line.strip() for line, is_marked in source_rows(text) if is_marked]


def widgets(root):
    """A widget and all below it that are in sight or folded."""
    yield root
    for child in getattr(root, "children", ()):
        yield from widgets(child)


def control(root, begin):
    """The widget whose words begin with `begin`."""
    (found,) = (w for w in widgets(root) if getattr(w, "description", "").startswith(begin))
    return found


def htmls(root, part):
    """The HTML texts below `root` that hold `part`."""
    texts = [w.value for w in widgets(root) if isinstance(getattr(w, "value", None), str)]
    return [text for text in texts if part in text]


def alts(root):
    """The alt texts of the pictures below `root`."""
    return [html.unescape(re.search('alt="([^"]*)"', t).group(1)) for t in htmls(root, "<img ")]


def statuses(root):
    """The one-line results below `root`."""
    return [words(text) for text in htmls(root, 'role="status"')]


def wait_until(is_so, limit=30):
    """Until `is_so()`; a limit, so that a wrong program fails and does not hang."""
    end = time.monotonic() + limit
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.002)


def settle(panel):
    """Until the panel's runner is idle."""
    wait_until(lambda: not panel._runner.busy)


@contextmanager
def panels():
    """A function that makes panels of a class; whatever was done with them, they are at rest at the end."""
    made = []

    def make(panel_class, **settings):
        made.append(panel_class(**settings))
        return made[-1]

    yield make
    for one in made:
        one._runner.stop()
        settle(one)
