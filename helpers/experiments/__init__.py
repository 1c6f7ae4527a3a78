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
from helpers.experiments.orders import Growth, OrdersAndRuns, compare_with_runs, measure_growth
from helpers.experiments.programs import PROGRAMS, run_program, run_python
from helpers.experiments.starts import (
    Starts,
    StartTimes,
    measure_start_times,
    start_children,
)

__all__ = [
    "PROGRAMS",
    "Growth",
    "OrdersAndRuns",
    "Point",
    "Scope",
    "Settings",
    "StartTimes",
    "Starts",
    "Sweep",
    "Trials",
    "compare_with_runs",
    "measure_growth",
    "measure_start_times",
    "repeat_counter",
    "run_counter",
    "run_program",
    "run_python",
    "start_children",
    "sweep_counter",
]
