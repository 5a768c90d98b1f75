"""The answers to requests that take back what was done, or do it again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from tui.actions import TYPED_ABOVE
from tui.messages import RedoRequested, Refused, UndoRequested
from tui.screens.answering import Answering

if TYPE_CHECKING:
    from store.rows import Change, JournalRow
    from tui.inquiries import EntryRedoRequested, EntryUndoRequested


class Undoing(Answering):
    """Answers undo and redo, of the last action and of any entry of the journal."""

    def on_undo_requested(self, event: UndoRequested) -> None:
        """Take the last action back."""
        from store.actions import undo

        event.stop()
        self.write(partial(undo.undo, self.desk.store, self.desk.operator, self.desk.clock()))

    def on_redo_requested(self, event: RedoRequested) -> None:
        """Do it again."""
        from store.actions import undo

        event.stop()
        self.write(partial(undo.redo, self.desk.store, self.desk.operator, self.desk.clock()))

    @work(group="request")
    async def on_entry_undo_requested(self, event: EntryUndoRequested) -> None:
        """Take an entry back; ask first about somebody else's, and about large ones."""
        from store.actions import undo

        entry = event.entry
        if entry.undoable and entry.undone_at is None and not await self._agreed("Take this back?", entry):
            return
        self._do(undo.undo, entry)

    @work(group="request")
    async def on_entry_redo_requested(self, event: EntryRedoRequested) -> None:
        """Do an entry again; ask first about somebody else's, and about large ones."""
        from store.actions import undo

        entry = event.entry
        if entry.undone_at is None:
            self.post_message(Refused("This entry stands; only what was undone can be done again."))
        elif await self._agreed("Do this again?", entry):
            self._do(undo.redo, entry)

    async def _agreed(self, question: str, entry: JournalRow) -> bool:
        from tui.dialogs.confirm import Confirm

        other = entry.operator != self.desk.operator.name
        large = entry.subjects > TYPED_ABOVE
        if not (other or large):
            return True
        rows = f"{entry.subjects:,} row{'' if entry.subjects == 1 else 's'}"
        whose = f"{entry.operator} did this, not you; the journal will say that you took part in it." if other else ""
        lines = (entry.sentence, rows, whose, "Rows that were changed since are left alone.")
        asked = Confirm(question, lines, entry.subjects if large else 0)
        return await self.app.push_screen_wait(asked) is True

    def _do(self, change: Callable[..., Change], entry: JournalRow) -> None:
        self.write(partial(change, self.desk.store, self.desk.operator, self.desk.clock(), entry.id))
