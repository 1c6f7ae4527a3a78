"""The two curves of the scope dial: what is lost under each lock scope, and how long it takes."""

import textwrap

from matplotlib.ticker import MaxNLocator

from helpers.experiments import Scope
from helpers.figures import style

_PLACES = {scope: place for place, scope in enumerate(Scope)}
# What the scopes from one place to another are, with the look of the ground behind them.
_ZONES = (
    (-0.5, 2.5, "too narrow", {"facecolor": "#FBEBDD", "edgecolor": "#F0CDB0", "hatch": "///"}),
    (2.5, 3.5, "right", {"facecolor": "#E2F2EC"}),
    (3.5, 5.5, "too wide", {"facecolor": "#F1F1F1", "edgecolor": "#DADADA", "hatch": "..."}),
)


def plot_scopes(losses, times, sweep, at=None):
    """Two axes over the six scopes: above the lost updates, below the milliseconds of each run.

    A dot is a run, the line goes through the medians. `at` is the scope at which the dial stands.
    """
    ms = {scope: [1000 * seconds for seconds in sweep.seconds(scope)] for scope in sweep.scopes}
    lost = {scope: sweep.losses(scope) for scope in sweep.scopes}
    middle_ms = [1000 * sweep.elapsed(scope) for scope in sweep.scopes]
    middle_lost = [sweep.lost(scope) for scope in sweep.scopes]
    _draw_curve(losses, lost, middle_lost, style.LOST, "s", "{:g}")
    _draw_curve(times, ms, middle_ms, style.KEPT, "o", "{:.0f}")
    most = max([sweep.updates, *middle_lost])
    losses.set(ylim=(-0.08 * most, 1.34 * most), ylabel=f"lost of {sweep.updates}")
    times.set(ylim=(0, 1.3 * max([1, *(max(values) for values in ms.values())])), ylabel="ms")
    losses.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    for ax in (losses, times):
        ax.yaxis.label.set_size(9)
        _draw_ground(ax, at)
    _name_zones(losses)
    words = [textwrap.fill(_short(scope), 11) for scope in Scope]
    losses.set_xticks(range(len(words)), [""] * len(words))
    times.set_xticks(range(len(words)), words)
    for label, scope in zip(times.get_xticklabels(), Scope, strict=True):
        label.set(fontsize=9.5, fontweight="bold" if scope is at else "normal")
    style.title(
        losses, "Lost updates, and under them the time: each dot a run, the line the median"
    )


def _short(scope):
    return "slow work too" if scope is Scope.SLOW_WORK_TOO else scope.value


def _draw_curve(ax, values, middles, colour, marker, words):
    """All values of each scope as dots beside its place, and the line through the medians with numbers."""
    for scope, found in values.items():
        aside = [_PLACES[scope] + 0.24 * ((i * 0.618) % 1 - 0.5) for i in range(len(found))]
        ax.plot(aside, found, marker, color=colour, mfc="none", ms=4, mew=0.8, alpha=0.7, zorder=3)
    places = [_PLACES[scope] for scope in values]
    ax.plot(places, middles, marker=marker, color=colour, lw=2, ms=6, zorder=4, gid="median")
    for (scope, found), middle in zip(values.items(), middles, strict=True):
        ax.annotate(words.format(middle), (_PLACES[scope], max(found)), (0, 6), textcoords="offset points", ha="center",
                    fontsize=9.5, fontweight="bold", color=colour, zorder=5)  # fmt: skip


def _draw_ground(ax, at):
    for left, right, _, look in _ZONES:
        ax.axvspan(left, right, zorder=0, **{"edgecolor": "none", "linewidth": 0, **look})
    if at is not None:
        place = _PLACES[at]
        ax.axvspan(place - 0.42, place + 0.42, fill=False, ec=style.INK, lw=2, zorder=2, gid="dial")
    ax.set_xlim(-0.5, len(Scope) - 0.5)
    style.bare(ax)


def _name_zones(ax):
    for left, right, words, _ in _ZONES:
        ax.text((left + right) / 2, 0.97, words, transform=ax.get_xaxis_transform(), ha="center",
                va="top", fontsize=10, style="italic", color=style.INK)  # fmt: skip
