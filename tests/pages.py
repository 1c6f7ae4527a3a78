"""What a reader sees of HTML and of widgets: words, marked lines, pictures, labelled controls, which can be moved."""

import html
import re
import time

import ipywidgets


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


def of_kind(root, *kinds):
    """The widgets below `root` of these kinds, such as ipywidgets.IntProgress."""
    return [widget for widget in widgets(root) if isinstance(widget, kinds)]


def sliders(root):
    return of_kind(root, ipywidgets.IntSlider, ipywidgets.FloatSlider)


def move(panel, begin, value):
    """Move the control whose words begin so, and wait for the run that follows."""
    control(panel, begin).value = value
    settle(panel)


def press(panel, name):
    """Click a button, and wait for what follows."""
    control(panel, name).click()
    settle(panel)


def repeat(panel, count):
    """Repeat so many times, and wait for the end."""
    (box,) = of_kind(panel, ipywidgets.BoundedIntText)
    box.value = count
    press(panel, "Repeat")


def ends(panel, *begins):
    """Move each of these sliders to its far end and to its near one, and go on at each as the run has ended."""
    for begin in begins:
        slider = control(panel, begin)
        for end in (slider.max, slider.min):
            move(panel, begin, end)
            yield end


def called(panel, function=None):
    """What the call gives that stands beside the controls of a panel, with another `function` if given."""
    call = words(re.search("<code>(.*)</code>", htmls(panel, "<code>")[0]).group(1))
    return eval(call, {panel.call.__name__: function or panel.call})


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
    wait_until(lambda: not panel.runner.busy)
