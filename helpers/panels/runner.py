"""The background runner of a panel: one job at a time, and the latest wins."""

import threading
import time
import traceback
from contextlib import suppress

_PATIENCE = 0.5  # seconds a job may go on when a newer one waits


class Runner:
    """Runs jobs on a thread of its own. A job is a function of a `threading.Event` that stops it."""

    def __init__(self, on_idle=lambda: None, on_error=lambda text: None):
        self._on_idle = on_idle
        self._on_error = on_error
        self._guard = threading.Lock()
        self._next = None
        self._stop = None
        self._began = 0.0

    @property
    def busy(self):
        return self._stop is not None

    @property
    def waiting(self):
        """True where a newer job waits: the result of the one under way is no longer wanted."""
        return self._next is not None

    def submit(self, job):
        """Run `job` as soon as may be, in place of any that waits; one that is too old is stopped."""
        with self._guard:
            self._next = job
            if self._stop is None:
                self._stop = threading.Event()
                threading.Thread(target=self._work, daemon=True).start()
                return
            stop = self._stop
            left = self._began + _PATIENCE - time.perf_counter()
        threading.Timer(max(left, 0), self._overtake, [stop]).start()

    def stop(self):
        """Stop the job under way, and drop the one that waits."""
        with self._guard:
            self._next = None
            if self._stop:
                self._stop.set()

    def _overtake(self, stop):
        with self._guard:
            if self._next is not None:
                stop.set()

    def _work(self):
        while job := self._take():
            try:
                job(self._stop)
            except BaseException as error:  # noqa: BLE001 - shown in the panel, which goes on
                traceback.print_exc()
                with suppress(Exception):
                    self._on_error(f"{type(error).__name__}: {error}")
        self._on_idle()

    def _take(self):
        with self._guard:
            job, self._next = self._next, None
            self._stop = threading.Event() if job else None
            self._began = time.perf_counter()
            return job
