"""The pane that tells whether everything adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.message import Message
from textual.widget import Widget

from store.database import Store
from store.queries.reconciliation import defects, reconcile
from store.rows.reconciliation import CampaignAccount, FeedAccount, Reconciliation
from tui.actions import Pane
from tui.dialogs.showing import ShowRows
from tui.keys import bindings
from tui.messages import ScreenRequested, Told, WordsChanged
from tui.panes.scope import campaign_scope
from tui.panes.words import ToldPane, Words
from tui.present.history import Line
from tui.present.reconciliation import (
    CAMPAIGN_COLUMNS,
    DEFECT_COLUMNS,
    FEED_COLUMNS,
    campaign_lines,
    feed_lines,
)
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import Opened


class Reconciled(Message):
    """Posted by the reading thread: what was counted so far."""

    def __init__(self, found: Reconciliation) -> None:
        super().__init__()
        self.found = found


class ReconciliationPane(ToldPane):
    """Campaigns with their sums, or feeds with what became of their records.

    Attributes:
        feeds: whether feeds are shown.
        found: what was counted; None until it is there.
    """

    kind: ClassVar[Pane] = "reconcile"
    BINDINGS = bindings("reconcile")

    def __init__(self) -> None:
        super().__init__()
        self.feeds = False
        self.found: Reconciliation | None = None

    def compose(self) -> Iterable[Widget]:
        """Draw the table, and the lines that tell the sum of the row under the cursor."""
        yield BigTable(CAMPAIGN_COLUMNS, empty="Reading…")
        yield Words()

    def on_mount(self) -> None:
        """Count."""
        self.do_refresh()

    @property
    def busy(self) -> bool:
        """Whether nothing was counted yet; that everything is counted in depth is not waited for."""
        return self.found is None and super().busy

    def do_refresh(self) -> None:
        """Count again."""
        self.fetch(self._count)

    def do_feeds(self) -> None:
        """Show the feeds, or the campaigns again."""
        self.feeds = not self.feeds
        self.table.set_columns(FEED_COLUMNS if self.feeds else CAMPAIGN_COLUMNS)
        self._show()

    def on_big_table_opened(self, event: Opened) -> None:
        """Go to the campaign's recipients, or to the strangers; show what could not be read of a feed."""
        event.stop()
        row = self.table.current
        if isinstance(row, FeedAccount):
            self._open_feed(row)
        elif isinstance(row, CampaignAccount) and row.campaign is not None:
            self.desk.show_recipients(campaign_scope(row.campaign))
        else:
            self.post_message(ScreenRequested("strangers"))

    def on_reconciled(self, event: Reconciled) -> None:
        """Show it."""
        event.stop()
        self.found = event.found
        self._show()

    def _open_feed(self, row: FeedAccount) -> None:
        if not row.defects:
            self.post_message(Told("All of this feed could be read."))
            return
        store = self.desk.store

        def look() -> ListedRows:
            try:
                return ListedRows(defects(store, row.id))
            finally:
                store.close()

        self.app.push_screen(ShowRows(row.path, DEFECT_COLUMNS, look, ("defect", "defects")))

    def _show(self) -> None:
        found = self.found
        if found is None:
            return
        table = self.table
        table.set_empty("No feed was read yet." if self.feeds else "No campaign yet.")
        table.set_source(ListedRows(found.feeds if self.feeds else found.campaigns), keep_id=table.cursor_id)
        self.post_message(WordsChanged())

    def lines(self, row: CampaignAccount | FeedAccount, cells: int) -> Sequence[Line]:
        """Return how a campaign, or a feed, adds up."""
        return campaign_lines(row, cells) if isinstance(row, CampaignAccount) else feed_lines(row, cells)

    def _count(self, store: Store) -> None:
        for deep in (False, True):
            if not self.post_message(Reconciled(reconcile(store, deep=deep))):
                return
