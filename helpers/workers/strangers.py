"""Workers that share a database with a program of its own."""

import sys

from helpers.events import pause


def add_by_program(table, script, times):
    """Let another program add to the number: a fresh interpreter that knows the path of the database, and no lock."""
    import subprocess

    # It ends when its input does: with this process, at the latest.
    with subprocess.Popen(
        [sys.executable, script, table.path, str(times)], stdin=subprocess.PIPE
    ) as program:
        if program.wait():
            raise RuntimeError(f"the program ended with exit code {program.returncode}")


def once_it_grows(table, worker, *args):
    """Run `worker(table, *args)` as soon as somebody else has added to the number."""
    while table.select() == 0:
        pause(0.001)
    worker(table, *args)
