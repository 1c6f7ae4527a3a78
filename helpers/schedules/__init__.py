"""The same workers in a model: every order of their steps, counted exactly, and any one of them.

    found = explore(increment_without_lock, CounterFile(), 1, 0, processes=4)

No process runs here. A worker runs from step to step (`walkers`), and its resources and locks are their `model`s in
memory. What is found holds for the steps of the model; how often an order comes up in real life is
another matter.
"""

from helpers.schedules.exploration import Exploration, Found, Outcome, explore, find, switches
from helpers.schedules.progress_graph import ProgressGraph, progress_graph
from helpers.schedules.walk import Walk
