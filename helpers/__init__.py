"""The lab under the course: real processes, real files, and a record of every step.

Each module is one room; CONTRIBUTING.md draws which may import which.
"""

__version__ = "1.0.0"  # as in CITATION.cff and the newest heading of CHANGELOG.md
