"""What just happened, or why something did not: a sentence over the key bar, for some seconds."""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from tui.present.cells import fit, wrap
from tui.widgets.looks import palette_for

_MOST_LINES = 4


class Note(Widget):
    """A sentence over the whole width, in as many lines as it needs; a newer one takes its place.

    It has a layer of its own, so that nothing moves when it comes and goes, and without a sentence it is there with no
    height: a widget that appears makes Textual paint the whole screen again. A sign tells a refusal from the rest.
    """

    DEFAULT_CSS = "Note { layer: note; dock: bottom; width: 1fr; height: 0; }"
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._sentence = ""
        self._style = "header"
        self._sign = ""
        self._timer: Timer | None = None

    @property
    def text(self) -> str:
        """The sentence shown; "" if there is none."""
        return self._sentence

    def say(self, sentence: str, *, wrong: bool, seconds: float) -> None:
        """Show a sentence for some seconds."""
        if self._timer is not None:
            self._timer.stop()
        self._sentence = sentence
        self._sign, self._style = ("! ", "refused") if wrong else ("✓ ", "title")
        self._fit(self.app.size.width)
        self.refresh()
        self._timer = self.set_timer(seconds, self.hush)

    def hush(self) -> None:
        """Show nothing."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._sentence = ""
        self.styles.height = 0

    def on_resize(self, event: events.Resize) -> None:
        """Take as many lines as the sentence needs at the new width."""
        self._fit(event.size.width)

    def render_line(self, y: int) -> Strip:
        """Return a line of the sentence."""
        cells = self.size.width
        lines = self._lines(cells)
        text = lines[y] if y < len(lines) else ""
        head = f" {self._sign if y == 0 else ' ' * len(self._sign)}"
        return Strip([Segment(fit(head + text, cells), palette_for(self).style(self._style))], cells)

    def _fit(self, cells: int) -> None:
        self.styles.height = len(self._lines(cells)) if self._sentence else 0

    def _lines(self, cells: int) -> list[str]:
        return wrap(self._sentence, max(1, cells - len(self._sign) - 2))[:_MOST_LINES]
