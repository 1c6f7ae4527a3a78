"""The scheduler panel: the learner decides which process moves next, in the model or on real ones."""

import html
import threading
from contextlib import suppress

import ipywidgets as widgets

from helpers import analysis, events, lab, pictures, schedules
from helpers.lab import check
from helpers.panels import challenge as challenges
from helpers.panels import parts
from helpers.panels.runner import Runner
from helpers.panels.source import source_html

_WRAPPED = widgets.Layout(flex_flow="row wrap")
_DOES = {
    "read": "reads",
    "empty": "empties the file",
    "acquire": "acquires",
    "release": "releases",
    "begin": "begins a transaction",
    "commit": "commits",
    "rollback": "rolls back",
    "add": "reads and writes in one UPDATE",
    "swap": "writes if nothing has changed",
}


class SchedulerPanel(parts.Panel):
    """Processes that move when the learner says so. `value` is the Walk, `run` the latest real Run.

    It begins with a `challenge`, by its title, or with `worker(*args)` or a `team` as in
    `schedules.explore`, and with the steps of `schedule` done. Raises ValueError or TypeError for what
    cannot be walked.
    """

    def __init__(self, worker=None, *args, processes=2, team=None, challenge=None, schedule=""):
        self.run = self._challenge = None
        self._guard = threading.RLock()  # of the walk: a job of the runner may put an order in
        self._runner = Runner(on_error=self._on_error)
        self._painter = Runner(on_error=self._on_error)
        self._make_screens()
        super().__init__()
        if challenge is None:
            members = [(worker, args)] * check.processes(processes) if team is None else list(team)
            self.children = self._rows()
            self._begin(members, schedule)
        else:
            first = challenges.challenge_of(challenge)
            self.children = [*self._task_rows(first), *self._rows()]
            self._begin_challenge(first, schedule)

    # ---- what there is to see

    def _make_screens(self):
        self._task = widgets.HTML()
        self._source = widgets.HTML(layout=widgets.Layout(flex="1 1 32em"))
        self._moves = widgets.VBox(layout=widgets.Layout(flex="1 1 24em"))
        self._order = widgets.Text(
            description="order: type letters, delete to go back",
            continuous_update=True,
            style={"description_width": "initial"},
            layout=widgets.Layout(width="36em"),
        )
        self._order.observe(self._on_typed, "value")
        self._state = parts.Screen()
        self._table = widgets.HTML(layout=widgets.Layout(flex="1 1 24em"))
        self._graph_picture = widgets.HTML(layout=widgets.Layout(flex="2 1 36em"))
        self._result = parts.Screen()
        self._call = widgets.HTML()

    def _rows(self):
        steer = [
            self._order,
            parts.button("Undo", "Take the last step back", self.undo),
            parts.button("Back to start", "Take all steps back", self.restart),
        ]
        ask = [
            parts.button("Find an order that fails", "Try all orders in the model", self.find),
            parts.button("Show all outcomes", "Count how all orders end", self.count),
            parts.button("Run this order on real processes", "With a real file", self.run_real),
            parts.button("Stop", "End what is running", self._runner.stop),
        ]
        return [
            widgets.HBox([self._source, self._moves], layout=_WRAPPED),
            widgets.HBox(steer, layout=_WRAPPED),
            widgets.HBox([self._state]),  # in a column its width would count as its height
            widgets.HBox([self._table, self._graph_picture], layout=_WRAPPED),
            widgets.HBox(ask, layout=_WRAPPED),
            widgets.HBox([self._result]),
            self._call,
        ]

    def _task_rows(self, first):
        titles = [
            title for title, other in challenges.CHALLENGES.items() if other.lesson == first.lesson
        ]
        chooser = parts.choice("challenge", [(title, title) for title in titles], first.title)
        chooser.observe(
            lambda change: self._begin_challenge(challenges.challenge_of(change["new"])), "value"
        )
        hint = parts.button("Next hint", "Show one more hint", self._show_hint)
        return [widgets.HBox([chooser, hint], layout=_WRAPPED), self._task]

    def _begin_challenge(self, challenge, schedule=""):
        self._challenge, self._hints = challenge, 0
        self._begin(challenge.team(), schedule)
        self._show_task()

    def _begin(self, members, schedule=""):
        """Start with other processes; all that was shown goes."""
        walk = schedules.Walk(team=members, processes=len(members), schedule=schedule)
        self._runner.stop()
        self._members, self.value, self.run = members, walk, None
        self._graph = _graph_of(members)
        self._buttons = {
            letter: parts.button(
                letter, f"{letter} does its next step", lambda at=letter: self.move(at)
            )
            for letter in walk.processes
        }
        for button in self._buttons.values():
            button.layout.width = "4em"
        self._words = {letter: widgets.HTML() for letter in walk.processes}
        before = self._moves.children
        self._moves.children = [
            widgets.HBox([self._buttons[letter], self._words[letter]]) for letter in walk.processes
        ]
        for row in before:  # an open widget is kept for ever
            for widget in (*row.children, row):
                widget.close()
        self._result.clear()
        self._graph_picture.value = self._call.value = ""
        self._write_order()
        self._show()

    # ---- moves

    def move(self, letter):
        """The process `letter` does its next step; where it cannot, the panel says why."""
        self._change(lambda: self.value.move(letter))

    def undo(self):
        """Take the last step back."""
        self._change(self.value.undo)

    def restart(self):
        """Take all steps back."""
        self.go("")

    def go(self, schedule):
        """Walk `schedule` from the start; where that cannot be, the panel says why and stays."""
        self._change(lambda: self.value.go(schedule))

    def _change(self, action):
        try:
            with self._guard:
                action()
        except ValueError as error:
            self._state.say(f"{error}. The order stays as it was.", "crashed")
        else:
            self._show()
        self._write_order()

    def _on_typed(self, change):
        typed = "".join(change["new"].split()).upper()
        if typed == self.value.schedule:
            return
        try:
            with self._guard:
                self.value.go(typed)
        except ValueError as error:
            self._state.say(f"{error}. The order stays as it was.", "crashed")
            self._write_order()
        else:
            self._show()  # the field stays as it was typed: the next key may be under way

    def _write_order(self):
        if "".join(self._order.value.split()).upper() != self.value.schedule:
            self._order.value = self.value.schedule

    # ---- showing

    def _show(self):
        with self._guard:
            walk = self.value
            for letter, button in self._buttons.items():
                why = walk.why_not(letter)
                button.disabled = bool(why)
                self._words[letter].value = html.escape(why or _next_words(walk, letter))
            self._source.value = self._sources()
            self._table.value = "No step yet."
            if walk.events:
                self._table.value = pictures.interleaving_table(
                    walk.events, walk.processes, accounts=walk.accounts
                )
            self._say_state()
            graph, schedule = self._graph, walk.schedule
        if graph:
            self._painter.submit(lambda stop: self._paint(graph, schedule))

    def _sources(self):
        """Each worker's source once, with the letters of those who stand at a line."""
        at = {}
        for letter, worker in zip(self.value.processes, self.value.workers, strict=True):
            at.setdefault(worker, []).append((self.value.line(letter), letter))
        return "".join(source_html(worker, tuple(stands)) for worker, stands in at.items())

    def _say_state(self):
        walk = self.value
        many = len(walk.values) > 1
        says = [f"{name if many else 'the file'} says {n}" for name, n in walk.values.items()]
        says += [
            f"{analysis.lock_words(name)} is {f'held by {holder}' if holder else 'free'}"
            for name, holder in walk.holders.items()
        ]
        verdict, sentence = walk.result if walk.is_over else ("correct", "")
        parts_of_it = [
            f"order {walk.schedule or 'not begun'}",
            *says,
            *walk.loops.values(),
            *([sentence] if sentence else []),
        ]
        if self._challenge and self._challenge.is_met(walk):
            kept = challenges.note_solution(self._challenge, walk.schedule)
            parts_of_it.insert(0, f"Goal met in {len(walk.schedule)} steps! Your shortest: {kept}")
            verdict = "correct"
        self._state.say(" · ".join(parts_of_it), verdict)

    def _paint(self, graph, schedule):
        try:
            picture = pictures.image(graph.with_paths(schedule))
        except ValueError:  # steps that depend on what was read
            picture = ""
        if graph is self._graph:  # else other processes have begun meanwhile
            self._graph_picture.value = picture

    def _show_task(self):
        shown = self._challenge.hints[: self._hints]
        hints = "".join(f"<li>{html.escape(hint)}</li>" for hint in shown)
        left = len(self._challenge.hints) - len(shown)
        kept = challenges.shortest_solution(self._challenge)
        best = f" Your shortest solution so far: <code>{kept}</code>." if kept else ""
        self._task.value = (
            f'<div style="line-height: 1.4"><b>Goal:</b> {html.escape(self._challenge.goal)}{best}'
            f"<br>Hints left: {left}<ol>{hints}</ol></div>"
        )

    def _show_hint(self):
        self._hints = min(self._hints + 1, len(self._challenge.hints))
        self._show_task()

    # ---- questions to the model, and to real processes

    def find(self):
        """Look for a failing order in the background, and walk it."""
        self._runner.submit(self._find)

    def count(self):
        """Count all outcomes in the background."""
        self._runner.submit(self._count)

    def run_real(self):
        """Run this order on real processes in the background, beside the model."""
        self._runner.submit(self._run_real)

    def _explore(self, stop):
        """The Exploration of these processes; None where others have begun meanwhile."""

        def progress(situations):
            self._result.say(f"{situations:,} situations so far ...")

        members = self._members
        found = schedules.explore(
            team=members, processes=len(members), progress=progress, stop=stop
        )
        return found if members is self._members else None

    def _find(self, stop):
        if found := self._explore(stop):
            self._show_exploration(found)
            if found.failing:
                self.go(found.failing.schedule)

    def _count(self, stop):
        if found := self._explore(stop):
            self._show_exploration(found)
            if found.outcomes:
                self._result.draw(found)

    def _show_exploration(self, found):
        self._result.clear()
        say = f"In the model: {found}"
        if found.failures:
            self._result.say(say, "lost_updates")
        elif found.is_proof:
            self._result.say(f"{say}. A proof, for these steps", "correct")
        else:
            self._result.say(say, "stopped")
        self._call.value = f"The same as a call: <code>explore({self._as_call()})</code>"

    def _run_real(self, stop):
        with self._guard:
            members, schedule = self._members, self.value.schedule
        walk = schedules.Walk(team=members, processes=len(members), schedule=schedule)
        walk.finish()
        if walk.loops:
            self._result.say(
                f"This order has no end: {'; '.join(walk.loops.values())}", "timed_out"
            )
            return
        run = lab.run(team=members, processes=len(members), schedule=walk.schedule, stop=stop)
        if members is not self._members:
            return
        self.run = run
        self._result.clear()
        same = {name: account.observed for name, account in run.accounts.items()} == walk.values
        say = f"Real processes, order {run.schedule}: {run.sentence}"
        if run.verdict != "stopped":
            say += " · the same as in the model" if same else " · not the same as in the model"
        self._result.say(say, run.verdict)
        self._result.show(_side_by_side(walk, run))
        self._call.value = f"The same as a call: <code>lab.run({self._as_call()}, schedule={run.schedule!r})</code>"

    def _as_call(self):
        worker, args = self._members[0]
        if any(member != self._members[0] for member in self._members):
            return f"team=[...], processes={len(self._members)}"
        shown = ", ".join([worker.__name__, *map(_shown, args)])
        return f"{shown}, processes={len(self._members)}"

    def _on_error(self, text):
        self._result.say(text, "crashed")


def _graph_of(members):
    """The progress graph of two; None for others, and where a process alone comes to no end."""
    with suppress(ValueError):
        return schedules.progress_graph(team=members) if len(members) == 2 else None


def _next_words(walk, letter):
    """What a process does next."""
    op, name, arg = walk.next_step(letter)
    does = {"write": f"writes {str(arg).rstrip()}", "fill": f"fills in {arg}"}.get(op) or _DOES[op]
    if op in ("acquire", "release"):
        return f"{does} {analysis.lock_words(name)}"
    many = sum(1 for thing in walk.things if thing.is_file) > 1
    return f"{does} ({name})" if many else does


def _shown(arg):
    """An argument as it stands in a call."""
    return f"{type(arg).__name__}()" if isinstance(arg, events.Thing) else repr(arg)


def _side_by_side(walk, run):
    """Model and real processes in two columns."""
    ids = ", ".join(f"{letter} is {pid}" for letter, pid in run.pids.items())
    observed = {name: account.observed for name, account in run.accounts.items()}
    rows = [
        ("order", walk.schedule, run.schedule),
        *((f"{name} says", walk.values[name], observed[name]) for name in walk.values),
        ("verdict", walk.result[1], run.sentence),
        ("processes", "none: a model", ids),
    ]
    cells = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(str(one))}</td>'
        f"<td>{html.escape(str(other))}</td></tr>"
        for name, one, other in rows
    )
    return (
        f"<table><tr><th></th><th>model</th><th>real processes, real file</th></tr>{cells}</table>"
    )
