"""The links pane."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.widget import Widget

from store import rows as kinds
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import LinkOpened
from tui.panes.pane import TablePane
from tui.present.links import LINK_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import Opened

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import CampaignRow, LinkRow


class LinksPane(TablePane):
    """The links of the chosen campaign, the most clicked first."""

    kind: ClassVar[Pane] = "links"
    BINDINGS = bindings("links")

    class Found(Message):
        """Posted by the reading thread: the links of a campaign."""

        def __init__(self, campaign_id: int, rows: tuple[LinkRow, ...]) -> None:
            super().__init__()
            self.campaign_id = campaign_id
            self.rows = rows

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._campaign: CampaignRow | None = None
        self._due = False

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield self.heading("3")
        yield BigTable(LINK_COLUMNS, empty="No click on any link yet.")

    def on_mount(self) -> None:
        """Listen to changes."""
        self.desk.stirred.subscribe(self, self._stirred)

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign whose links are shown."""
        return self._campaign

    @property
    def busy(self) -> bool:
        """Whether the links are still on their way; they are not asked for before the campaign is drawn."""
        return self._due or super().busy

    def show(self, campaign: CampaignRow | None) -> None:
        """Show the links of a campaign; None: of none."""
        if campaign is None or self._campaign is None or campaign.id != self._campaign.id:
            self.table.set_source(ListedRows())
        self._campaign = campaign
        self._due = campaign is not None
        self.call_after_refresh(self.do_refresh)

    def do_refresh(self) -> None:
        """Read the links again."""
        self._due = False
        if self._campaign is not None:
            self.fetch(partial(self._read, self._campaign.id))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show who clicked the link."""
        event.stop()
        row = self.table.current
        if isinstance(row, kinds.LinkRow):
            self.post_message(LinkOpened(row))

    def on_links_pane_found(self, event: Found) -> None:
        """Show the links; the cursor stays on its link."""
        event.stop()
        if self._campaign is not None and self._campaign.id == event.campaign_id:
            table = self.table
            table.set_source(ListedRows(event.rows), keep_id=table.cursor_id)

    def _read(self, campaign_id: int, store: Store) -> None:
        from store.queries.links import list_links

        self.post_message(self.Found(campaign_id, list_links(store, campaign_id)))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if "links" in scopes:
            self.do_refresh()
