"""The start-up module of a watched script: every Python of its run imports this one first, by PYTHONPATH.

It takes its own folder off the path, starts the recorder, and runs the sitecustomize that would have been found without it.
"""

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _load(name, spec):
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _start_recorder():
    room = os.path.join(os.path.dirname(_HERE), "recorder")
    where = {"submodule_search_locations": [room]}
    name = "_watched"  # no module of the course: the script's own imports stay what they are
    path = os.path.join(room, "__init__.py")
    _load(name, importlib.util.spec_from_file_location(name, path, **where)).start()


sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != _HERE]
if "COURSE_WATCHED" in os.environ:
    _start_recorder()
_usual = importlib.machinery.PathFinder.find_spec("sitecustomize")
if _usual:
    _load("sitecustomize", _usual)
else:
    raise ImportError(name="sitecustomize")  # as without us: there is none
