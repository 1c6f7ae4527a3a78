"""What lesson 06 claims about programs whose lock does not lock."""

from collections import Counter

from helpers import topics
from helpers.topics import Program
from tests.claim import claim
from tests.claims.counter import METHODS

RUNS = 50

ONE = "1 lock guards this file: all processes take it"
ONE_EACH = "4 locks guard this file, one for each process"
TWO = "2 locks guard this file: A and C take lock left, B and D take lock right"
FORGOTTEN = "1 lock guards this file, but 4 of 20 updates hold none"
NO_START = (
    "A, B, C and D could not start: a lock for threads cannot be sent to another process; pass a "
    "multiprocessing.Lock (TypeError: cannot pickle '_thread.lock' object)"
)


def wanted_diagnosis(program, method):
    """What four processes with five updates each are to be told."""
    is_copied = method == "fork"
    return {
        Program.MODULE_LOCK: ONE if is_copied else ONE_EACH,
        Program.OWN_LOCK: ONE_EACH,
        Program.THREAD_LOCK: ONE_EACH if is_copied else NO_START,
        Program.TWO_LOCKS: TWO,
        Program.FORGOTTEN_PATH: FORGOTTEN,
        Program.ONE_LOCK: ONE,
    }[program]


def wanted_verdict(program, method):
    """How such a run is to end, or "" where it may end in more than one way."""
    reported = wanted_diagnosis(program, method)
    return {ONE: "correct", NO_START: "crashed", FORGOTTEN: ""}.get(reported, "lost_updates")


@claim("06", "each of the five programs has its diagnosis in every run, under each start method")
def each_program_has_its_diagnosis():
    """Five broken programs and the right one: the same diagnosis in every run, and the verdict that fits it."""
    for method in METHODS:
        for program in Program:
            trials = topics.repeat_sharing(RUNS, program=program, start_method=method, deadline=60)
            name = f"{method}, {program.value}"
            wanted = {wanted_diagnosis(program, method): RUNS}
            yield f"{name}: diagnoses", dict(trials.diagnoses), wanted
            if wanted := wanted_verdict(program, method):
                found = Counter(run.verdict for run in trials.runs)
                yield f"{name}: verdicts", dict(found), {wanted: RUNS}


@claim("06", "a path that forgets the lock loses updates")
def a_forgotten_path_loses_updates():
    """One path in five without the lock: some updates are lost."""
    trials = topics.repeat_sharing(RUNS, program=Program.FORGOTTEN_PATH, deadline=60)
    name = f"a path that forgets the lock: do some of {RUNS} runs lose updates?"
    yield name, trials.failures > 0, True
