"""What a lesson's cells call: the tools of the course, under one roof.

`from helpers.course import *` brings these names; `help(name)` tells what each one does.
"""

import sys

if sys.platform in ("emscripten", "wasi"):
    raise ImportError(
        "this Python runs inside a browser, where there are no processes. Open the course in "
        "JupyterLab on a computer or on Binder; the picture in 00_start_here shows what you would see"
    )

from helpers import lab
from helpers.analysis import contention, holds, waits
from helpers.course.cells import order_of, run_as_cell, show_source, show_steps
from helpers.course.checks import check
from helpers.course.machine import no_children_left, passport
from helpers.course.notebook import prepare_notebook
from helpers.course.predict import predict
from helpers.course.puzzle import rival_puzzle
from helpers.experiments import (
    compare_with_runs,
    measure_growth,
    measure_start_times,
    repeat_counter,
    run_counter,
    run_program,
    start_children,
    sweep_counter,
)
from helpers.panels import RacePanel, SchedulerPanel, StartPanel
from helpers.resources import CounterFile, Lock, RLock
from helpers.schedules import Walk, explore, progress_graph

__all__ = [
    "CounterFile",
    "Lock",
    "RLock",
    "RacePanel",
    "SchedulerPanel",
    "StartPanel",
    "Walk",
    "check",
    "compare_with_runs",
    "contention",
    "explore",
    "holds",
    "lab",
    "measure_growth",
    "measure_start_times",
    "no_children_left",
    "order_of",
    "passport",
    "predict",
    "progress_graph",
    "repeat_counter",
    "rival_puzzle",
    "run_as_cell",
    "run_counter",
    "run_program",
    "show_source",
    "show_steps",
    "start_children",
    "sweep_counter",
    "waits",
]

prepare_notebook()
