"""Which records of a text came through whole."""

from dataclasses import dataclass

from helpers.events import WRITING, stamps


@dataclass(frozen=True)
class Records:
    """What became of every record that processes wrote into one text. `text` is the whole text, with the ids.

    A record is what a process wrote up to a newline. It is *kept* if it stands in the text as a line of its
    own, *lost* if nothing is left of it, else *torn*; kept + torn + lost = all. `unrecorded` says how many
    writes found no room on the tapes: their records are not in here.
    """

    name: str
    text: str
    kept: tuple
    torn: tuple
    lost: tuple
    unrecorded: int = 0

    @property
    def wanted(self):
        """How many records were written to their end."""
        return len(self.kept) + len(self.torn) + len(self.lost)

    @property
    def observed(self):
        """What the model says of such a text."""
        return f"{len(self.kept)} kept, {len(self.torn)} torn, {len(self.lost)} lost"

    @property
    def writers(self):
        return len({record[0][0] for record in (*self.kept, *self.torn, *self.lost)})

    @property
    def lines(self):
        """The lines of the text, damaged or not: for each its pieces, pairs of process and text, and whether it is whole."""
        whole = {"".join(record) for record in self.kept}
        return [
            (stamps.pieces(line), line in whole) for line in self.text.splitlines(keepends=True)
        ]


def trace_records(events, name, start, final, unrecorded=0):
    """The Records of the text `name` that holds `final` at the end; `start` is what it began with."""
    writes = {}
    for event in sorted(events, key=lambda event: (event.process, event.index)):
        if event.thing == name and event.op in WRITING and event.outcome == "done":
            writes.setdefault(event.process, []).append(event.seen)
    records = [record for mine in writes.values() for record in stamps.records(mine)]
    return Records(name, final, *stamps.sort_records(final, records), unrecorded)
