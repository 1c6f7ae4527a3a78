"""The race on a cluster of Dask workers, on this machine or on many: for the bonus lesson alone.

`from helpers.cluster import *` brings these names. No other part of the course needs Dask.
"""

from pathlib import Path

try:
    import distributed  # only to say in words that it is missing
except ImportError as error:
    if error.name not in ("dask", "distributed"):
        raise
    _root = Path(__file__).resolve().parents[2]
    raise ImportError(
        "this lesson needs Dask, which the other lessons do without. Install it from a cell of this notebook, "
        f'with %pip install -r "{_root / "requirements-bonus.txt"}" -c "{_root / "constraints.txt"}" '
        "or in a terminal with make bonus, then restart the kernel and run the lesson from its first cell"
    ) from None

from helpers.cluster.connection import Cluster, open_cluster
from helpers.cluster.counting import run_race
from helpers.cluster.pausing import Store, add_with_fence, add_without_fence, pause_holder

# What is imported above from the cluster's own modules.
__all__ = [
    name
    for name, value in globals().items()
    if name[0] != "_" and getattr(value, "__module__", "").startswith(__name__)
]
