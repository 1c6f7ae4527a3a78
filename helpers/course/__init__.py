"""What a lesson's cells call: the tools of the course, under one roof.

`from helpers.course import *` brings these names; `help(name)` tells what each one does. Here stands only what
lessons may call of the lower layers; what a module of the topics or of the course defines is found by itself.
"""

import sys

from helpers import lab, topics
from helpers.analysis import contention, holds, waits
from helpers.course.notebook import prepare_notebook as _prepare_notebook
from helpers.lab.programs import run_program
from helpers.panels.scheduler import SchedulerPanel
from helpers.resources import *
from helpers.schedules import *
from helpers.scripts import watch

_NOT_FOR_LESSONS = ("plot_", "draw_", "height_", "place_", "prepare_")
_found = topics.public_names(topics.__name__, __name__)
globals().update({n: _found[n] for n in _found if not n.startswith(_NOT_FOR_LESSONS)})

# What is there by now, without the modules in which it stands; only `lab` is called by its module's name.
__all__ = [
    name
    for name, value in globals().items()
    if name[0] != "_" and (name == "lab" or not isinstance(value, type(sys)))
]

_prepare_notebook()
