"""`python -m docs.papers 30 --seed 100 > papers.html`: exercises without end to print, a page each, and the keys after them.

The seeds are 100, 101 and so on; with `--difficulty hard` the next ones of that difficulty. The same seeds give the same papers.
"""

import argparse
import html

from helpers.lab import check
from helpers.panels.source import source_html
from helpers.pictures import interleaving_table
from helpers.schedules import Walk
from helpers.topics.endless import DIFFICULTIES, challenge
from helpers.workers import drafts

_LOOK = """<style>
body { font-family: sans-serif; max-width: 50em; margin: auto; line-height: 1.4 }
section { break-after: page }
.line { border-bottom: 1px solid #888; height: 2em }
</style>"""


def papers(count, seed=0, difficulty=None):
    """So many papers and their keys as one HTML page; raises ValueError or TypeError as `challenge` does."""
    tasks = []
    for _ in range(check.whole("count", count, 1, 1000)):
        tasks.append(challenge(seed, difficulty))
        seed = (tasks[-1].seed + 1) % 1_000_000
    pages = "".join([*map(_paper, tasks), *map(_key, tasks)])
    title = f"<title>{count} exercises on locks</title>"
    return f'<!DOCTYPE html><html lang="en"><meta charset="utf-8">{title}{_LOOK}{pages}</html>\n'


def _paper(task):
    classes = "".join(
        f"<div>☐ <b>{name}</b>: {it['is']}</div>" for name, it in drafts.FAULTS.items()
    )
    return f"""<section><h1>Challenge {task.seed}</h1>
<p>Name: ______________________________</p>{source_html(task.source)}
<p><b>1.</b> {html.escape(task.goal)} Write one letter for each step: an acquire, a read, a write or a release.</p>{_lines(1)}
<p><b>2.</b> Which class is the fault of?</p>{classes}
<p><b>3.</b> Which lines would you change, and how?</p>{_lines(4)}</section>
"""


def _key(task):
    order = f"None: {task.found.finding}."
    if failing := task.found.failing:
        team = task.team()
        walk = Walk(team=team, processes=len(team), schedule=failing.schedule)
        table = interleaving_table(walk.events, walk.processes, accounts=walk.accounts)
        order = f"{task.found.finding}. It ends like this: {html.escape(failing.label)}.{table}"
    twin = source_html(drafts.texts(task.key)[1])
    return f"""<section><h1>Key to challenge {task.seed}</h1>
<p><b>1.</b> {order}</p>
<p><b>2.</b> <b>{task.fault}</b>: {drafts.FAULTS[task.fault]["is"]} ({task.difficulty}).</p>
<p><b>3.</b> A way to repair it:</p>{twin}</section>
"""


def _lines(count):
    return '<div class="line"></div>' * count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many papers")
    parser.add_argument("--seed", type=int, default=0, help="the first one's, 0 to 999999")
    parser.add_argument("--difficulty", choices=DIFFICULTIES)
    try:
        print(papers(**vars(parser.parse_args())), end="")
    except ValueError as error:
        parser.error(str(error))
