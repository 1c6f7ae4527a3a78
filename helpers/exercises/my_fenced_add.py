"""my_fenced_add.py: add(lock, store), under a lock whose lease may end while somebody holds it."""

import json
import subprocess
from pathlib import Path

from helpers import experiments
from helpers.course.attacks.parts import Failure

_TRIAL = Path(__file__).with_name("fenced_trial.py")
_LIMIT = 5.0  # seconds


def add_though_leases_end(path):
    """Every order of the steps of A and B, in which leases end: two updates must be in the store."""
    try:
        done = experiments.run_python(str(_TRIAL), path, timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        return _failure({"name": "never_ends", "order": ""})
    if done.returncode or not done.stdout:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return Failure("crashed", f"The file could not be tried: {last}.")
    found = json.loads(done.stdout.splitlines()[-1])
    return _failure(found) if found else None


def _failure(found):
    why = {
        "no_token": lambda: Failure(
            "no_token",
            "A write without the token of its own lock was taken after the lease had ended: an update is lost. "
            "`with lock as token:` gives a token; pass it on, store.write(value, token).",
        ),
        "ignored_answer": lambda: Failure(
            "ignored_answer",
            "The store refused a late write, and add ended as if all were well: an update is missing. "
            "Look at the answer of write, and try again where it is False.",
        ),
        "gives_up": lambda: Failure(
            "gives_up",
            "A and B took the lock from each other again and again, and add gave up before its update was made. "
            "Leases may end any number of times: try again until write gives True.",
        ),
        "stale_value": lambda: Failure(
            "stale_value",
            "A write came with the newest token, but the number in it was not read under that lock: "
            "an update is lost. Read anew under each lock.",
        ),
        "counted_twice": lambda: Failure(
            "counted_twice", "Two calls of add, and the store grew by more than 2. Add 1 each, once."
        ),
        "not_added": lambda: Failure(
            "not_added", "Two calls of add, and the store grew by less than 2, though no write was refused at last. "
            "Add 1 each to what the store holds.",
        ),
        "never_ends": lambda: Failure(
            "never_ends",
            "add does not end. A refused token stays refused: for the next try acquire the lock again.",
        ),
        "lock_kept": lambda: Failure(
            "lock_kept",
            "Somebody waits for a lock that is never released. `with lock as token:` releases it on every way out.",
        ),
        "raised": lambda: Failure(
            "raised", f"add ended with {found['error']}. It must end by return, with its update made."
        ),
    }[found["name"]]()  # fmt: skip
    said = f" The order: {found['order']}." if found["order"] else ""
    return Failure(why.name, why.reason + said)
