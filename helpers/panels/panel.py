"""What all panels are made of: labelled controls, a screen with status and picture, a runner for what takes time."""

import html
import threading
import time
import traceback
from contextlib import suppress
from functools import cached_property

import ipywidgets as widgets
import traitlets
from IPython.display import display

from helpers import front
from helpers.lab import check
from helpers.pictures import style
from helpers.pictures.declared import picture_html, with_small_images
from helpers.refused import NoProcesses

WRAPPED = widgets.Layout(flex_flow="row wrap")
_LABEL = {"description_width": "14em"}
WHOLE = "calc(100% - 4px)"  # of a row, without the margins of a control
_WIDE = widgets.Layout(width="31em", max_width=WHOLE)
_PATIENCE = 0.5  # seconds a job may go on when a newer one waits
REST = 1  # seconds without a change, before the twin of a panel is renewed
_HOW = "For the controls, run the setup cell and then this cell."
# JupyterLab gives the class jupyter-widgets to the output itself only where it does not find the widget any more,
# and hides the output of a widget that is gone with its kernel.
_TWIN = (
    "<style>.jp-OutputArea-child:has(.course-twin):has(+ * > .lm-Panel.jp-OutputArea-output"
    ":not(.jupyter-widgets, .lm-mod-hidden)), .jp-OutputArea-child:has(.course-twin) + * > .jp-OutputArea-output.jupyter-widgets "
    '{display: none}</style><div class="course-twin">'
)


def control(rule, value, bounds=()):
    """The control of a setting, by its Rule; a slider goes from the first to the last of `bounds`.

    A slider says its bounds, and its number can be typed over. A control counts when it is let go; a text, when it
    is left or Enter is pressed. Raises ValueError where `value` is out of its bounds.
    """
    look = {"description": rule.words, "style": _LABEL, "layout": _WIDE}
    if rule.options:
        longest = max(len(words) for words, _ in rule.options)
        look["layout"] = widgets.Layout(width=f"{max(31, 17 + longest / 2)}em", max_width=WHOLE)
        return widgets.Dropdown(options=rule.options, value=value, **look)
    look["continuous_update"] = False
    if not bounds:
        return widgets.Text(value=value, **look)
    low, high = bounds
    unit = " ms" if rule.is_ms else ""
    look |= {"description": f"{rule.words} ({low} to {high}{unit})", "min": low, "max": high}
    if rule.is_ms:
        number = check.span(rule.words, value, low, high, "ms")
        return widgets.FloatSlider(number, step=0.1, readout_format=".1f", **look)
    return widgets.IntSlider(check.whole(rule.words, value, low, high), **look)


def button(words, hint, on_click, width="auto"):
    """A button that calls `on_click` without arguments."""
    made = widgets.Button(description=words, tooltip=hint, layout=widgets.Layout(width=width))
    made.on_click(lambda _: on_click())
    return made


def folded(words, *inside):
    """A button that shows what is `inside` and hides it again, by mouse and by keyboard: a widget with both."""
    look = widgets.Layout(width="auto", align_self="flex-start")
    toggle = widgets.ToggleButton(description=words, layout=look)
    box = widgets.VBox(inside, layout=widgets.Layout(display="none"))

    def on_toggle(change):
        toggle.description = f"Hide: {words}" if change["new"] else words
        box.layout.display = "flex" if change["new"] else "none"

    toggle.observe(on_toggle, "value")
    return widgets.VBox([toggle, box])


SHOWN = {}  # by the id of a cell: the panels under it; the cell that runs is the last one


def begin_cell(cell):
    """Note that `cell` runs anew: the panels under it go, and so does their work, but for those that another cell shows."""
    gone, SHOWN[cell] = SHOWN.pop(cell, []), []
    for panel in gone:
        if not any(panel in panels for panels in SHOWN.values()):
            panel.stop()


class Panel(widgets.VBox):
    """A panel, and before it, as an output of its own, its twin: the latest result without widgets.

    The twin shows where the panel cannot: in a reopened notebook, an export, a viewer. Where the panel shows, the twin
    is hidden; it is renewed when the panel has been at rest for a while.
    """

    runner = None
    _rest = threading.Timer(0, lambda: None)

    @cached_property
    def front_end(self):
        """What keeps the controls usable and says the page's theme; None where there is no anywidget."""
        return front.new_widget("controls.js")

    @traitlets.validate("children")
    def _with_front_end(self, proposed):
        shown = [child for child in proposed.value if child is not self.front_end]
        return (*shown, self.front_end) if self.front_end else proposed.value

    @property
    def twin(self):
        """What stands in place of the panel, as HTML."""
        return "".join(with_small_images(screen.html) for screen in _screens(self))

    def stop(self):
        """End what is running."""
        if self.runner:
            self.runner.stop()

    def _ipython_display_(self):
        if SHOWN:
            SHOWN[next(reversed(SHOWN))].append(self)
        self._show_twin(update=False)
        # An export finds that there is no more to show.
        display({**self._repr_mimebundle_(), "text/plain": ""}, raw=True)
        for screen in _screens(self):
            for shown in (screen._status, screen._picture):
                shown.observe(self._on_shown, "value")

    def _on_shown(self, _):
        self._rest.cancel()
        self._rest = later(REST, self._show_twin)

    def _show_twin(self, update=True):
        said = "; ".join(filter(None, (screen.sentence for screen in _screens(self))))
        page = f"{_TWIN}{self.twin}<div>{_HOW}</div></div>"
        twin = {"text/plain": said or _HOW, "text/html": page}
        display(twin, raw=True, display_id=self.model_id, update=update)


def _screens(widget):
    """The screens in a widget, from the top."""
    if isinstance(widget, Screen):
        yield widget
    else:
        for child in getattr(widget, "children", ()):
            yield from _screens(child)


class Screen(widgets.VBox):
    """One result: a line of text with role "status", and the picture under it.

    `flex` is how it shares the room with what stands beside it; with "none" it is as high as what it shows.
    """

    def __init__(self, flex="1 1 20em"):
        self._status = widgets.HTML()
        self._picture = widgets.HTML()
        self._moving, self._data = None, {}
        self.sentence = ""
        super().__init__([self._status, self._picture], layout=widgets.Layout(flex=flex))
        self.add_class("course-screen")

    def say(self, sentence, verdict="correct"):
        """Show a sentence in the page's own ink, beside it a bar coloured by the verdict that the words name, too."""
        self.sentence = sentence
        bar = f"border-left: 0.4em solid {style.verdict_colour(verdict)}; padding-left: 0.6em"
        self._status.value = (
            f'<div role="status" style="{bar}; font-weight: bold; line-height: 1.4">'
            f"{html.escape(sentence)}</div>"
        )

    @property
    def html(self):
        """All that it shows."""
        return self._status.value + front.with_timeline(self._picture.value, self._data)

    def draw(self, result):
        """The timeline of a result, at once; then its picture, if there is anything to see, and its table.

        The picture is what is saved, and shows where there is no timeline.
        """
        self.walk(front.payload(result))
        self._picture.value = picture_html(result)

    def walk(self, data):
        """Show the timeline of these data, or none; the first one makes its widget, where that can be."""
        self._data = data or {}
        if self._data and not self._moving:
            self._moving = front.new_widget("timeline.js")
            self.children = [*filter(None, (self._status, self._moving, self._picture))]
        if self._moving:
            self._moving.data = self._data

    def show(self, shown):
        """Some HTML in the picture's place."""
        self.walk(None)
        self._picture.value = shown

    def clear(self):
        """Nothing."""
        self.show("")
        self.sentence = self._status.value = ""

    def copy_to(self, other):
        """Show on `other` what stands here."""
        other.sentence = self.sentence
        other._status.value, other._picture.value = self._status.value, self._picture.value
        other.walk(self._data)


def later(seconds, work):
    """Call `work` in so many seconds on a thread of its own: its Timer. At once where there are no threads, as in a browser."""
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    with suppress(RuntimeError):
        timer.start()
        return timer
    work()
    return timer


class Runner:
    """Runs jobs on a thread of its own, one at a time, and the latest wins.

    A job is a function of a `threading.Event` that stops it. What it raises is said on the `screen`.
    """

    def __init__(self, screen, on_idle=lambda: None):
        self.screen = screen
        self._on_idle = on_idle
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
            self._next, stop = job, self._stop
            left = self._began + _PATIENCE - time.perf_counter()
            self._stop = stop or threading.Event()
        if stop:
            later(max(left, 0), lambda: self._overtake(stop))
        else:
            later(0, self._work)

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
            except NoProcesses as error:
                self.screen.say(str(error), "stopped")
                self.screen.show(front.recorded_run())
            except BaseException as error:  # noqa: BLE001 - shown in the panel, which goes on
                traceback.print_exc()
                with suppress(Exception):
                    self.screen.say(f"{type(error).__name__}: {error}", "crashed")
        self._on_idle()

    def _take(self):
        with self._guard:
            job, self._next = self._next, None
            self._stop = threading.Event() if job else None
            self._began = time.perf_counter()
            return job
