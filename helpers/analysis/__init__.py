"""What the events of a run mean: kept and lost updates, holds and waits, the order of the steps.

Pure functions over `events.Event` records; times are nanoseconds of the machine's clock.
"""

from helpers.analysis.lock_spans import (
    Contention,
    Span,
    contention,
    depths,
    holds,
    lock_words,
    other_than,
    waits,
    why_blocked,
)
from helpers.analysis.locksets import GuardedUpdate, Guards, find_guards
from helpers.analysis.rates import wilson_interval
from helpers.analysis.records import Records, trace_records
from helpers.analysis.step_order import order_of
from helpers.analysis.stuck import Orphan, Stuck, find_circle, find_stuck, stuck_after
from helpers.analysis.turns import Turns, overlaps, streaks, turns
from helpers.analysis.updates import Account, Update, trace_updates
