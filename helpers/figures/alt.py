"""What a picture says, in words: for whoever does not see it."""

from collections import Counter
from functools import singledispatch

from helpers import analysis, experiments, lab, schedules
from helpers.events import counted
from helpers.figures.runs import STUCK, has_locks, shows_counter
from helpers.figures.timeline import visible_waits


@singledispatch
def alt_text(result):
    """The result in a sentence or two, for whoever does not see the picture."""
    return str(result)


@alt_text.register
def _(result: lab.Run):
    if not shows_counter(result):
        return _alt_text_of_locks(result) if has_locks(result) else result.sentence
    account = result.account
    return (
        f"Timeline of {counted(account.total, 'update')} by {counted(account.writers, 'process')}. Expected "
        f"{account.expected}, the file says {account.observed}: {account.kept_count} kept, "
        f"{account.lost_count} lost. Verdict: {result.verdict.replace('_', ' ')}."
    )


def _alt_text_of_locks(run):
    held = Counter(hold.process for hold in analysis.holds(run.events))
    waited = Counter(wait.process for wait in visible_waits(run.events))
    told = "; ".join(
        f"{name} held {counted(held[name], 'time')}, waited {counted(waited[name], 'time')}"
        for name in run.processes
    )
    kind = "Graph of who waits for which lock, and timeline" if run.verdict in STUCK else "Timeline"
    return (
        f"{kind} of holds and waits. {run.sentence}. {told}. "
        f"Verdict: {run.verdict.replace('_', ' ')}."
    )


@alt_text.register
def _(result: experiments.Recovery):
    return f"{result.exit.value}, {result.kind.value}. {alt_text(result.run)}"


@alt_text.register
def _(result: experiments.Diagnosis):
    if result.guards is None:
        return result.sentence
    guards = result.guards
    taken = "; ".join(
        f"{name}: {', '.join(f'lock {guards.number(lock)}' for lock in guards.taken_by(name)) or 'no lock'}"
        for name in guards.processes
    )
    return f"Timeline of the locks held and of the updates of the file. {result}. {taken}."


@alt_text.register
def _(result: experiments.SharingTrials):
    return f"Bar chart of the numbers in the file at the end. {result}."


@alt_text.register
def _(result: experiments.TransferTrials):
    done = ", ".join(map(str, result.done))
    return f"Bar chart of the transfers that each run completed: {done}. {result}."


@alt_text.register
def _(result: experiments.WastedTries):
    return f"Chart of wasted tries against the pause. {result}."


@alt_text.register
def _(result: experiments.Trials):
    return f"Bar chart of the numbers in the file at the end. {result.sentence}."


@alt_text.register
def _(result: experiments.Sweep):
    return f"Wrong runs against {result.parameter.replace('_', ' ')}. {result}."


@alt_text.register
def _(result: experiments.ScopeSweep):
    return f"Two curves over six lock scopes, lost updates and elapsed time: {result}."


@alt_text.register
def _(result: experiments.LoadSweep):
    told = [
        f"{load.processes}: held {load.hold_ms:.1f}, waited {load.wait_ms:.1f}"
        for load in result.loads
    ]
    return f"Throughput, hold time and wait time against processes. {result}. In ms per update: {'; '.join(told)}."


@alt_text.register
def _(result: experiments.Granularity):
    return f"Bar chart of the time for the same deposits. {result}."


@alt_text.register
def _(result: experiments.StartTimes):
    server = (
        ""
        if result.server is None
        else f" The fork server itself took {result.server:.0f} ms, once."
    )
    return f"Bar chart of start-up times, medians after the first start: {result}.{server}"


@alt_text.register
def _(result: experiments.Starts):
    return f"Bar chart of start-ups. {result}."


@alt_text.register
def _(result: experiments.Fairness):
    told = "; ".join(
        f"{name} {counted(turn.holds, 'hold')}, up to {turn.longest_streak} in a row, "
        f"longest wait {turn.longest_wait_ms:,.1f} ms"
        for name, turn in result.turns.items()
    )
    return f"Strip of holds over time, and bars. {result}. {told}."


@alt_text.register
def _(result: experiments.LockPrices):
    return f"Chart of what locks cost, on an axis of powers of ten. {result}."


@alt_text.register
def _(result: experiments.Access):
    return f"Bar chart of {counted(result.wanted, 'operation')}. {result}."


@alt_text.register
def _(result: experiments.AddedUp):
    return f"Bar chart of {counted(result.wanted, 'result')}. {result}."


@alt_text.register
def _(result: experiments.AddingTable):
    told = "; ".join(
        f"{alive.sentence}; killed: {killed.fate_words}" for alive, killed in result.found
    )
    return f"Guide in which each question leads to a way. {result}. {told}."


@alt_text.register
def _(result: experiments.Growth):
    return f"Number of orders on an axis of powers of ten. {result}."


@alt_text.register
def _(result: schedules.Exploration):
    ends = "; ".join(
        f"{outcome.label}: {outcome.count:,}{', wrong' if outcome.is_right is False else ''}"
        for outcome in result.outcomes
    )
    return f"Bar chart of how many orders end how. {result.sentence}. {ends}."


@alt_text.register
def _(result: experiments.OrdersAndRuns):
    return f"Bar chart of shares, all orders beside free runs. {result}."


@alt_text.register
def _(result: schedules.ProgressGraph):
    return f"Progress graph. {result}."
