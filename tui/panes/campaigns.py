"""The campaigns pane."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from store.queries.campaigns import list_campaigns
from store.rows import CampaignRow
from tui.actions import Pane
from tui.inquiries import CheckRequested
from tui.keys import bindings
from tui.messages import CampaignChosen, WordsChanged
from tui.panes.pane import TablePane
from tui.present.campaigns import CAMPAIGN_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import CursorMoved, Opened


class CampaignsPane(TablePane):
    """All campaigns, the newest sending first; the one under the cursor is shown in the other panes."""

    kind: ClassVar[Pane] = "campaigns"
    BINDINGS = bindings("campaigns")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._listed: tuple[CampaignRow, ...] = ()
        self._source = ListedRows()

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield self.heading("1")
        yield BigTable(CAMPAIGN_COLUMNS, empty="No campaign yet.")

    def on_mount(self) -> None:
        """Read the campaigns, and listen to changes."""
        self.read()
        self.desk.stirred.subscribe(self, self._stirred)

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign under the cursor."""
        row = self.table.current
        return row if isinstance(row, CampaignRow) else None

    def read(self) -> None:
        """Read the campaigns again; their counters make this cheap. The cursor stays on its campaign."""
        rows = list_campaigns(self.desk.store)
        table = self.table
        same = [row.id for row in rows] == [row.id for row in self._listed]
        self._listed = rows
        if same:
            self._source.rows = rows
            table.replace_rows({row.id: row for row in rows})
        else:
            self._source = ListedRows(rows)
            table.set_source(self._source, keep_id=table.cursor_id)
        self.post_message(WordsChanged())

    def find(self, campaign_id: int) -> CampaignRow | None:
        """Return a campaign as it was last read."""
        return next((row for row in self._listed if row.id == campaign_id), None)

    def do_refresh(self) -> None:
        """Read the campaigns again."""
        self.read()

    def do_check(self) -> None:
        """Ask for a message to be checked for the campaign's recipients."""
        from store.asking import RecipientFilter
        from store.outbox.whom import Whom

        campaign = self.campaign_shown()
        if campaign is not None:
            whom = Whom(wanted=RecipientFilter(campaign_id=campaign.id), words=campaign.name)
            self.post_message(CheckRequested(whom))

    def on_big_table_cursor_moved(self, event: CursorMoved) -> None:
        """Show the campaign in the other panes."""
        event.stop()
        campaign = self.campaign_shown()
        if campaign is not None:
            self.post_message(CampaignChosen(campaign))

    def on_big_table_opened(self, event: Opened) -> None:
        """Go to the recipients of the campaign."""
        event.stop()
        campaign = self.campaign_shown()
        if campaign is not None:
            self.post_message(CampaignChosen(campaign, entered=True))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & {"campaigns", "recipients"}:
            self.read()
