"""The lab: starts real processes, watches them, stops them, and gives back a Run. It cannot hang.

    run = lab.run(increment_with_lock, CounterFile(), Lock(), 10, 0.001, processes=4)

Every wait has a limit, and every way out leads through one exit path, so that no child process,
lock or temporary folder stays behind.
"""

from helpers.lab.check import LETTERS, OtherSetup, ScheduleError, WorkerFile
from helpers.lab.fates import Crash
from helpers.lab.folders import sweep_folders
from helpers.lab.machine import Machine, default_start_method, start_methods, usable_cores, warm
from helpers.lab.processes import ProcessSet, run
from helpers.lab.settings import Repeated, until_stopped
from helpers.lab.verdict import Run, Verdict
