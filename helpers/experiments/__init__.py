"""One function per experiment: plain values in, a frozen result out."""

from helpers.experiments.counter import (
    Point,
    Scope,
    Settings,
    Sweep,
    Trials,
    repeat_counter,
    run_counter,
    sweep_counter,
)
from helpers.experiments.crash import Exit, LockKind, Recovery, crash_holder
from helpers.experiments.deadlock import (
    Cure,
    FirstLock,
    ProcessorUse,
    TransferSettings,
    TransferTrials,
    WastedTries,
    measure_back_off,
    measure_waiting,
    philosopher_team,
    repeat_transfers,
    run_transfers,
    transfer_team,
    transfers_done,
)
from helpers.experiments.orders import Growth, OrdersAndRuns, compare_with_runs, measure_growth
from helpers.experiments.programs import PROGRAMS, run_program, run_python
from helpers.experiments.reentrant import ReentrantSettings, Releaser, run_reentrant
from helpers.experiments.starts import (
    Starts,
    StartTimes,
    measure_start_times,
    start_children,
)

__all__ = [
    "PROGRAMS",
    "Cure",
    "Exit",
    "FirstLock",
    "Growth",
    "LockKind",
    "OrdersAndRuns",
    "Point",
    "ProcessorUse",
    "Recovery",
    "ReentrantSettings",
    "Releaser",
    "Scope",
    "Settings",
    "StartTimes",
    "Starts",
    "Sweep",
    "TransferSettings",
    "TransferTrials",
    "Trials",
    "WastedTries",
    "compare_with_runs",
    "crash_holder",
    "measure_back_off",
    "measure_growth",
    "measure_start_times",
    "measure_waiting",
    "philosopher_team",
    "repeat_counter",
    "repeat_transfers",
    "run_counter",
    "run_program",
    "run_python",
    "run_reentrant",
    "run_transfers",
    "start_children",
    "sweep_counter",
    "transfer_team",
    "transfers_done",
]
