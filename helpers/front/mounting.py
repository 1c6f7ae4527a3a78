"""The timeline in a page: as a widget of a panel, and as HTML that needs no kernel."""

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_CODE = Path(__file__).with_name("timeline.js")
# The page may be read from a folder, where no module can be imported: then what the module exports stays in a function.
_SCRIPT = """<script>(() => {
if (window.courseTimelines) return window.courseTimelines();
%s
let due;
const later = () => { due ??= setTimeout(() => { due = null; mountPage(); }, 200); };
window.courseTimelines = mountPage;
new MutationObserver(later).observe(document.documentElement, { childList: true, subtree: true });
mountPage();
})()</script>"""


@cache
def inlined():
    """The front end as a `<script>`: it mounts each timeline of a page that stands there as HTML, now and later."""
    code = _CODE.read_text(encoding="utf-8")
    return _SCRIPT % re.sub(r"^export (default .*)?", "", code, flags=re.MULTILINE)


def with_timeline(page, data):
    """HTML with the data of its timeline around its first picture, or behind that where it has to stay in sight.

    Without `data` the page as it is; without a picture, the timeline stands at its end.
    """
    if not data:
        return page
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    begin, end = (
        f'<div class="course-timeline"><script type="application/json">{text}</script>',
        "</div>",
    )
    picture = None if data["beside"] else re.search("<img [^>]*>", page)
    if picture is None:
        return page + begin + end
    return page[: picture.start()] + begin + picture[0] + end + page[picture.end() :]


def new_widget():
    """A widget that shows the timeline of its `data`, nothing where that is {}; None where there is no anywidget."""
    return _widget_class()() if find_spec("anywidget") else None


@cache
def _widget_class():
    import anywidget  # only with the first timeline: a lesson without one need not wait for it
    import traitlets

    class Timeline(anywidget.AnyWidget):
        """The front end of a timeline; it gets its data once for each run."""

        _esm = _CODE
        data = traitlets.Dict().tag(sync=True)

    return Timeline
