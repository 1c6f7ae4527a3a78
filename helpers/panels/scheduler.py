"""The scheduler panel: the learner decides which process moves next, in the model or on real ones."""

import html
import threading
from contextlib import suppress
from functools import partial

import ipywidgets as widgets

from helpers import analysis, events, front, lab, pictures, record, schedules
from helpers.lab import check
from helpers.lab.settings import Rule
from helpers.panels import challenge as challenges
from helpers.panels.panel import WHOLE, WRAPPED, Panel, Runner, Screen, button, control
from helpers.panels.source import source_html
from helpers.pictures.step_table import html_table, interleaving_table


class SchedulerPanel(Panel):
    """Processes that move when the learner says so. `value` is the Walk, `run` the latest real Run.

    It begins with a `challenge`, a Challenge or its title, or with `worker(*args)` or a `team` as in
    `schedules.explore`, and with the steps of `schedule` done; a code of a schedule can also stand alone, and says
    which challenge it is. Raises ValueError or TypeError for what cannot be walked.
    """

    def __init__(self, worker=None, *args, processes=2, team=None, challenge=None, schedule=""):
        self.run = self._challenge = self._chooser = None
        self._guard = threading.RLock()  # of the walk: a job of the runner may put an order in
        self._make_screens()
        self.runner, self.painter = Runner(self._result), Runner(self._result)
        super().__init__()
        if challenge is worker is team is None and schedule:
            challenge = getattr(challenges.challenge_at(f"{schedule}"), "title", schedule)
        if challenge is None:
            members = [(worker, args)] * check.processes(processes) if team is None else list(team)
            self.children = self._rows()
            self._begin(members, schedule)
        else:
            first = challenges.challenge_of(challenge)
            self.children = [*self._task_rows(first), *self._rows()]
            self.begin_challenge(first, schedule)

    # ---- what there is to see

    def _make_screens(self):
        self.task, self._call = widgets.HTML(), widgets.HTML()
        self._state, self._result = Screen(), Screen()
        self._source = widgets.HTML(layout=widgets.Layout(flex="1 1 32em"))
        self._moves = widgets.VBox(layout=widgets.Layout(flex="1 1 24em"))
        self._table = widgets.HTML(layout=widgets.Layout(flex="1 1 24em"))
        self._graph_picture = widgets.HTML(layout=widgets.Layout(flex="2 1 36em"))
        look = {"layout": widgets.Layout(width="36em", max_width=WHOLE)}
        look |= {"style": {"description_width": "initial"}}
        self._order = widgets.Text(description="order: type letters, delete to go back", **look)
        self._order.observe(self._on_typed, "value")

    def _rows(self):
        self._undo_button = button("Undo", "Take the last step back", self.undo)
        back = button("Back to start", "Take all steps back", self.restart)
        ask = [
            button("Find an order that fails", "Try all orders in the model", self.find),
            button("Show all outcomes", "Count how all orders end", self.count),
            button("Run this order on real processes", "With a real file", self.run_real),
            button("Stop", "End what is running", self.stop),
        ]
        return [
            widgets.HBox([self._source, self._moves], layout=WRAPPED),
            widgets.HBox([self._order, self._undo_button, back], layout=WRAPPED),
            widgets.HBox([self._state]),  # in a column its width would count as its height
            widgets.HBox([self._table, self._graph_picture], layout=WRAPPED),
            widgets.HBox(ask, layout=WRAPPED),
            widgets.HBox([self._result]),
            self._call,
        ]

    def _task_rows(self, first):
        known = {**challenges.challenges_of(first.lesson), first.title: first}
        rule = Rule(words="challenge", options=[(title, title) for title in known])
        self._chooser = control(rule, first.title)
        self._chooser.observe(lambda change: self.begin_challenge(known[change["new"]]), "value")
        hint = button("Next hint", "Show one more hint", self._show_hint)
        return [widgets.HBox([self._chooser, hint], layout=WRAPPED), self.task]

    def begin_challenge(self, challenge, schedule=""):
        self._challenge, self._hints = challenge, 0
        self._begin(challenge.team(), schedule)
        self._show_task()

    def _begin(self, members, schedule=""):
        """Start with other processes; all that was shown goes."""
        walk = schedules.Walk(team=members, processes=len(members), schedule=schedule)
        self.runner.stop()
        self._members, self.value, self.run = members, walk, None
        self._graph = _graph_of(members)
        self._decided = ""  # the beginning of an order after which nothing leads to a right end
        self._buttons, self.words, before = {}, {}, self._moves.children
        for letter in walk.processes:
            hint, press = f"{letter} takes its next step", partial(self.move, letter)
            self._buttons[letter] = button(letter, hint, press, "4em")
            self.words[letter] = widgets.HTML()
        rows = zip(self._buttons.values(), self.words.values(), strict=True)
        self._moves.children = [widgets.HBox(row, layout=WRAPPED) for row in rows]
        for widget in (widget for row in before for widget in (*row.children, row)):
            widget.close()  # an open one is kept for ever
        self._result.clear()
        self._graph_picture.value = self._call.value = ""
        self._write_order()
        self._show()

    # ---- moves

    def move(self, letter):
        """The process `letter` takes its next step; where it cannot, the panel says why."""
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
            if self._order.value.strip()[:1].isdigit():  # a code: it may be typed on
                return
        else:
            self._show()
        self._write_order()

    def _on_typed(self, change):
        typed = _letters(change["new"])
        other = self._chooser and challenges.challenge_at(typed)
        if other and other.lesson == self._challenge.lesson:
            self._chooser.value = other.title
        if typed != self.value.schedule:
            self.go(typed)

    def _write_order(self):
        """Write the order into its field; what was typed for it stays: the next key may be under way."""
        if _letters(self._order.value) != self.value.schedule:
            self._order.value = self.value.schedule

    # ---- showing

    def _show(self):
        """Show where the processes stand. Whether one can move is computed once, for all that say so."""
        with self._guard:
            walk, graph = self.value, self._graph
            schedule, steps, accounts = walk.schedule, walk.events, walk.accounts
            reasons = {letter: walk.why_not(letter) for letter in walk.processes}
            states = {}  # by worker: the lines and letters of those who run it
            for letter, worker in zip(walk.processes, walk.workers, strict=True):
                self._buttons[letter].disabled = bool(reasons[letter])
                step = walk.next_step(letter)
                words = reasons[letter] or analysis.next_step_words(*step, len(accounts) == 1)
                self.words[letter].value = html.escape(words)
                states.setdefault(worker, []).append((walk.line(letter), letter))
            self._source.value = "".join(source_html(w, tuple(at)) for w, at in states.items())
            turning = len(self._decided) if schedule.startswith(self._decided) else 0
            how = {"accounts": accounts, "turning": turning}
            table = interleaving_table(steps, walk.processes, **how)
            self._table.value = table if steps else "No step yet."
            self._say_state(walk, schedule, is_over=all(reasons.values()))
        if graph:
            self.painter.submit(lambda stop: self._paint(graph, schedule))

    def _say_state(self, walk, schedule, is_over):
        values, says = walk.values, [f"order {schedule or 'not begun'}"]
        verdict, sentence = walk.result if is_over else ("correct", "")
        for name, number in values.items():
            said = f"{name if len(values) > 1 else 'the file'} says {number}"
            says += [said] if said not in sentence else []
        for name, holder in walk.holders.items():
            held = f"held by {holder}" if holder else "free"
            says.append(f"{analysis.lock_words(name)} is {held}")
        says += [*walk.loops.values(), sentence]
        task, (names, _, rest) = self._challenge, walk.code.partition(":")
        if task and task.is_met(walk):
            kept = challenges.note_solution(task, schedule)
            says.append(record.note("challenge", task.lesson, task.title, order=schedule))
            says.insert(0, f"Goal met in {len(schedule)} steps! Your shortest: {kept}")
            verdict = "correct"
        self._state.say(" · ".join(filter(None, says)), verdict)
        code = rest and f"{task.setup if task else names}:{rest}"
        self._state.show(pictures.code_html(code))

    def _paint(self, graph, schedule):
        picture = ""
        with suppress(ValueError):  # steps that depend on what was read
            picture = pictures.image(graph.with_paths(schedule))
        if graph is self._graph:  # else other processes have begun meanwhile
            self._graph_picture.value = picture

    def _show_task(self):
        task, shown = self._challenge, self._challenge.hints[: self._hints]
        hints = "".join(f"<li>{html.escape(hint)}</li>" for hint in shown)
        kept = challenges.SHORTEST.get(task.title)
        best = f" Your shortest solution so far: <code>{kept}</code>." if kept else ""
        left = f"Hints left: {len(task.hints) - len(shown)}"
        goal = f"<b>Goal:</b> {html.escape(task.goal)}{best}<br>{left}"
        self.task.value = f'<div style="line-height: 1.4">{goal}<ol>{hints}</ol></div>'

    def _show_hint(self):
        self._hints = min(self._hints + 1, len(self._challenge.hints))
        self._show_task()

    # ---- questions to the model, and to real processes

    def find(self):
        """Look for a failing order in the background, and walk it."""
        self.runner.submit(lambda stop: self._explore(stop, self._walk_failing))

    def count(self):
        """Count all outcomes in the background, and draw them."""
        self.runner.submit(lambda stop: self._explore(stop, self._result.draw))

    def run_real(self):
        """Run this order on real processes in the background, beside the model."""
        self.runner.submit(self._run_real)

    def _explore(self, stop, then):
        """Say what becomes of all orders, then call `then` with the Exploration; not where others have begun meanwhile."""
        members = self._members
        how = {"team": members, "processes": len(members), "stop": stop}
        how["progress"] = lambda count: self._result.say(f"{count:,} situations so far ...")
        found = schedules.explore(**how)
        if members is not self._members:
            return
        self._result.clear()
        verdict = "lost_updates" if found.failures else "correct" if found.is_proof else "stopped"
        proof = "A proof, for these steps" if verdict == "correct" else ""
        says = f"In the model: {found.finding}", proof, found.explanation
        self._result.say(". ".join(filter(None, says)), verdict)
        self._call.value = f"The same as a call: <code>explore({self._as_call()})</code>"
        then(found)

    def _walk_failing(self, found):
        if found.failing:
            self._result.walk(front.payload(found))
            turning = found.turning_point(found.failing)
            self._decided = found.failing.schedule[: turning or 0]
            self.go(found.failing.schedule)

    def _run_real(self, stop):
        with self._guard:
            members, schedule = self._members, self.value.schedule
        walk = schedules.Walk(team=members, processes=len(members), schedule=schedule)
        walk.finish()
        if loops := "; ".join(walk.loops.values()):
            self._result.say(f"This order has no end: {loops}", "timed_out")
            return
        run = lab.run(team=members, processes=len(members), schedule=walk.schedule, stop=stop)
        if members is not self._members:
            return
        self.run = run
        same = {name: account.observed for name, account in run.accounts.items()} == walk.values
        say = f"Real processes, order {run.schedule}: {run.sentence}"
        if run.verdict != "stopped":
            say += " · the same as in the model" if same else " · not the same as in the model"
        self._result.say(say, run.verdict)
        self._result.show(_side_by_side(walk, run) + pictures.code_html(run.code))
        self._result.walk(front.payload(run))
        self._call.value = f"The same as a call: <code>lab.run({self._as_call()}, schedule={run.schedule!r})</code>"

    def _as_call(self):
        worker, args = self._members[0]
        if any(member != self._members[0] for member in self._members):
            return f"team=[...], processes={len(self._members)}"
        shown = ", ".join([worker.__name__, *map(_shown, args)])
        return f"{shown}, processes={len(self._members)}"


def _letters(typed):
    return "".join(typed.split()).upper()


def _graph_of(members):
    """The progress graph of two; None for others, and where a process alone comes to no end."""
    with suppress(ValueError):
        return schedules.progress_graph(team=members) if len(members) == 2 else None


def _shown(arg):
    """An argument as it stands in a call."""
    return f"{type(arg).__name__}()" if isinstance(arg, events.SharedObject) else repr(arg)


def _side_by_side(walk, run):
    """Model and real processes in two columns."""
    ids = ", ".join(f"{letter} is {pid}" for letter, pid in run.pids.items())
    rows = [("order", walk.schedule, run.schedule)]
    for name, account in run.accounts.items():
        rows.append((f"{name} says", f"{walk.values[name]}", f"{account.observed}"))
    rows += [("verdict", walk.result[1], run.sentence), ("processes", "none: a model", ids)]
    heads = ["what", "model", "real processes, real file"]
    return html_table(heads, rows, label="the model beside real processes")
