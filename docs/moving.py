"""`python -m docs.moving`: the README's moving picture, a real run in slow motion, into race.svg."""

import html
from itertools import pairwise
from pathlib import Path
from string import Template

from helpers import lab, topics
from helpers.pictures import alt_text

FOLDER = Path(__file__).parent
WIDTH, LEFT, TOP, ROW, HIGH = 960, 56, 96, 56, 40  # pixels; HIGH is a box
MOVES = 80  # per cent of the time in which the head moves; then the end is shown


def moving(run):
    """The SVG of a Run of a counter: a head moves over it three times, or not at all where the reader wants no motion."""
    updates, way = run.account.updates, WIDTH - LEFT - 16
    last = max(update.end for update in updates) - run.started

    def place(moment):
        return (moment - run.started) / last

    rows = [
        f'<text x="24" y="{TOP + row * ROW + 26}" font-weight="bold">{process}</text>'
        for row, process in enumerate(run.processes)
    ]
    for update in updates:
        left, right = (LEFT + way * place(moment) for moment in (update.start, update.end))
        top = TOP + run.processes.index(update.process) * ROW
        kind = "kept" if update in run.account.kept else "lost"
        rows.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="{HIGH}" rx="3"/>'
            f'<text class="box on-{kind}" x="{(left + right) / 2:.1f}" y="{top + 25}">{update.base} → {update.value}</text>'
        )
    shown = [(0, run.account.start), *((place(u.end) * MOVES, u.value) for u in updates)]
    keyframes = [
        f"  @keyframes number{n} {{ 0% {{ opacity: 0 }} {begin:.2f}% {{ opacity: 1 }} {end:.2f}% {{ opacity: 0 }} }}"
        for n, ((begin, _), (end, _)) in enumerate(pairwise([*shown, (100, None)]))
    ]
    numbers = [
        f'<text class="number{" last" * (n == len(updates))}" style="animation-name: number{n}" x="{LEFT + 108}" y="66">{value}</text>'
        for n, (_, value) in enumerate(shown)
    ]
    deep = len(run.processes) * ROW
    page = Template((FOLDER / "race.in").read_text(encoding="utf-8"))
    return page.substitute(
        width=WIDTH, height=TOP + deep, left=LEFT, top=TOP - 8, deep=deep, way=way, moves=MOVES,
        rows="\n".join(rows), numbers="\n".join(numbers), keyframes="\n".join(keyframes),
        sentence=html.escape(run.sentence), alt=html.escape(alt_text(run)),
    )  # fmt: skip


if __name__ == "__main__":
    lab.warm()
    made = moving(topics.run_counter(processes=4, times=5, pause_ms=5))
    (FOLDER / "race.svg").write_text(made, encoding="utf-8")
