"""The timeline in a page: as a widget of a panel, and as HTML that needs no kernel."""

import base64
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from helpers.lab.machine import ROOT
from helpers.pictures.declared import png_tag

_HERE = Path(__file__).parent
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
    code = (_HERE / "timeline.js").read_text(encoding="utf-8")
    return _SCRIPT % re.sub(r"^export (default .*)?", "", code, flags=re.MULTILINE)


def with_timeline(page, data):
    """HTML with the data of its timeline around its first picture, or behind that where it has to stay in sight.

    Without `data` the page as it is; without a picture, the timeline stands at its end.
    """
    if not data:
        return page
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    begin = f'<div class="course-timeline"><script type="application/json">{text}</script>'
    if data["beside"] or "<img " not in page:
        return f"{page}{begin}</div>"
    return re.sub("<img [^>]*>", lambda found: f"{begin}{found[0]}</div>", page, count=1)


def recorded_run():
    """A real run of lesson 02 as HTML, which says when and where `docs.samples` recorded it."""
    path = ROOT / "docs" / "pictures" / "02"
    data = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    picture = base64.b64encode(path.with_suffix(".png").read_bytes()).decode()
    say = "A real run, recorded on {date} by Python {python} on {system}:".format(**data["made"])
    return with_timeline(f"<div>{say}</div>{png_tag(picture, data['alt'])}", data)


def new_widget(script):
    """A widget whose front end is a script of this folder, with `data` and `theme`; None where there is no anywidget."""
    return _widget_class(script)() if find_spec("anywidget") else None


@cache
def _widget_class(script):
    import anywidget  # only with the first one: a lesson without panels need not wait for it
    import traitlets

    class FrontEnd(anywidget.AnyWidget):
        """A timeline gets its `data` once for each run; controls tell the page's `theme`."""

        _esm = _HERE / script
        data = traitlets.Dict().tag(sync=True)
        theme = traitlets.Enum(["light", "dark"], "light").tag(sync=True)

    return FrontEnd
