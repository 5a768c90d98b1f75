"""One line of text with a left and a right end, cheap enough to change at every key."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.present.cells import fit, safe, width
from tui.widgets.looks import ground_of, palette_for


class StatusLine(Widget):
    """A line whose words are drawn in place: no layout, and only the cells that changed are painted again."""

    DEFAULT_CSS = "StatusLine { height: 1; width: 1fr; }"
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
        self._left = left
        self._right = right
        self._style = style

    @property
    def text(self) -> tuple[str, str]:
        """The left and the right text as given."""
        return self._left, self._right

    def show(self, left: str | None = None, right: str | None = None, style: str | None = None) -> None:
        """Change the left text, the right text, the style (a name of present.colours); None: it stays."""
        before = self.line(self.size.width)
        self._left = self._left if left is None else left
        self._right = self._right if right is None else right
        if style is not None and style != self._style:
            self._style = style
            self.refresh()
            return
        after = self.line(self.size.width)
        if before == after:
            return
        if not (before.isascii() and after.isascii()):
            self.refresh()
            return
        first = next(index for index, (old, new) in enumerate(zip(before, after, strict=True)) if old != new)
        last = len(after) - next(
            index for index, (old, new) in enumerate(zip(before[::-1], after[::-1], strict=True)) if old != new
        )
        self.refresh(Region(first, 0, last - first, 1))

    def line(self, cells: int) -> str:
        """Return the line in exactly ``cells`` cells; where both texts do not fit, the left one is cut."""
        right = safe(self._right)
        room = cells - width(right) - (1 if right else 0)
        if room < min(8, cells):
            return fit(self._left or right, cells)
        return fit(self._left, room) + (f" {right}" if right else "")

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        look = ground_of(self) + palette_for(self).style(self._style)
        return Strip([Segment(self.line(self.size.width), look)], self.size.width)
