"""The timeline that a page walks through: its data, and the ways to show it, as a widget and as HTML.

Where there is no anywidget, or where nobody runs its script, the picture by Matplotlib, or a table, stands in its place.
"""

from helpers.front.payload import payload
from helpers.front.mounting import inlined, new_widget, with_timeline
