"""The access panel: one bug on a screen, in a log file and in a database."""

from helpers import experiments
from helpers.experiments import Resource
from helpers.figures import access_lines, image
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice


class AccessPanel(ExperimentPanel):
    """Choices and sliders that run the access experiment anew on every move. `value` is the latest result.

    Keywords set where the controls stand at first, by their names in `experiments.AccessSettings`.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = experiments.AccessSettings
    call = "run_access"
    repeat_call = "repeat_access"
    in_sight = ("resource", "way", "processes", "operations", "pause_ms")
    history_words = "operations kept; dashed: wanted"

    def _make_controls(self, first):
        return {
            "resource": enum_choice("resource", Resource, first.resource),
            "way": parts.choice("way of access", _ways(first.resource), first.way),
            "processes": parts.whole_slider("processes", first.processes, 1, 8),
            "operations": parts.whole_slider("operations each", first.operations, 1, 25),
            "pause_ms": parts.ms_slider("pause in each", first.pause_ms, 0, 10),
            "journal": parts.choice(
                "journal of the database",
                [("rollback journal", "delete"), ("WAL", "wal")],
                first.journal,
            ),
            "timeout": parts.choice(
                "wait where it is locked",
                [("5 s", 5.0), ("0.05 s", 0.05), ("not at all", 0.0)],
                first.timeout,
            ),
            "database": parts.path_field("database file (empty: a new one)", first.database),
            "start_method": method_choice(first.start_method),
        }

    @property
    def settings(self):
        told = super().settings
        ways = told["resource"].ways  # the dropdown may lag behind for a moment
        return {**told, "way": told["way"] if told["way"] in ways else ways[0]}

    def run(self):
        """Run once in the background, with a way that the resource has; the latest call wins."""
        way, ways = self._controls["way"], _ways(self._controls["resource"].value)
        if way.options == tuple(ways):
            super().run()
        else:
            way.options = ways  # the way changes, and that runs it

    def _run(self, stop, **more):
        try:
            super()._run(stop, **more)
        except ValueError as error:  # a database that cannot be used
            self._screen.clear()
            self._screen.say(str(error), "crashed")

    def _outcome(self, access, settings):
        return (
            access.kept,
            access.wanted,
            "correct" if access.kept == access.wanted else "lost_updates",
        )

    def _draw(self, access):
        self._screen.show(image(access) + access_lines(access))


def _ways(resource):
    return [(way.value, way) for way in resource.ways]
