"""What runs in the page: the timeline that a learner walks through, as a widget and as HTML, and what keeps controls usable.

Where there is no anywidget, or where nobody runs its script, the picture by Matplotlib, or a table, stands in its place.
"""

from helpers.front.mounting import inlined, new_widget, recorded_run, with_timeline
from helpers.front.payload import payload
