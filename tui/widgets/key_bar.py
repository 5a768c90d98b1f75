"""The keys that work here, on one line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.present.cells import safe, width
from tui.widgets.looks import palette_for


class KeyBar(Widget):
    """One line of (key, label) pairs: as many as fit, none of them cut; drawn without child widgets."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; dock: bottom; }"
    ALLOW_SELECT = False

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]] = (),
        *,
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._pairs = tuple(pairs)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs given, also those that do not fit."""
        return self._pairs

    def show(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show other keys, the most wanted first; the same ones again cost nothing."""
        new = tuple(pairs)
        if new != self._pairs:
            self._pairs = new
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        style = palette_for(self).style
        cells = self.size.width
        segments: list[Segment] = []
        used = 0
        for key, label in fitting(self._pairs, cells):
            head, tail = f" {key}", f" {label} "
            segments += [Segment(head, style("key")), Segment(tail, style("label"))]
            used += width(head) + width(tail)
        segments.append(Segment(" " * (cells - used), style("label")))
        return Strip(segments, cells)


def fitting(pairs: Sequence[tuple[str, str]], cells: int) -> list[tuple[str, str]]:
    """Return the first pairs that fit whole into ``cells`` cells, each taking three blanks; safe to draw."""
    kept: list[tuple[str, str]] = []
    used = 0
    for key, label in pairs:
        pair = safe(key), safe(label)
        used += width(pair[0]) + width(pair[1]) + 3
        if used > cells:
            break
        kept.append(pair)
    return kept
