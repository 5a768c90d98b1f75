"""Lines of styled text that scroll: a history, a help page. Keys are bound by the registry of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.present.cells import cut, width
from tui.present.columns import Cell
from tui.widgets.looks import ground_of, palette_for

MARGIN = 1


class TextLines(Widget, can_focus=True):
    """Shows lines that are made for its width, again whenever that changes; the first line in sight is kept.

    Attributes:
        on_scroll: called at once with (first line in sight from 0, lines in sight, all lines) after a move.
    """

    DEFAULT_CSS = "TextLines { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(
        self,
        make: Callable[[int], Sequence[Sequence[Cell]]] | None = None,
        *,
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.on_scroll: Callable[[int, int, int], None] | None = None
        self._make = make
        self._lines: Sequence[Sequence[Cell]] = ()
        self._made_for = -1
        self._top = 0

    def show(self, make: Callable[[int], Sequence[Sequence[Cell]]]) -> None:
        """Show other lines: ``make(cells)`` returns them, each a sequence of (text, style) of at most ``cells``."""
        self._make = make
        self._made_for = -1
        self._go_to(self._top)
        self.refresh()

    @property
    def lines(self) -> Sequence[Sequence[Cell]]:
        """The lines, made for the present width."""
        cells = max(1, self.size.width - 2 * MARGIN)
        if self._make is not None and cells != self._made_for:
            self._lines = self._make(cells)
            self._made_for = cells
        return self._lines

    def action_line_down(self) -> None:
        """Scroll one line down."""
        self._go_to(self._top + 1)

    def action_line_up(self) -> None:
        """Scroll one line up."""
        self._go_to(self._top - 1)

    def action_page_down(self) -> None:
        """Scroll one page down."""
        self._go_to(self._top + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        """Scroll one page up."""
        self._go_to(self._top - max(1, self.size.height - 1))

    def action_first(self) -> None:
        """Scroll to the beginning."""
        self._go_to(0)

    def action_last(self) -> None:
        """Scroll to the end."""
        self._go_to(len(self.lines))

    def on_resize(self) -> None:
        """Make the lines anew for another width, and keep the last page full."""
        self._go_to(self._top)
        self.refresh()

    def on_mouse_scroll_down(self) -> None:
        """Scroll three lines down."""
        self._go_to(self._top + 3)

    def on_mouse_scroll_up(self) -> None:
        """Scroll three lines up."""
        self._go_to(self._top - 3)

    def render_line(self, y: int) -> Strip:
        """Return the strip of line ``y``."""
        palette, base = palette_for(self), ground_of(self)
        cells = self.size.width
        segments = [Segment(" " * MARGIN, base)]
        used = MARGIN
        for text, style in self.lines[self._top + y] if self._top + y < len(self.lines) else ():
            text = cut(text, cells - used)
            used += width(text)
            segments.append(Segment(text, base + palette.style(style)))
        segments.append(Segment(" " * (cells - used), base))
        return Strip(segments, cells)

    def _go_to(self, line: int) -> None:
        height = self.size.height
        top = max(0, min(line, len(self.lines) - height))
        if top != self._top:
            self._top = top
            self.refresh()
        if self.on_scroll is not None:
            self.on_scroll(top, height, len(self.lines))
