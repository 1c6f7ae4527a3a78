"""The start-up module of a watched script: every Python of its run imports this one first, by PYTHONPATH.

It takes its own folder off the path, starts the recorder, and runs the sitecustomize that would have been found without it.
"""

import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _start_recorder():
    path = os.path.join(os.path.dirname(_HERE), "recorder", "__init__.py")
    name = "_watched"  # no module of the course: the script's own imports stay what they are
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    sys.modules[name].start()


sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != _HERE]
if "COURSE_WATCHED" in os.environ:
    _start_recorder()
del sys.modules["sitecustomize"]  # as without us: where there is none, this import says so
importlib.import_module("sitecustomize")
