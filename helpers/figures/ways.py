"""The ways by which a lock can go to another process, as an HTML table."""

import html

from helpers.figures import style

_ROOM = "padding: 0.15em 0.8em; text-align: left; vertical-align: top"
_LOOKS = {"shared": ("✓ shared", style.GOOD), "a copy": ("✗ a copy of its own", style.LOST)}


def ways_table(ways):
    """One row for each way, one column for each kind of lock; errors in Python's own words."""
    kinds = list(next(iter(ways.told.values())))
    head = "".join(f'<th scope="col" style="{_ROOM}">{html.escape(kind)}</th>' for kind in kinds)
    rows = "".join(
        f'<tr><th scope="row" style="{_ROOM}">{html.escape(way)}</th>'
        f"{''.join(_cell(found[kind]) for kind in kinds)}</tr>"
        for way, found in ways.told.items()
    )
    label = f"what becomes of a lock, by the way it goes, under {ways.start_method}"
    return f'<table aria-label="{label}"><tr><th></th>{head}</tr>{rows}</table>'


def _cell(what):
    words, colour = _LOOKS.get(what, (f"✗ {what}", style.INK))
    return f'<td style="{_ROOM}; color: {colour}; max-width: 24em">{html.escape(words)}</td>'
