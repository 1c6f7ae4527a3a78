"""The start-up module of a watched script: every Python of its run imports this one first, by PYTHONPATH.

It takes its own folder off the path, starts the recorder, and runs the sitecustomize that would have been found without it.
"""

import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != _HERE]
if "COURSE_WATCHED" in os.environ:
    path = os.path.join(os.path.dirname(_HERE), "recorder", "__init__.py")
    # No module of the course: the script's own imports stay what they are.
    spec = importlib.util.spec_from_file_location("_watched", path)
    recorder = sys.modules["_watched"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recorder)
    recorder.start()
del sys.modules["sitecustomize"]  # as without us: where there is none, this import says so
importlib.import_module("sitecustomize")
