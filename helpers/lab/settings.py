"""What an experiment may be asked for: each setting says in one line its default, its range and its control in a panel.

@dataclass(frozen=True, kw_only=True)
class RaceSettings(Settings):
    processes: int = whole(4, 1, 26, "processes", slider=(1, 16))
    pause_ms: float = ms(1.0, words="pause", slider=(0, 20))
    scope: Scope = one_of(Scope.NOTHING, "the lock covers")
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import update_wrapper

from helpers.lab import check
from helpers.lab.machine import checked_start_method, start_methods
from helpers.lab.processes import run


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


def whole(default, low, high, words="", slider=None):
    """A setting that is a whole number from `low` to `high`."""

    def checked(name, value):
        return check.whole(name, value, low, high)

    return _setting(default, checked, words, slider or (low, high))


def ms(default, low=0, high=1000, words="", slider=None):
    """A setting that is a number of milliseconds from `low` to `high`."""

    def checked(name, value):
        return check.span(name, value, low, high, "ms")

    return _setting(default, checked, words, slider or (low, high), is_ms=True)


def one_of(default, words="", kind=None):
    """A setting that is a member of the Enum `kind`, or its words; `kind` is the default's, and with it None may stay."""
    members = kind or type(default)

    def checked(name, value):
        return None if kind and value is None else check.member(name, value, members)

    return _setting(default, checked, words, options=tuple((m.value, m) for m in members))


def choice(default, words, options):
    """A setting with a dropdown of some plain values; `options` maps their words to them. A call may give others."""
    return _setting(default, words=words, options=tuple(options.items()))


def text(default, words):
    """A setting with a text field."""
    return _setting(default, words=words)


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

    def __post_init__(self):
        for name, rule in self.rules().items():
            object.__setattr__(self, name, rule.check(name, getattr(self, name)))

    @classmethod
    def rules(cls):
        """The Rule of each setting that has one, by name; those that all experiments have come last."""
        ours = sorted(fields(cls), key=lambda f: f.name in Settings.__dataclass_fields__)
        return {f.name: f.metadata["rule"] for f in ours if "rule" in f.metadata}

    @classmethod
    def by_name(cls, run):
        """`run(settings, stop)` as the function that lessons call: `stop` and the settings by their names.

        Where the settings are made already, as in a panel, its `of(settings, stop)` takes them.
        """

        def call(stop=None, **settings):
            return run(cls(**settings), stop)

        update_wrapper(call, run)
        del call.__wrapped__  # help() should show what may be given
        call.of = run
        return call

    def run(self, worker=None, *args, **more):
        """The Run of `worker(*args)`, or of the `team` among `more`, with these settings; `more` goes to `lab.run`."""
        count = len(more["team"]) if "team" in more else self.processes
        how = {"start_method": self.start_method, "deadline": self.deadline, "asked": self.asked}
        return run(worker, *args, **{"processes": count, **how, **more})
