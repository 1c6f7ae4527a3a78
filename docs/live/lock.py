"""Names in Pyodide's lock file the wheels that lie beside it, in place of the hundreds that it would fetch: python docs/live/lock.py FOLDER."""

import hashlib
import json
import sys
from pathlib import Path

from packaging.utils import parse_wheel_filename

folder = Path(sys.argv[1])
path, packages = folder / "pyodide-lock.json", {}
for wheel in sorted(folder.glob("*.whl")):
    name, version, *_ = parse_wheel_filename(wheel.name)
    packages[name] = {
        "name": name, "version": f"{version}", "file_name": wheel.name, "install_dir": "site", "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "imports": [], "depends": [], "unvendored_tests": False,
    }  # fmt: skip
packages["course"]["depends"] = [name for name in packages if name != "course"]
info = json.loads(path.read_text(encoding="utf-8"))["info"]
path.write_text(json.dumps({"info": info, "packages": packages}), encoding="utf-8")
