"""What an experiment may be asked for, and runs that are repeated with it.

Each setting says in one line its default, its range and its control in a panel:

@dataclass(frozen=True, kw_only=True)
class RaceSettings(Settings):
    processes: int = whole(4, 1, 26, "processes", slider=(1, 16))
    pause_ms: float = ms(1.0, words="pause", slider=(0, 20))
    scope: Scope = one_of(Scope.NOTHING, "the lock covers")
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import partial, update_wrapper
from typing import Any, Self

from helpers.lab import check
from helpers.lab.check import Stop
from helpers.lab.machine import checked_start_method, start_methods
from helpers.lab.processes import run
from helpers.lab.verdict import Run, Verdict

RunOne = Callable[[Any, Stop], Run]
Progress = Callable[[int, int], object] | None  # is told how many runs are done, and of how many


@dataclass(frozen=True)
class Rule:
    """What a setting may be. `check(name, value)` gives the value as it is kept, or raises TypeError or ValueError.

    Its control has `words` beside it; without them it has none. It is a slider between the two numbers of
    `slider` (whole ones, or ms with `is_ms`), a dropdown of `options`, pairs of words and value, or a text field.
    """

    check: Callable = lambda name, value: value
    words: str = ""
    slider: tuple = ()
    is_ms: bool = False
    options: tuple = ()


def _setting(default, *rule, **more):
    return field(default=default, metadata={"rule": Rule(*rule, **more)})


def whole(default: int, low: int, high: int, words: str = "", slider: tuple | None = None) -> Any:
    """A setting that is a whole number from `low` to `high`."""
    rule = partial(check.whole, low=low, high=high)
    return _setting(default, rule, words, slider or (low, high))


def ms(
    default: float, low: float = 0, high: float = 1000, words: str = "", slider: tuple | None = None
) -> Any:
    """A setting that is a number of milliseconds from `low` to `high`."""
    rule = partial(check.span, low=low, high=high, unit="ms")
    return _setting(default, rule, words, slider or (low, high), is_ms=True)


def one_of(default: Enum | None, words: str = "", kind: type[Enum] | None = None) -> Any:
    """A setting that is a member of the Enum `kind`, or its words; `kind` is the default's, and with it None may stay.

    In a panel each member stands by its `label`, where it has one, else by its words.
    """
    members: Any = kind or type(default)

    def checked(name, value):
        return None if kind and value is None else check.member(name, value, members)

    options = tuple((getattr(member, "label", member.value), member) for member in members)
    return _setting(default, checked, words, options=options)


def choice(default: object, words: str, options: Mapping[str, object]) -> Any:
    """A setting with a dropdown of some plain values; `options` maps their words to them. A call may give others."""
    return _setting(default, words=words, options=tuple(options.items()))


def text(default: str, words: str) -> Any:
    """A setting with a text field."""
    return _setting(default, words=words)


class WayToWork(Enum):
    """What a setting chooses among: each member is its words, which are its value, and the workers that do it so."""

    def __new__(cls, words, *_):
        way = object.__new__(cls)
        way._value_ = words
        return way

    def __init__(self, words, *workers):
        self.workers = workers

    @property
    def worker(self) -> Callable:
        """The function that each process runs, as the learner reads it."""
        return self.workers[0]

    @property
    def source(self) -> str:
        """The text of all its workers."""
        return "\n\n".join(map(inspect.getsource, self.workers))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of all experiments: the start method (None becomes the lab's own) and the limit in seconds (None: computed)."""

    start_method: str | None = _setting(
        None,
        lambda name, value: checked_start_method(value),
        "start method",
        options=tuple((method, method) for method in start_methods()),
    )
    deadline: float | None = _setting(None, lambda name, value: check.deadline(value))

    asked = 0.0  # seconds of all pauses, where a kind of settings does not say so

    def __post_init__(self) -> None:
        for name, rule in self.rules().items():
            object.__setattr__(self, name, rule.check(name, getattr(self, name)))

    @classmethod
    def rules(cls) -> dict[str, Rule]:
        """The Rule of each setting that has one, by name; those that all experiments have come last."""
        ours = sorted(fields(cls), key=lambda f: f.name in Settings.__dataclass_fields__)
        return {f.name: f.metadata["rule"] for f in ours if "rule" in f.metadata}

    @property
    def worker(self) -> Callable:
        """The function that these settings run, as the learner reads it: that of the WayToWork among them."""
        return next(way.worker for way in vars(self).values() if isinstance(way, WayToWork))

    @classmethod
    def by_name(cls, run: RunOne) -> Callable[..., Any]:
        """`run(settings, stop)` as the function that lessons call: `stop` and the settings by their names.

        Where the settings are made already, as in a panel, its `of(settings, stop)` takes them; `settings` is their class.
        """

        def call(stop=None, **settings):
            return run(cls(**settings), stop)

        named: Any = update_wrapper(call, run)
        del named.__wrapped__  # help() should show what may be given
        named.of, named.settings = run, cls
        return named

    def run(self, worker: check.Worker | None = None, *args: object, **more: Any) -> Run:
        """The Run of `worker(*args)`, or of the `team` among `more`, with these settings; `more` goes to `lab.run`."""
        count = len(more["team"]) if "team" in more else self.processes  # type: ignore[attr-defined]
        how = {"start_method": self.start_method, "deadline": self.deadline, "asked": self.asked}
        return run(worker, *args, **{"processes": count, **how, **more})


class Worded:
    """A result that is its `sentence` in print, and its `notes`. One with more to say has its own `__str__`."""

    sentence: str
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        return " · ".join([self.sentence, *self.notes])

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Repeated(Worded):
    """Several runs with the same settings, in order; fewer than wanted where they were stopped.

    A kind of them says in its `sentence` what they tell.
    """

    settings: Any
    wanted: int
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, count: int, run_one: RunOne, settings: Any, progress: Progress, stop: Stop) -> Self:
        """`count` of `run_one(settings, stop)`. `progress(done, count)` is called after each; a set `stop` ends them."""
        check.whole("count", count, 1, 10_000)
        runs = until_stopped(run_one, [settings] * count, progress, stop)
        return cls(settings, count, tuple(runs))

    @property
    def failures(self) -> int:
        """How many runs did not end correct."""
        return sum(run.verdict != Verdict.CORRECT for run in self.runs)

    @property
    def stopped_words(self) -> str:
        """The end of a sentence that says that they were stopped; "" where they were not."""
        done = len(self.runs)
        return f"; stopped after {done} of {self.wanted}" if done < self.wanted else ""


def until_stopped(run_one: RunOne, plan: Sequence, progress: Progress, stop: Stop) -> Iterator[Run]:
    """The Runs of `run_one(settings, stop)` for all settings in `plan`, up to the first that was stopped."""
    for done, settings in enumerate(plan, 1):
        run = run_one(settings, stop)
        if run.verdict == Verdict.STOPPED:
            return
        if progress:
            progress(done, len(plan))
        yield run
