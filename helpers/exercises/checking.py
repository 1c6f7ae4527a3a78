"""The check: it attacks a learner's file and explains what broke it. It never raises, but for an interrupt."""

import html
import importlib
import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from helpers import lab, pictures
from helpers.events import listed
from helpers.exercises.answers import Answer
from helpers.exercises.findings import Failure, Stopped, Unfinished, first, in_steps
from helpers.exercises.plain_tasks import TASKS, plain_exercise
from helpers.exercises.without_end import exercise_of
from helpers.topics.endless import challenge_in

NO_ERROR = "No process ends by an error of its own."
STOPPED = Unfinished("The check was stopped before it had finished")

# Of several parts, the last state counts. Mark, text on ground: readable on a light and on a dark page (contrast at least 4.5).
STATES = {
    "passed": ("✔", "#FFFFFF", "#00664B"),
    "not finished": ("…", "#FFFFFF", "#4A4A8A"),
    "not yet": ("✘", "#FFFFFF", "#A63D00"),
}


class Part(NamedTuple):
    """How one part of a task came out: its title, its first Failure if there is one, and what gave no answer.

    `done` says in words how much of what it asks for held out against all that was tried, `hints` what is wrong, step by step.
    """

    title: str
    failure: Failure | None
    unfinished: tuple[Unfinished, ...]
    questions: int
    done: str = ""
    hints: tuple[str, ...] = ()

    @property
    def state(self):
        if self.failure:
            return "not yet"
        return "not finished" if self.unfinished else "passed"

    @property
    def because(self):
        """Why, as the rest of a sentence."""
        if self.failure:
            return f"{self.named}. {self.failure.reason}"
        if not self.unfinished:
            return ". It held out against every attack."
        if STOPPED in self.unfinished:
            return f". {STOPPED}."
        return f". {len(self.unfinished)} of {self.questions} questions got no answer: {self.unfinished[0]}. That says nothing about the file: check again."

    @property
    def named(self):
        """The name of the failure, in brackets."""
        return f" ({self.failure.name.replace('_', ' ')})"


class Check(NamedTuple):
    """The outcome of a check, shown in the notebook in words and, where there is a run, with its picture.

    `state` is "passed", "not yet" or "not finished"; `tried` says what was tried. Where the order of the steps
    made it go wrong, the order is shown: step by step, as real processes took it. A notebook folds the reason into hints;
    a terminal, a test and a teacher, who cannot open hints or need not, read it in the plain text.
    """

    file: str
    parts: tuple[Part, ...]
    tried: str = ""

    @property
    def state(self):
        return max((part.state for part in self.parts), key=list(STATES).index)

    @property
    def failure(self):
        """The first Failure, or None."""
        return first(part.failure for part in self.parts if part.failure)

    def __repr__(self):
        reported = [f"{part.title}: {part.state}{part.because}" for part in self.parts]
        say = f". {' '.join(reported)}" if len(reported) > 1 else self.parts[0].because
        return " ".join([f"{self.file}: {self.state}{say}", *self._more])

    @property
    def _more(self):
        """Sentences about what is done, what was tried, and the order that goes wrong."""
        states = [part.state for part in self.parts]
        tasks = f"{states.count('passed')} of {len(states)} tasks"
        done = tasks if len(states) > 1 else self.parts[0].done
        if done and self.state != "passed":
            yield f"Done so far: {done}."
        if self.tried:
            yield f"Tried: {self.tried}."
        failure = self.failure
        if failure and failure.schedule:
            real = " Real processes took it." if failure.run else ""
            yield f"The order, one letter for each step: {failure.schedule}.{real}"

    def _repr_html_(self):
        lines = [f"<b>{html.escape(self.file)}:</b> {_badge(self.state)}"]
        for part in self.parts:
            title = f"<br>{html.escape(part.title)}: {_badge(part.state)}"
            lines += [title if len(self.parts) > 1 else ""]
            lines += [html.escape(part.named if part.hints else part.because), _folded(part.hints)]
        more = "".join(f"<div>{html.escape(text)}</div>" for text in self._more)
        picture = _shown(self.failure) if self.failure else ""
        return f'<div role="status">{"".join(lines)}</div>{more}{picture}'


def _badge(state):
    mark, ink, ground = STATES[state]
    style = f"color:{ink};background:{ground};padding:0 6px;border-radius:3px;white-space:nowrap"
    return f'<span style="{style}"><b>{mark} {state}</b></span>'


def _shown(failure):
    run = failure.run
    if failure.schedule and run:  # real processes may not be able to take an order
        turning = failure.why.turn.step if failure.why else None
        how = {"accounts": run.accounts, "turning": turning}
        table = pictures.interleaving_table(in_steps(run), run.processes, **how)
        return table + pictures.code_html(run.code)
    shown = failure.shown or run
    said = f"<div>{html.escape(shown.sentence)}</div>" if run else ""
    return said + pictures.image(shown) if pictures.drawable(shown) else ""


def exercise_names():
    """The names of all exercises: those of their files, without the ending."""
    return sorted([*TASKS, *(path.stem for path in Path(__file__).parent.glob("my_*.py"))])


def is_exercise(name):
    """Whether a file of that name, without the ending, answers an exercise of the course or one without end."""
    return name in exercise_names() or bool(challenge_in(name))


def exercise(name):
    """The Exercise whose file has that name. Raises ModuleNotFoundError where there is none."""
    if name in TASKS:
        return plain_exercise(name)
    if task := challenge_in(name):
        return exercise_of(task)
    return importlib.import_module(f"helpers.exercises.{name}").EXERCISE


def check(path, say=lambda text: None, order=""):
    """Attack the answer in `path` and give back a Check; a failure is a result, never an exception.

    `say(text)` is told what is being tried. Raises KeyboardInterrupt where the learner interrupts it. With the code of
    an `order`, real processes take that one with the functions of the file: a Run. Raises ValueError for a code that does not fit.
    """
    name = os.path.basename(str(path))
    stem = name.removesuffix(".py").replace("solution_", "my_", 1)
    if not is_exercise(stem):
        known = ", ".join(f"{known}.py" for known in exercise_names())
        failure = Failure("unknown_exercise", f"There is no exercise of that name. Known: {known}.")
        return Check(name, (Part("", failure, (), 1),))
    task, answer = exercise(stem), Answer(path, say, order)
    names = (*task.functions, *task.values)
    say(f"{name}: {'importing' if names else 'reading'} it")
    found = _attacked(lambda answer: answer.look(task.functions, task.values), answer)
    if order and not found:
        return _taken([attack for ask in task.asks for attack in ask.attacks], answer)
    defines = f"import the file, and it defines {listed(names)}" if names else "read the file"
    parts = [_part(answer, f"Python can {defines}.", "", [found], 1)] if found else []
    for title in dict.fromkeys(ask.part for ask in task.asks) if not found else ():
        parts.append(_checked(answer, name, title, task.asks, parts))
    return Check(name, tuple(parts), str(answer.tried))


def _taken(attacks, answer):
    """The Run that takes the order asked for, of the first team that its code fits."""
    while attacks and not isinstance(answer.taken, lab.Run):
        with suppress(Unfinished):
            first(attacks.pop(0)(answer) or ())
    if isinstance(answer.taken, lab.Run):
        return answer.taken
    raise answer.taken or ValueError(f"the order fits nothing that is tried: {answer.order:.80}")


def _checked(answer, name, title, asks, before):
    """The Part of that title: its attacks one after the other, until one of them breaks the file.

    None is carried out where somebody stopped one of the parts `before`.
    """
    asks = [ask for ask in asks if ask.part == title]
    attacks = [(ask, attack) for ask in asks for attack in ask.attacks]
    found = [STOPPED] if any(STOPPED in part.unfinished for part in before) else []
    for number, (ask, attack) in enumerate(attacks if not found else (), 1):
        answer.say(f"{name}: {ask.words} (question {number} of {len(attacks)})")
        found.append(_attacked(attack, answer))
        if isinstance(found[-1], Failure) or found[-1] is STOPPED:
            break
    held = Counter(ask for (ask, _), one in zip(attacks, found, strict=False) if one is None)
    done = sum(held[ask] == len(ask.attacks) for ask in asks)
    done = f"{done} of the {len(asks)} things asked"
    return _part(answer, attacks[len(found) - 1][0].words, title, found, len(attacks), done)


def _part(answer, asked, title, found, questions, done=""):
    """The Part of that title, of which the last thing that was `asked` decides."""
    failure = first(one for one in found if isinstance(one, Failure))
    unfinished = tuple(one for one in found if isinstance(one, Unfinished))
    told = _hints(answer, asked, failure) if failure else ()
    return Part(title, failure, unfinished, questions, done, told)


def _attacked(attack, answer):
    try:
        return first(attack(answer) or ())
    except Stopped:
        return STOPPED
    except Unfinished as error:
        return error.with_traceback(None)  # which would keep the frames and all that is in them
    except Exception as error:  # noqa: BLE001 - an answer must not end the lesson's cell
        return Unfinished(f"the check itself broke off with {type(error).__name__}: {error}")


# ---- hints


def _hints(answer, asked, failure):
    """Three hints to a Failure that give away more and more, and never the solution: where an order fails, what collides there, what is at fault.

    Where no order explains the Failure they are what was `asked`, its place in the file, and what was seen.
    """
    line, place = _place(answer, failure)
    if not failure.why:
        # An error that nothing forces says nothing of what was tried just then.
        asked = NO_ERROR if failure.name == "crashed" and failure.run else asked
        return f"What is asked: {asked}", f"Where: {place}.", failure.reason
    why = failure.why
    died = f" A process ended with an error in line {line}." if line else ""
    turn = f"{why.turn}. Before this step the order could still end well; after it, nothing leads to a right end any more."
    return turn, f"What collides: {why.collision}.", f"{why.fault}.{died} {failure.reason}"


def _place(answer, failure):
    """The line in which a process died, None where none did; and where in the file the Failure lies, in words."""
    run, file = failure.run, os.path.basename(answer.path)
    traces = "".join(crash.trace for crash in run.crashes) if run else ""
    died = re.findall(rf'"{re.escape(answer.path)}", line (\d+)', traces)
    if known := died or re.findall(r"[Ll]ine (\d+)", failure.reason):
        return int(died[-1]) if died else None, f"line {known[-1]} of {file}"
    words = re.findall(r"\w+", f"{run.worker if run else ''} {failure.reason}")
    names = [word for word in words if word in answer.names] or answer.names[: 1 if run else 0]
    return None, f"{names[0]} in {file}" if names else file


def _folded(texts):
    """The hints as HTML that opens one by one, by mouse or keyboard: each lies inside the one before."""
    page = ""
    for number, text in reversed([*enumerate(texts, 1)]):
        say = f"<summary>Hint {number} of {len(texts)}</summary><div>{html.escape(text)}</div>"
        page = f'<details style="margin-left: 1em">{say}{page}</details>'
    return page
