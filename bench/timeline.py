"""What the front end of a timeline costs: our work for each event of a drag, from the browser's trace, and the size of its data."""

import json
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

from helpers import front
from helpers.topics import run_counter

_EVENTS = 200
_WORK = "EventDispatch", "UpdateLayoutTree", "Layout"
_NOTE = """() => { window.changes = []; new MutationObserver(all => window.changes.push(new Set(all.map(one => one.target)).size))
    .observe(document.querySelector('.course-tl'), {subtree: true, childList: true, attributes: true, characterData: true}) }"""


def measure_timeline(report):
    """A drag over 2,000 updates under a lock, with the table open; bytes of a small and of a large run."""
    from tests import jupyter

    small = front.payload(run_counter(processes=4, times=10, scope="read to write"))
    large = front.payload(run_counter(processes=10, times=200, pause_ms=0, scope="read to write"))
    for words, data, budget in (("4 x 10", small, 200), ("2,000", large, 1000)):
        kilobytes = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()) / 1000
        report.line(f"data of a timeline of {words} updates", kilobytes, budget, "kB")
    with tempfile.TemporaryDirectory() as folder, jupyter.browser() as browser:
        path = Path(folder, "page.html")
        text = (
            f"<!doctype html><meta charset=utf-8>{front.with_timeline('', large)}{front.inlined()}"
        )
        path.write_text(text, encoding="utf-8")
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.goto(path.as_uri())
        page.locator(".tl-steps summary").click()
        page.evaluate(_NOTE)
        costs = list(_costs(_traced(page)))
        changes = page.evaluate("() => Math.max(...window.changes)")
    report.line("one event of a drag over 2,000 updates, median", median(costs), 6, "ms")
    report.line("one event of a drag over 2,000 updates, p95", quantiles(costs, n=20)[-1], 16, "ms")
    report.line("elements that change for one event, at most", changes, 200, "")


def _traced(page):
    """Drag the play head to and fro: the complete events of the trace."""
    trace, found, ended = page.context.new_cdp_session(page), [], []
    trace.on("Tracing.dataCollected", lambda message: found.extend(message["value"]))
    trace.on("Tracing.tracingComplete", lambda message: ended.append(message))
    trace.send("Tracing.start", {"categories": "devtools.timeline", "transferMode": "ReportEvents"})
    box = page.locator(".tl-plot").bounding_box()
    y, width = box["y"] + box["height"] / 2, box["width"] - 80
    page.mouse.move(box["x"] + 40, y)
    page.mouse.down()
    for number in range(_EVENTS):
        page.mouse.move(box["x"] + 40 + width * (37 * number % _EVENTS) / _EVENTS, y)
    page.mouse.up()
    trace.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    return [event for event in found if event.get("ph") == "X"]


def _costs(trace):
    """Milliseconds of script, style and layout from each pointermove to the next one."""
    moves = [
        e
        for e in trace
        if e["name"] == "EventDispatch" and e["args"]["data"]["type"] == "pointermove"
    ]
    begun = sorted(event["ts"] for event in moves)
    work = [e for e in trace if e["name"] in _WORK and e["tid"] == moves[0]["tid"]]
    for begin, end in pairwise(begun):
        yield sum(event["dur"] for event in work if begin <= event["ts"] < end) / 1000
