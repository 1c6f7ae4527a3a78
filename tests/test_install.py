"""The course installs and opens, in one fresh environment: by README's lines for Windows, then by Binder's steps."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests import environments

# Making the environment takes half a minute on a quiet machine.
pytestmark = [pytest.mark.exhaustive, pytest.mark.network, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """A copy of the repository with `.venv`, made by all but the last of README's commands for Windows."""
    copy = environments.copy_tracked_files(tmp_path_factory.mktemp("repository"))
    env = environments.variables()
    for command in environments.windows_commands(copy)[:-1]:
        words = environments.translated(command, env)
        if words[0].endswith("Activate.ps1"):
            assert (copy / words[0]).is_file()
            env = environments.variables(copy / ".venv")
        else:
            environments.run(words, copy, env)
    return copy


def test_the_last_windows_line_opens_jupyterlab(repository, tmp_path):
    env = environments.variables(repository / ".venv")
    command = environments.translated(environments.windows_commands(repository)[-1], env)

    with jupyterlab(command, repository, env, tmp_path) as fetch:
        lesson = json.loads(fetch("api/contents/notebooks/00_start_here.ipynb?content=0"))
        assert lesson["type"] == "notebook"
        assert b"JupyterLab" in fetch("lab/tree/notebooks/00_start_here.ipynb")


@pytest.mark.skipif(os.name == "nt", reason="Binder builds on Linux")
def test_binder_steps_work(repository, capsys):
    venv = repository / ".venv"
    env = {**environments.variables(venv), "KERNEL_PYTHON_PREFIX": str(venv)}
    output, steps = environments.read_by_repo2docker(repository)

    for step in steps:
        environments.run(["bash", "-c", step], repository, env)

    imports = "import jupyterlab, ipywidgets, anywidget, matplotlib"
    environments.run(
        [str(venv / environments.SCRIPTS / "python"), "-W", "error", "-c", imports], repository, env
    )
    assert (venv / "share/jupyter/lab/settings/overrides.json").is_file()

    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if f"python={running}\n" not in output:
        with capsys.disabled():
            print(f"\nBinder's steps were tried on Python {running}, which is not Binder's.")


@contextmanager
def jupyterlab(command: list[str], cwd: Path, env: dict[str, str], folder: Path):
    """Start JupyterLab without a browser, on a free port; give a function that fetches; end it."""
    server = {"open_browser": False, "port": 0, "allow_root": True}
    (folder / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": server}))
    env = {**env, "JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder)}
    with open(folder / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=log)
    try:
        server = wait_for_the_server(process, folder)
        headers = {"Authorization": f"token {server['token']}"}

        def fetch(path: str, method: str = "GET") -> bytes:
            request = Request(server["url"] + path, headers=headers, method=method)
            with urlopen(request, timeout=20) as answer:
                return answer.read()

        yield fetch
        fetch("api/shutdown", method="POST")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        print((folder / "log").read_text(encoding="utf-8"))  # pytest shows it where a test fails


def wait_for_the_server(process: subprocess.Popen, folder: Path, limit: float = 60) -> dict:
    """Return what a started Jupyter server wrote about itself, within `limit` seconds."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        assert process.poll() is None, f"JupyterLab ended with {process.returncode}"
        for path in folder.glob("jpserver-*.json"):
            try:
                server = json.loads(path.read_text())
                socket.create_connection(("localhost", server["port"]), timeout=1).close()
                return server
            except (json.JSONDecodeError, OSError):
                pass  # not yet written to its end, or it does not listen yet
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start within {limit} s")
