"""What a lesson's cells call: the tools of the course, under one roof.

`from helpers.course import *` brings these names; `help(name)` tells what each one does.
"""

import sys

if sys.platform in ("emscripten", "wasi"):
    raise ImportError(
        "this Python runs inside a browser, where there are no processes. Open the course in "
        "JupyterLab on a computer or on Binder; the picture in 00_start_here shows what you would see"
    )

from helpers import lab, topics
from helpers.analysis import contention, holds, waits
from helpers.course.checks import check
from helpers.course.notebook import copy_stub
from helpers.course.notebook import prepare_notebook as _prepare_notebook
from helpers.course.predict import predict
from helpers.course.showing import order_of, run_as_cell, show_source, show_steps
from helpers.course.surroundings import no_children_left, passport
from helpers.exercises.my_broken_counter import rival_puzzle
from helpers.lab.programs import run_program
from helpers.panels.scheduler import SchedulerPanel
from helpers.resources import (
    AccountFile,
    CounterFile,
    FileLock,
    Lock,
    LogFile,
    RLock,
    Semaphore,
    Stream,
    Table,
    ThreadLock,
)
from helpers.schedules import Walk, explore, progress_graph

globals().update(topics.for_lessons())

# What is there by now, without the modules in which it stands; only `lab` is called by its module's name.
__all__ = [
    name
    for name, value in globals().items()
    if name[0] != "_" and (name == "lab" or not isinstance(value, type(sys)))
]

_prepare_notebook()
