"""Arguments on their way to another process: plain values are copied, resources and locks inherited."""

import io
import pickle

from helpers import events


def pack(args, things):
    """`args` as bytes for `child.unpack`; the resources and locks among them are noted in `things`.

    `things` is a dict that gives each one its number. Raises TypeError for what cannot be sent.
    """
    file = io.BytesIO()
    try:
        _ThingPickler(file, things).dump(args)
    except (TypeError, AttributeError, pickle.PicklingError, RuntimeError) as error:
        raise TypeError(f"an argument cannot be sent to another process: {error}") from error
    return file.getvalue()


class _ThingPickler(pickle.Pickler):
    """Puts a number in the place of each resource and lock, and notes them in `things`."""

    def __init__(self, file, things):
        super().__init__(file)
        self._things = things

    def persistent_id(self, thing):
        if isinstance(thing, events.Thing):
            return self._things.setdefault(thing, len(self._things))
        return None
