"""Panels: sliders and buttons that start real processes, and the picture of what happened.

Experiments never run on the kernel's callback thread: Stop and every other cell stay at hand.
"""

from helpers.panels.access import AccessPanel
from helpers.panels.choosing import ChoosingPanel
from helpers.panels.crash import CrashPanel
from helpers.panels.deadlock import DeadlockPanel
from helpers.panels.fairness import FairnessPanel
from helpers.panels.race import RacePanel
from helpers.panels.reentrant import RLockPanel
from helpers.panels.scheduler import SchedulerPanel
from helpers.panels.scope import ScopePanel
from helpers.panels.sharing import SharingPanel
from helpers.panels.source import source_html
from helpers.panels.start import StartPanel
