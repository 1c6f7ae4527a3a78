"""What multiprocessing builds on a lock, such as a Condition or a Value, where that lock is an observed one."""

from helpers import events

try:
    from multiprocessing.synchronize import Condition, Semaphore
except ImportError:  # there are no processes here, and none of these
    Condition = Semaphore = type("NoCondition", (), {})  # type: ignore[misc,assignment]

# The semaphores in which a Condition lets processes wait.
_AWAITED = "_wait_semaphore", "_woken_count"


class OnLock(events.Inherited):
    """An object of multiprocessing that uses an observed lock: `Condition(lock)`, `Value("i", lock=lock)`."""

    def with_bound(self, bound: dict) -> "OnLock":
        """A copy for one set of processes, on the lock that they get: `bound` gives it for the lock."""
        old = self._value._lock
        new = bound[old]
        copy = object.__new__(type(self._value))
        for name, part in vars(self._value).items():
            if part is old:
                part = new
            elif getattr(part, "__self__", None) is old:
                part = getattr(new, part.__name__)
            elif name in _AWAITED and isinstance(copy, Condition):
                part = _Awaited.instead_of(part)
            setattr(copy, name, part)
        return OnLock(copy)


class _Awaited(Semaphore):
    """A semaphore in which a process waits to be notified. It is no step; a schedule goes on without the process."""

    _semlock: events.Any

    @classmethod
    def instead_of(cls, semaphore: Semaphore) -> "_Awaited":
        """One that is the same to the system."""
        fresh = object.__new__(cls)
        fresh.__dict__.update(vars(semaphore))
        del fresh.acquire
        return fresh

    def _make_methods(self):
        self.release = self._semlock.release

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Wait for a notify: True. False where none came in time, which is at once in a run with a schedule."""
        take_turn = events.observer.take_turn
        if take_turn is None or not block:
            return self._semlock.acquire(block, timeout)
        while not (taken := self._semlock.acquire(False)) and timeout is None:
            take_turn("waits")
        return taken
