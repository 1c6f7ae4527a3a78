"""What the events of a run mean: kept and lost updates, holds and waits, and each step in words.

Pure functions over `events.Event` records; times are nanoseconds of the machine's clock.
"""

from helpers.analysis.collisions import Explanation, explain
from helpers.analysis.kept_and_lost import Account, Records, trace_records, trace_updates
from helpers.analysis.lock_spans import (
    Turns,
    contention,
    depths,
    holds,
    lock_words,
    locks_held,
    overlaps,
    streaks,
    turns,
    waits,
    why_blocked,
)
from helpers.analysis.locksets import Guards, find_guards
from helpers.analysis.step_words import is_of_file, next_step_words, step_words
from helpers.analysis.stuck import Orphan, Stuck, find_stuck, stuck_after
