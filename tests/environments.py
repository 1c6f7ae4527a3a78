"""A copy of the repository, notebooks run in it, an environment, and what README and Binder say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def copy_tracked_files(target: Path) -> Path:
    """Return `target`, now with every file that git tracks, as the working tree has it."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in listing.stdout.split("\0"):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def make(*words) -> None:
    """Make something beside this environment. Several workers of pytest may want it: one after the other, for make locks nothing."""
    with FileLock(f"{sys.prefix}-make.lock"):
        command = ["make", "--silent", "--no-print-directory", f"VENV={sys.prefix}", *words]
        subprocess.run(command, cwd=ROOT, check=True)


def execute(notebook, folder: Path, limit: int, **how) -> None:
    """Run all cells of a notebook in a kernel whose folder is `folder`, each for `limit` s at most; `how` goes to NotebookClient."""
    from nbclient import NotebookClient

    how |= {"resources": {"metadata": {"path": str(folder)}}, "shutdown_kernel": "immediate"}
    NotebookClient(notebook, timeout=limit, **how).execute()


def variables(venv: Path | None = None) -> dict[str, str]:
    """Return this process's environment variables as they are where `venv` is activated, or none."""
    chosen = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    if venv is not None:
        chosen["PATH"] = os.pathsep.join([str(venv / SCRIPTS), chosen["PATH"]])
    return chosen


def run(command: list[str], cwd: Path, env: dict[str, str]) -> str:
    """Return what `command` printed; raise an AssertionError with all of it where it fails."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(command, check=False, cwd=cwd, env=env, **pipes)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def windows_commands(repository: Path) -> list[str]:
    """Return the commands of README's three lines for Windows."""
    readme = (repository / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```powershell\n(.*?)```", readme, re.DOTALL)
    assert len(block.splitlines()) == 3
    return [command.strip() for line in block.splitlines() for command in line.split(";")]


def translated(command: str, env: dict[str, str]) -> list[str]:
    """Return a PowerShell command as words that run here: its paths, and `py` where it is missing.

    In the place of `py -3.13` this Python runs, whichever it is.
    """
    words = command.replace("\\Scripts\\", f"\\{SCRIPTS}\\").replace("\\", "/").split()
    program = shutil.which(words[0], path=env["PATH"])
    if program is None and words[0] == "py":
        program, words = sys.executable, [word for word in words if not word.startswith("-3.")]
    return [program or words[0], *words[1:]]


def read_by_repo2docker(repository: Path) -> tuple[str, list[str]]:
    """Return what repo2docker prints for a folder, and the shell lines in it that use binder/.

    It needs no container engine for this.
    """
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    output = run(command, repository, variables())
    return output, re.findall(r"^RUN (.*binder/.*)$", output, re.MULTILINE)
