"""The machine passport, and the sentence that no child process is left."""

import html
import multiprocessing
import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version

from IPython.display import HTML

from helpers import __version__, lab
from helpers.lab import limits
from helpers.lab.machine import cpu_quota
from helpers.refused import NO_PROCESSES

_OLDEST = {"Python": (3, 11), "jupyterlab": (4, 2), "ipywidgets": (8, 1), "matplotlib": (3, 8)}


def passport():
    """What this machine is, as far as races and locks are concerned, as an HTML table, with warnings in words."""
    cores, quota, versions = lab.usable_cores(), cpu_quota(), _versions()
    limit = f"{quota:g} cores: more processes are no faster" if quota else "no limit found"
    rows = {
        "version of the course": __version__,
        "cores that you may use": f"{cores} of {os.cpu_count()} in the machine",
        "quota": limit,
        "start method of the lab": lab.default_start_method(),
        "start methods here": ", ".join(lab.start_methods()),
        "Python's own default": multiprocessing.get_context().get_start_method(),
        "system": f"{platform.system()} {platform.release()}",
        **{name: found or "not installed" for name, found in versions.items()},
    }
    row = "<tr><th>{}</th><td>{}</td></tr>".format
    table = "".join(row(*map(html.escape, pair)) for pair in rows.items())
    warnings = _warnings(cores, quota, versions)
    notes = "".join(f"<div>⚠ {html.escape(warning)}</div>" for warning in warnings)
    return HTML(f"<table>{table}</table>{notes}")


def _versions():
    """By name, the versions of what the course needs; "" for what is not installed."""
    found = {"Python": platform.python_version()}
    for name in list(_OLDEST)[1:]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def _warnings(cores, quota, versions):
    for name, found in versions.items():
        oldest = _OLDEST[name]
        if found and tuple(int(part) for part in found.split(".")[:2]) < oldest:
            yield f"{name} {found} is too old: the course needs {'.'.join(map(str, oldest))} or later"
    if not lab.start_methods():
        yield NO_PROCESSES
        return
    if why := lab.not_warmed():
        yield f"there is no fork server, so children start with spawn, which is slower: {why}"
    if lab.warmed_too_late():
        yield "lab.warm() came too late: children start more slowly. Restart the kernel and run the setup cell first"
    if cores == 1 or (quota and quota <= 1):
        yield "one core: every race still shows, but several processes are no faster than one"


def no_children_left(limit=None):
    """A sentence: no child process is left, or the names and ids of those that still run.

    Waits at most `limit` seconds for them to end (None: computed from the speed of the machine).
    """
    end = time.monotonic() + (limits.for_answer(2) if limit is None else limit)
    while (children := multiprocessing.active_children()) and time.monotonic() < end:
        time.sleep(0.02)
    if children:
        named = ", ".join(f"{child.name} (process {child.pid})" for child in children)
        return f"Still running: {named}. Restart the kernel to end them."
    return "No child process is left."
