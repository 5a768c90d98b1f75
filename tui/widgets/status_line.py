"""One line of text with a left and a right end, cheap enough to change at every key."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.present.cells import Align, fit, safe, width
from tui.widgets.looks import ground_of, palette_for

STEP = 8
"""The right end grows by so many cells at a time, so that a longer number seldom moves anything."""


class _End(Widget):
    """One end of the line. It is a widget of its own because the compositor paints no less than a widget's line."""

    ALLOW_SELECT = False

    def __init__(self, text: str, style: str, align: Align) -> None:
        super().__init__()
        self.words = text
        self.look = style
        self._align: Align = align

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        return Strip([Segment(fit(self.words, cells, self._align), self._style())], cells)

    def _style(self) -> Style:
        return ground_of(self) + palette_for(self).style(self.look)


class Heading(_End):
    """A line of one text in one style."""

    DEFAULT_CSS = "Heading { height: 1; width: 1fr; }"

    def __init__(self, text: str, style: str, *, classes: str | None = None) -> None:
        super().__init__(text, style, "left")
        self.set_classes(classes or "")

    def show(self, style: str) -> None:
        """Change the style."""
        if style != self.look:
            self.look = style
            self.refresh()


class StatusLine(Widget):
    """A line whose two ends change in place: no layout, and only the end that changed is painted again."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; layout: horizontal; }
    StatusLine > _End { height: 1; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(
        self,
        left: str = "",
        right: str = "",
        *,
        style: str = "label",
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._alarm = _End("", "refused", "left")
        self._alarm.styles.width = 0
        self._left = _End(left, style, "left")
        self._right = _End(right, style, "right")
        self._room = -1
        self._make_room()

    @property
    def text(self) -> tuple[str, str]:
        """The left and the right text as given."""
        return self._left.words, self._right.words

    def compose(self) -> Iterable[Widget]:
        """Place the alarm and the two ends."""
        yield self._alarm
        yield self._left
        yield self._right

    def show(self, left: str | None = None, right: str | None = None, style: str | None = None) -> None:
        """Change the left text, the right text, the style (a name of present.colours); None: it stays."""
        for end, words in ((self._left, left), (self._right, right)):
            new = (end.words if words is None else words, end.look if style is None else style)
            if new != (end.words, end.look):
                end.words, end.look = new
                end.refresh()
        self._make_room()

    def alarm(self, words: str) -> None:
        """Show words before everything else, in the colours of an alarm; "": none."""
        if words != self._alarm.words:
            self._alarm.words = words
            self._alarm.styles.width = width(safe(words)) if words else 0
            self._alarm.refresh()

    def _make_room(self) -> None:
        """Widen the right end if its text needs it; it never gets narrower."""
        cells = width(safe(self._right.words))
        needed = -(-(cells + 1) // STEP) * STEP if cells else 0
        if needed > self._room:
            self._room = needed
            self._right.styles.width = needed
