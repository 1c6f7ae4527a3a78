"""Scripts that tests run outside: what an interrupt, a hard kill or a fresh interpreter does."""

import os
import subprocess
import sys
import textwrap

from conftest import ROOT


def python(*args, cwd=ROOT, **more):
    """A Python of its own that has ended: its exit code and what it printed."""
    command = [sys.executable, *map(str, args)]
    pipes = {"capture_output": True, "encoding": "utf-8", "timeout": 60}
    return subprocess.run(command, check=False, cwd=cwd, **{**pipes, **more})


def start_script(folder, source, **environment):
    """Start `source` as a script with helpers and the tests' workers at hand, in a group of its own."""
    path = folder / "script.py"
    body = textwrap.indent(textwrap.dedent(source), "    ")
    path.write_text(
        f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}\n"  # as a notebook does
        "from helpers import lab\n"
        "from helpers.resources import CounterFile, Lock\n"
        "import workers_for_tests as workers\n"
        f"if __name__ == '__main__':\n{body}"
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = {**os.environ, **environment}
    command = [sys.executable, str(path)]
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **pipes)


def run_script(folder, source, **environment):
    """What the script printed; its errors fail the test."""
    script = start_script(folder, source, **environment)
    out, err = script.communicate()
    assert (script.returncode, err) == (0, "")
    return out.strip()
