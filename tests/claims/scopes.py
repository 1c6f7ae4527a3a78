"""What lesson 05 claims about the scope of a lock."""

from helpers.topics import Scope, sweep_scopes
from tests.claim import claim

SWEEPS = 50
_NARROW = (Scope.NOTHING, Scope.WRITE_ONLY, Scope.EACH_STEP)
_RIGHT = (Scope.READ_TO_WRITE, Scope.SLOW_WORK_TOO, Scope.WHOLE_LOOP)


@claim("05", "loss is zero from read to write on, and not zero under each narrower scope")
def loss_ends_at_read_to_write():
    """Default settings: nothing lost from read to write on, something lost under each narrower scope, in every round."""
    sweep = sweep_scopes(SWEEPS, deadline=60)
    for scope in _NARROW:
        yield f"{scope.value}: rounds with a loss", sum(map(bool, sweep.losses(scope))), SWEEPS
    for scope in _RIGHT:
        yield f"{scope.value}: rounds with a loss", sum(map(bool, sweep.losses(scope))), 0


@claim("05", "slow work under the lock: at least 1.5 times as long; the two widest are equal")
def too_wide_is_serial():
    """The whole loop, and the slow work too, take at least 1.5 times as long as read to write."""
    sweep = sweep_scopes(deadline=60)
    right = sweep.elapsed(Scope.READ_TO_WRITE)
    for scope in _RIGHT[1:]:
        name = f"{scope.value}: at least 1.5 x read to write"
        yield name, sweep.elapsed(scope) >= 1.5 * right, True
    wide = [sweep.elapsed(scope) for scope in _RIGHT[1:]]
    yield "the two widest differ by less than a fifth", max(wide) < 1.2 * min(wide), True


@claim("05", "without slow work the three right scopes are equal")
def without_slow_work_the_right_ones_are_equal():
    """With no slow work the three right scopes take equally long."""
    sweep = sweep_scopes(slow_ms=0, deadline=60)
    right = [sweep.elapsed(scope) for scope in _RIGHT]
    name = "no slow work: the right ones differ by less than half"
    yield name, max(right) < 1.5 * min(right), True
