"""Deadlock: transfers between accounts in a ring, their cures, pictures, panel and challenges."""

from dataclasses import dataclass, replace
from enum import Enum
from statistics import median

from helpers import analysis
from helpers.events import counted
from helpers.lab import check
from helpers.lab.settings import Repeated, Settings, WayToWork, ms, one_of, whole
from helpers.panels.challenge import declare, ends_as, taking_turns
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import WRONG, dots, mpl, note, picture, style
from helpers.resources import AccountFile, Lock
from helpers.topics.race import runs_of_each
from helpers.workers import bank, contention

_AMOUNT = 10
_MOST = 7  # processes; with more, nobody can read the picture


class Cure(WayToWork):
    """What the transfers do against deadlock."""

    NONE = "none", bank.transfer_in_given_order
    GLOBAL_ORDER = "global order", bank.transfer_in_global_order
    BACK_OFF = "try and back off", bank.transfer_with_back_off
    SINGLE_LOCK = "single lock", bank.transfer_under_single_lock
    TIMEOUT = "timeout", bank.transfer_with_timeout


class FirstLock(Enum):
    """Which of its two locks each process is given first."""

    OWN = "all: the source's lock"
    LAST_TURNED = "the last one: the target's lock"


@dataclass(frozen=True, kw_only=True)
class TransferSettings(Settings):
    """Settings of one bank experiment: `processes` in a ring, each moves money `times` over to the next account.

    `pause_ms` is the time between the two acquires.
    """

    processes: int = whole(2, 2, _MOST, "processes")
    times: int = whole(20, 1, 1000, "transfers each", slider=(1, 200))
    pause_ms: float = ms(1.0, words="between locks", slider=(0, 20))
    cure: Cure | str = one_of(Cure.NONE, "cure")
    first: FirstLock | str = one_of(FirstLock.OWN, "takes first")

    @property
    def transfers(self):
        """How many transfers a run should complete."""
        return self.processes * self.times


def transfer_team(worker=Cure.NONE.worker, processes=2, times=1, think=0, turn_last=False):
    """The team whose processes move money from account 1 to 2, from 2 to 3, and from the last to 1.

    Each account has its lock; a worker of six arguments gets one for the whole bank. With `turn_last`,
    the last process gets its two locks in the other order.
    """
    numbers = range(1, processes + 1)
    locks = _with_next([Lock(f"{n}") for n in numbers])
    if turn_last:
        locks[-1] = locks[-1][::-1]
    if worker is bank.transfer_under_single_lock:
        locks = [(Lock("bank lock"),)] * processes
    moves = zip(_with_next([AccountFile(f"account {n}") for n in numbers]), locks, strict=True)
    return [(worker, (*accounts, *taken, _AMOUNT, times, think)) for accounts, taken in moves]


def _with_next(ring):
    """Each of them with the next one, the last with the first."""
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def philosopher_team(worker=contention.dine_naively, count=5, meals=1, think=0):
    """The team of `count` philosophers: each takes the fork at its own place, then the next one."""
    check.whole("count", count, 2, _MOST)
    forks = [Lock(f"fork {place + 1}") for place in range(count)]
    return [(worker, (*pair, meals, think)) for pair in _with_next(forks)]


@TransferSettings.by_name
def run_transfers(settings, stop):
    """One bank experiment: the Run. Keywords are those of TransferSettings; `stop` is a threading.Event."""
    is_turned = settings.first is FirstLock.LAST_TURNED
    think = settings.pause_ms / 1000
    team = transfer_team(settings.worker, settings.processes, settings.times, think, is_turned)
    how = {"asked": 2 * settings.transfers * think, "slots": 10_000}  # who backs off tries often
    return settings.run(team=team, stop=stop, **how)


def transfers_done(run):
    """How many transfers a bank run completed: each writes to two accounts."""
    return sum(event.op == "write" and event.outcome == "done" for event in run.events) // 2


def wasted_tries(run):
    """How many acquires were refused."""
    return sum(event.outcome == "refused" for event in run.events)


class TransferTrials(Repeated):
    """Several bank runs with the same TransferSettings."""

    @property
    def done(self):
        """How many transfers each run completed."""
        return [transfers_done(run) for run in self.runs]

    @property
    def sentence(self):
        stuck = [transfers_done(run) for run in self.runs if run.verdict == "deadlock"]
        say = f"{len(stuck)} of {counted(len(self.runs), 'run')} ended in a deadlock"
        if stuck:
            say += f", after {min(stuck)} to {max(stuck)} of {self.settings.transfers} transfers"
        if others := self.failures - len(stuck):
            say += f"; {others} went wrong in another way"
        if any(wasted := [wasted_tries(run) for run in self.runs]):
            say += f"; {median(wasted):g} wasted tries each (median)"
        return say + self.stopped_words


def repeat_transfers(count, progress=None, stop=None, **settings):
    """`count` bank runs with the same settings: TransferTrials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    return TransferTrials.of(count, run_transfers.of, TransferSettings(**settings), progress, stop)


@dataclass(frozen=True)
class WastedTries:
    """Wasted tries of the back-off cure by the pause in ms: a list, one number for each run."""

    wasted: dict[float, list[int]]
    transfers: int

    def __str__(self):
        say = [f"{pause:g} ms: {median(tries):g}" for pause, tries in self.wasted.items()]
        return f"wasted tries in {self.transfers} transfers, medians: {', '.join(say)}"


def measure_back_off(pauses_ms=(0, 0.1, 1, 5), count=10, stop=None, **settings):
    """How many tries the back-off cure wastes, for each pause between the two acquires: WastedTries.

    Of the other settings, as in `run_transfers`, `times` is 5 if not given. A set `stop` or an interrupt ends it
    and keeps what is there.
    """
    settings = TransferSettings(**{"times": 5, **settings, "cure": Cure.BACK_OFF})
    plan = [replace(settings, pause_ms=pause) for pause in pauses_ms]
    found = runs_of_each(run_transfers.of, plan, count, stop=stop, keep=wasted_tries)
    return WastedTries(dict(zip(pauses_ms, found, strict=False)), settings.transfers)


# How a bank run may have ended, else "": the look of its bar, the mark on its top (also of one without height), words.
_ENDS = {
    "correct": ({"color": style.KEPT}, "", "all done"),
    "deadlock": (WRONG, "X", "stuck in a circle"),
    "": ({"color": "white", "edgecolor": style.WAIT, "hatch": "///"}, "s", "wrong otherwise"),
}


def _alt(trials):
    done = ", ".join(map(str, trials.done))
    return f"Bar chart of the transfers that each run completed: {done}. {trials}."


@picture(TransferTrials, _alt, 3.1, (0.065, 0.175, 0.91, 0.785))
def plot_transfers(ax, trials):
    """How many transfers each run completed; runs that got stuck are hatched and crossed."""
    count, asked = len(trials.runs), trials.settings.transfers
    ends = [run.verdict if run.verdict in _ENDS else "" for run in trials.runs]
    cross = {"ms": 8 if count <= 40 else 5.5, "mew": 0, "ls": "", "clip_on": False, "zorder": 4}
    for end, (look, marker, words) in _ENDS.items():
        bars = enumerate(zip(trials.done, ends, strict=True), 1)
        if mine := [(place, done) for place, (done, its) in bars if its == end]:
            places, tops = zip(*mine, strict=True)
            ax.bar(places, tops, 0.8, label=words, linewidth=min(1, 40 / count), **look)
            ax.plot(places, tops, marker=marker, color=look.get("edgecolor"), **cross)
    ax.axhline(asked, color=style.GOOD, ls="--", lw=1.2, label=f"asked for: {asked}")
    ax.set(xlim=(0.3, max(count, 10) + 0.7), ylim=(0, 1.3 * asked))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(mpl.MaxNLocator(8, integer=True))
    ax.legend(loc="upper left", ncols=4, frameon=False, fontsize=9, borderaxespad=0.1)
    style.bare(ax, "run", "transfers completed")


@picture(WastedTries, "Chart of wasted tries against the pause", 3.6, (0.075, 0.15, 0.9, 0.72))
def plot_wasted_tries(ax, measured):
    """Wasted tries of each run as dots, the median as a bar, for each pause between the two acquires."""
    for place, tries in enumerate(measured.wasted.values()):
        dots(ax, place, tries, color=style.KEPT, mfc="none", ms=5)
        middle = median(tries)
        ax.plot([place - 0.25, place + 0.25], [middle] * 2, color=style.LOST, lw=3)
        note(ax, f"{middle:,.10g}", place + 0.28, middle, (2, 0), va="center", fontweight="bold")
    most = max((max(tries) for tries in measured.wasted.values()), default=0)
    ax.set_xticks(range(len(measured.wasted)), [f"{pause:g} ms" for pause in measured.wasted])
    if most > 50:
        ax.set_yscale("symlog", linthresh=1)
        ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.set(xlim=(-0.5, max(len(measured.wasted), 1) - 0.3), ylim=(-0.3, max(1.5 * most, 2)))
    say = f"Wasted tries in {measured.transfers} transfers: a dot is a run, the bar the median"
    style.finish(ax, say, x="pause between the two acquires", y="wasted tries of a run")


class DeadlockPanel(ExperimentPanel):
    """Sliders that run the bank experiment anew on every move. `value` is the latest result.

    Keywords set the first values of the controls, by their names in TransferSettings.
    Raises TypeError or ValueError for a value that no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(run_transfers)
    repeat_call = staticmethod(repeat_transfers)
    in_sight = ("processes", "first", "pause_ms", "cure")
    history_words = "transfers done; dashed: all"

    def _outcome(self, run, settings):
        return transfers_done(run), settings.transfers, run.verdict

    def _sentence(self, run):
        wasted = wasted_tries(run)
        tries = f" · {wasted} wasted tries" if wasted else ""
        return f"{run.sentence} · {transfers_done(run)} transfers done{tries}"


_all_end_well = ends_as("correct")


def _b_passes_a(walk):
    held = [span for span in analysis.holds(walk.events) if span.process == "A"]
    wrote = [event.start for event in walk.events if event.process == "B" and event.op == "write"]
    return _all_end_well(walk) and any(span.start < at < span.end for span in held for at in wrote)


def _four_wasted(walk):
    refused = [event.process for event in walk.events if event.outcome == "refused"]
    return _all_end_well(walk) and refused.count("A") >= 2 and refused.count("B") >= 2


declare(
    {
        "into the deadlock": (transfer_team, ends_as("deadlock")),
        "past the deadlock": (transfer_team, taking_turns(_all_end_well)),
        "a ring of three": (lambda: transfer_team(processes=3), ends_as("deadlock")),
        "hold one, take another": (lambda: transfer_team(Cure.GLOBAL_ORDER.worker, 3), _b_passes_a),
        "give way, and again": (lambda: transfer_team(Cure.BACK_OFF.worker), _four_wasted),
    }
)
