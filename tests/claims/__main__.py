"""Run every claim on all cores that may be used and on one, and print what was found."""

import os
import subprocess
import sys

_ON_ONE = "--on-one-core"


def main():
    """The exit status: 1 where a claim was missed."""
    from helpers import lab
    from tests.claims import claims
    from tests.remains import use_private_names

    use_private_names()
    lab.warm()
    where = "one core" if _ON_ONE in sys.argv else f"{lab.usable_cores()} cores"
    missed = [claim for claim in claims() if not _holds(claim, where)]
    if _ON_ONE not in sys.argv and hasattr(os, "sched_setaffinity"):
        return max(bool(missed), _on_one_core())
    if _ON_ONE not in sys.argv:
        print("this system cannot tie a process to one core: the claims ran on all cores only")
    return int(bool(missed))


def _holds(claim, where):
    for name, found, wanted in claim():
        mark = "ok    " if found == wanted else "MISSED"
        print(f"{mark} {where}: {name}: {found} (claimed: {wanted})", flush=True)
        if found != wanted:
            return False
    return True


def _on_one_core():
    core = min(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "tests.claims", _ON_ONE]
    return subprocess.run(
        command, preexec_fn=lambda: os.sched_setaffinity(0, {core}), check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
