"""What a timeline must say at a moment, worked out from its data in Python, and a walk that holds the page against it."""

from helpers.events import listed


def covered(spans, moment):
    """Those of some spans in which a moment lies."""
    return [s for s in spans if s[1] <= moment and (s[2] is None or moment < s[2])]


def moments(data):
    """The start; the first step after which somebody holds something, or the first of all; the end."""
    first = min((hold[1] for hold in data["holds"]), default=data["steps"][0][0])
    return 0, first, data["end"]


def assert_says(timeline, data, moment):
    """What the page says of a moment is what the data say: the values, who holds what, and who waits for whom."""
    names, locks = data["processes"], data["locks"]
    _, values, _, holding, waiting = timeline.status
    for file in data["files"]:
        value = [number for at, number in file["values"] if at <= moment][-1]
        assert f"{file['name'] if data['files'][1:] else 'the file'} says {value}" in values
    held, waits = covered(data["holds"], moment), covered(data["waits"], moment)
    for number, lock in enumerate(locks):
        words = lock["words"]
        for spans, one, many, said in (
            (held, "holds", "hold", holding),
            (waits, "waits for", "wait for", waiting),
        ):
            if who := sorted(names[span[0]] for span in spans if span[3] == number):
                assert f"{listed(who)} {many if who[1:] else one} {words}" in said
    assert ("nobody holds" in holding) is bool(locks and not held)
    if data["waits"]:
        assert timeline.root.locator(".tl-graph path.wants").count() == len(waits)
        assert ("nobody waits" in timeline.graph) is (not waits)
    for who, *_, lock, _ in waits[:6]:
        name = locks[lock]["words"].removeprefix("the ")
        assert f"{names[who]} → {name}" in timeline.graph


def walk(timeline, data):
    """Walk to three moments by keyboard; at each of them, status, graph and table agree with the data."""
    timeline.open_table()
    for moment in moments(data):
        timeline.go_to(moment)
        assert timeline.moment >= moment
        assert_says(timeline, data, timeline.moment)
        done = [step for step in data["steps"] if step[0] <= timeline.moment]
        row = timeline.row
        assert row[1:3] == [data["processes"][done[-1][1]], done[-1][2]] if done else row == []
