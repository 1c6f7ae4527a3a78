# wrong_merge
import json
from pathlib import Path

from filelock import FileLock


def _state(folder):
    file = Path(folder, "state.json")
    return json.loads(file.read_text()) if file.exists() else {"total": 0, "parts": []}


def read_total(folder):
    return _state(folder)["total"]


def add_part(folder, part, merge):
    with FileLock(Path(folder, "lock")):
        state = _state(folder)
        if part not in state["parts"]:
            state = {"total": merge(state["total"], part), "parts": [*state["parts"], part]}
            Path(folder, "state.json").write_text(json.dumps(state))
