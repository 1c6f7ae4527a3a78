"""In which order a free run took its steps."""

from helpers.analysis.kept_and_lost import Account
from helpers.analysis.lock_spans import Events
from helpers.events import Event

_MOST_TRIED = 20_000


def order_of(events: Events, accounts: dict[str, Account]) -> str | None:
    """An order of a run's finished steps that explains all it saw: a schedule, as letters.

    Time stamps alone do not tell it: a step was done at some moment between its start and its end. So
    this tries the steps in the order of their times, and goes back where a read would not find the
    text that it saw, an acquire no free lock, or the files would not end as their `accounts` say (a
    dict by name). None where it finds no such order.
    """
    last = {name: account.kept[-1].key for name, account in accounts.items() if account.kept}
    by_process: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.index):
        if event.outcome in ("done", "refused"):
            by_process.setdefault(event.process, []).append(event)
    steps = list(by_process.values())
    start: tuple = (0,) * len(steps), ()
    path, tried = [("", start, _choices(steps, start))], {start}
    while path and len(tried) < _MOST_TRIED:
        _, (places, contents), choices = path[-1]
        is_whole = all(place == len(mine) for place, mine in zip(places, steps, strict=True))
        if is_whole and all(dict(contents)[name].startswith(key) for name, key in last.items()):
            return "".join(letter for letter, *_ in path)
        if way := next((way for way in choices if way[1] not in tried), None):
            tried.add(way[1])
            path.append((*way, _choices(steps, way[1])))
        else:
            path.pop()
    return None


def _choices(steps, situation):
    """The steps that can come next, the likeliest first: letter, and places and contents after it."""
    places, contents = situation
    at = enumerate(zip(steps, places, strict=True))
    nexts = [(number, mine[place]) for number, (mine, place) in at if place < len(mine)]
    for number, event in sorted(nexts, key=lambda pair: _moment(pair[1])):
        known = dict(contents)
        if (content := _content_after(event, known.get(event.identity))) is not None:
            known[event.identity] = content
            moved = (*places[:number], places[number] + 1, *places[number + 1 :])
            yield event.process, (moved, tuple(sorted(known.items())))


def _moment(event):
    """When a step was done, doubled: an acquire at its end, a release at its start, else in between."""
    if event.op == "acquire":
        return 2 * event.end
    return 2 * event.start if event.op == "release" else event.start + event.end


def _content_after(event, content):
    """What a file or lock holds after a step that found `content` there; None where it cannot have been so.

    A lock holds the letter of its holder, or "". What nobody has written yet may have been anything.
    """
    if event.outcome == "refused":
        return content or ""
    if event.op == "read":
        return event.seen if content in (None, event.seen) else None
    if event.op == "acquire":
        return event.process if content in (None, "", event.process) else None
    return "" if event.op == "release" else event.seen
