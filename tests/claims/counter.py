"""What lessons 01, 02 and 04 claim about processes, the race on a file, and the lock."""

from helpers import experiments, lab

METHODS = lab.start_methods()
RUNS = 100


def default_settings_always_lose():
    """4 x 10 increments, 1 ms, no lock, replace: lost updates in every run, every one accounted for."""
    for method in METHODS:
        runs = experiments.repeat_counter(RUNS, start_method=method).runs
        lost = sum(run.verdict == "lost_updates" for run in runs)
        yield f"{method}, no lock: runs that lost updates, of {RUNS}", lost, RUNS
        exact = sum(_adds_up(run.account) for run in runs)
        yield (
            f"{method}, no lock: runs in which kept + lost = all and observed = base + kept",
            exact,
            RUNS,
        )


def _adds_up(account):
    every = len(account.kept) + len(account.lost) == account.total == 40
    return every and account.observed == account.base + len(account.kept)


def the_lock_never_loses():
    """The same with the lock from read to write, and over the whole loop."""
    for scope in ("read to write", "whole loop"):
        for method in METHODS:
            trials = experiments.repeat_counter(RUNS, start_method=method, scope=scope)
            yield f"{method}, lock {scope}: wrong runs of {RUNS}", trials.failures, 0


def locking_each_step_is_not_enough():
    """A lock for the read and one for the write: still lost updates in every run."""
    for scope in ("each step", "write only"):
        trials = experiments.repeat_counter(RUNS, scope=scope)
        yield f"lock {scope}: wrong runs of {RUNS}", trials.failures, RUNS


def replacing_never_resets():
    """os.replace: no empty read and no torn number; emptying and filling: some in 50 runs."""
    for method in METHODS:
        accounts = [
            run.account
            for run in experiments.repeat_counter(RUNS, pause_ms=0, start_method=method).runs
        ]
        found = sum(account.resets + account.torn for account in accounts)
        yield f"{method}, replace, pause 0: empty or torn reads", found, 0
    chaos = experiments.repeat_counter(RUNS, pause_ms=0, write="truncate").runs
    corrupted = sum(run.verdict == "corrupted" for run in chaos)
    yield f"truncate, pause 0: were some of {RUNS} runs corrupted?", corrupted > 0, True
    exact = sum(_adds_up(run.account) for run in chaos)
    yield (
        f"truncate, pause 0: runs in which kept + lost = all and observed = base + kept, of {RUNS}",
        exact,
        RUNS,
    )


def start_up_order():
    """Medians after the first start: fork < forkserver < spawn."""
    times = experiments.measure_start_times(20).medians
    order = sorted(times, key=times.get)
    yield (
        "start methods from fast to slow",
        order,
        [m for m in ("fork", "forkserver", "spawn") if m in METHODS],
    )


def the_textbook_program_counts_to_twenty():
    """The program with the lock, as shown: 20 of 20."""
    said = {experiments.run_program("counter_with_lock.py").strip() for _ in range(10)}
    yield "what counter_with_lock.py printed in 10 runs", said, {"expected 20, the file says 20"}


def the_textbook_program_without_lock_never_does():
    """The program without the lock: never 20."""
    said = [experiments.run_program("counter_without_lock.py").strip() for _ in range(10)]
    yield (
        "10 runs of counter_without_lock.py that said 20",
        said.count("expected 20, the file says 20"),
        0,
    )


CLAIMS = (
    default_settings_always_lose,
    the_lock_never_loses,
    locking_each_step_is_not_enough,
    replacing_never_resets,
    start_up_order,
    the_textbook_program_counts_to_twenty,
    the_textbook_program_without_lock_never_does,
)
