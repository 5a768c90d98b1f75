"""What Textual does twice, or for nothing, before the first rows are there, and what can wait until they are.

This leans on names of Textual that are its own; Textual is pinned.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Thread

from textual._compositor import Compositor
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.events import ScreenResume
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.lean import load_palette, load_tls
from tui.output.drawn import DrawnApp


class QuickApp(DrawnApp):
    """An app that parses its style sheet once, and draws its first screen once."""

    def begin_with(self, theme: str) -> None:
        """Set the theme before anything is parsed."""
        self.theme = theme
        self.stylesheet.set_variables(self.get_css_variables())

    def refresh_css(self, animate: bool = True) -> None:
        """Parse the style sheet anew, unless there is nothing yet that has styles."""
        if self.screen_stack:
            super().refresh_css(animate)

    def action_command_palette(self) -> None:
        """Open the command palette, which is loaded now."""
        load_palette()
        super().action_command_palette()

    def _end_batch(self) -> None:
        super()._end_batch()
        if not self._batch_count and self.screen_stack:
            self.screen._compositor_refresh()


class CroppedCompositor(Compositor):
    """Renders the lines that changed; Textual's renders all lines of all widgets that may stand there."""

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders()
            return
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            part = seen.intersection(crop)
            if part:
                lines = Region(seen.x - region.x, part.y - region.y, seen.width, part.height)
                yield Region(seen.x, part.y, seen.width, part.height), clip, widget.render_lines(lines)


class QuickScreen(Screen[None]):
    """A screen that is drawn once when it opens, and then only where something changed."""

    BLANK = True

    def __init__(self) -> None:
        super().__init__()
        self._compositor = CroppedCompositor()

    def _extend_compose(self, widgets: list[Widget]) -> None:
        """Add none of Textual's own widgets: what is told stands in the note."""

    def _on_screen_resume(self, event: ScreenResume) -> None:
        # All widgets took their styles when they were mounted, a moment ago; Textual would have them do it again.
        if not self.stack_updates:
            event.refresh_styles = False

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        # Textual asks of each of a hundred keys whether a widget inside takes it for itself; only lines to type in do.
        focused = self.focused
        nodes = () if focused is None else tuple(focused.ancestors_with_self)
        takes_keys = any(type(node).check_consume_key is not DOMNode.check_consume_key for node in nodes)
        if focused is None or focused.loading or takes_keys or self.app._keymap:
            return super()._binding_chain
        return [(node, node._bindings) for node in nodes]

    def _compositor_refresh(self) -> None:
        # Textual throws away what is drawn in a batch, such as the whole start is; it is drawn at the batch's end.
        if not self.app._batch_count:
            super()._compositor_refresh()


def settle() -> None:
    """Load what the first keys will need, and put the collector to rest; call it about a second after the start."""
    Thread(target=_settle, name="settling", daemon=True).start()


def _settle() -> None:
    from tui.lifeline import settle_memory
    from tui.screens.desk import preload

    preload()
    load_tls()
    settle_memory()
