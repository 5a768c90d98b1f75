"""What the operator has seen: how far the store had come when the rows of a pane were read."""

from __future__ import annotations

from store.seen import Seen
from tui.widgets.table_message import MarksChanged


class Sighted:
    """A pane that knows how old what it shows is; what changed later was not seen by whoever acts on its rows."""

    _seen: Seen | None = None
    _seen_marked: Seen | None = None

    @property
    def marking(self) -> bool:
        """Whether rows are marked."""
        return False

    @property
    def seen(self) -> Seen | None:
        """How far the store had come when the rows were read, or when the first of the marked ones was marked."""
        return (self._seen_marked if self.marking else None) or self._seen

    def saw(self, seen: Seen, *, anew: bool = True) -> None:
        """Note how far the store had come when the rows shown were read; ``anew``: marked rows are looked at, too."""
        self._seen = seen
        if anew:
            self._seen_marked = seen if self.marking else None

    def on_big_table_marks_changed(self, event: MarksChanged) -> None:
        """Note what was known when rows were marked: what happens to them later may be out of sight."""
        self._seen_marked = (self._seen_marked or self._seen) if event.count else None
