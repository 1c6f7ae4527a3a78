"""Who may import whom: each layer of helpers is imported in a fresh interpreter, which tells what came along.

A spawned child imports its worker's module: one `import matplotlib` down there would cost every
child half a second.
"""

import json
import sys
from functools import cache

import pytest
from conftest import ROOT
from scripts import python

# What a layer may load of helpers, besides itself.
MAY_LOAD = {
    "refused": set(),
    "events": set(),
    "child": {"events"},
    "resources": {"events", "refused"},
    "workers": {"events", "refused", "resources"},
    "record": {"events", "refused", "resources"},
    "analysis": {"events"},
    "lab": {"events", "refused", "child", "analysis"},
    "schedules": {"events", "refused", "child", "analysis", "lab"},
}
for layer in ("pictures", "scripts", "front", "panels", "topics", "exercises", "course"):
    MAY_LOAD[layer] = set(MAY_LOAD)  # all that stand above

MAY_LOAD["cluster"] = set(MAY_LOAD) - {
    "record",
    "scripts",
    "front",
    "panels",
    "topics",
    "exercises",
    "course",
}

STDLIB_ONLY = ["events", "child", "resources", "workers", "record", "analysis", "lab"]
DRAWS = {"matplotlib", "numpy", "PIL"}
# Packages that a layer above must load, and those it must not.
NEEDS = {
    "schedules": {"greenlet"},
    "panels": {"ipywidgets", "IPython"},
    "course": {"ipywidgets", "IPython"},
}
MUST_NOT_LOAD = {
    "schedules": {"matplotlib", "IPython", "ipywidgets", "numpy"},
    "pictures": {*DRAWS, "IPython", "ipywidgets"},
    "scripts": {*DRAWS, "IPython", "ipywidgets"},
    "front": {*DRAWS, "IPython", "ipywidgets", "anywidget"},
    "course": {*DRAWS, "anywidget"},  # but for the first picture, and the first timeline
}

TELL = """
import importlib, json, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


DRAW = """
import sys
from helpers import pictures
from helpers.pictures.declared import with_small_images
from helpers.course import CounterFile, explore
from helpers.workers.counter import increment_without_lock
with_small_images(pictures.image(explore(increment_without_lock, CounterFile(), 1, 0)))
print(*sys.modules)
"""


def modules_of(layer):
    """All modules of a layer, by their full names."""
    folder = ROOT / "helpers" / layer
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    # What every Python of a watched script imports first is no module of the course.
    paths = [path for path in paths if path.name != "sitecustomize.py"]
    parts = [path.relative_to(ROOT).with_suffix("").parts for path in paths]
    return [".".join(part).removesuffix(".__init__") for part in parts]


@cache
def loaded_by(*modules):
    """The names of all modules that a fresh interpreter has loaded after importing these."""
    done = python("-c", TELL, *modules)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def packages(names):
    return {name.partition(".")[0] for name in names}


def layers(names):
    return {name.split(".")[1] for name in names if name.startswith("helpers.")}


def test_every_layer_is_in_the_table():
    rooms = [path for path in (ROOT / "helpers").glob("[!_]*") if path.name != "programs"]
    assert {path.stem for path in rooms} == set(MAY_LOAD)


def test_the_name_of_every_module_stands_once():
    paths = [path for path in (ROOT / "helpers").rglob("*.py") if path.parent.name != "stubs"]
    names = [path.stem for path in paths if path.stem not in ("__init__", "sitecustomize")]
    assert [name for name in names if names.count(name) > 1] == []


def test_the_package_itself_loads_nothing():
    assert loaded_by("helpers") == {"helpers"}


@pytest.mark.parametrize("layer", MAY_LOAD)
def test_a_layer_loads_only_what_is_below_it(layer):
    loaded = layers(loaded_by(*modules_of(layer)))
    assert layer in loaded
    assert loaded - {layer} <= MAY_LOAD[layer]


@pytest.mark.parametrize("layer", STDLIB_ONLY)
def test_the_lower_layers_load_the_standard_library_only(layer):
    loaded = packages(loaded_by(*modules_of(layer)))
    assert loaded - {"helpers", "__mp_main__"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("layer", MUST_NOT_LOAD)
def test_the_upper_layers_load_what_they_need_and_no_more(layer):
    loaded = loaded_by(*modules_of(layer))
    loaded |= packages(loaded)
    assert loaded >= NEEDS.get(layer, set())
    assert loaded & MUST_NOT_LOAD[layer] == set()


def test_the_first_picture_loads_what_draws_and_never_pyplot():
    done = python("-c", DRAW)
    assert set(done.stdout.split()) & {*DRAWS, "matplotlib.pyplot"} == DRAWS, done.stderr


def test_what_a_check_runs_in_a_child_loads_neither_lab_nor_figures():
    loaded = layers(loaded_by("helpers.exercises.looking"))
    assert loaded == {"events", "child", "exercises"}


def test_nothing_but_the_bonus_lesson_loads_dask():
    others = [module for layer in MAY_LOAD if layer != "cluster" for module in modules_of(layer)]

    assert {"dask", "distributed", "cloudpickle"} & packages(loaded_by(*others)) == set()
    assert "distributed" in packages(loaded_by("helpers.cluster"))


def test_what_a_spawned_child_loads_besides_plain_multiprocessing():
    """A plain child loads multiprocessing and what that needs; ours must add little to it."""
    plain = loaded_by("multiprocessing.spawn", "multiprocessing.connection", "pickle", "threading")
    ours = loaded_by("helpers.child", "helpers.resources", "helpers.workers.counter")
    added = {name for name in packages(ours - plain) if not name.startswith("_")}
    assert added <= {
        "helpers",
        "mmap",
        "copy",
        "typing",
        *({"annotationlib", "ast"} if sys.version_info >= (3, 14) else ()),  # a NamedTuple's
        "contextlib",
        "multiprocessing",
    }
