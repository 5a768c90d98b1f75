"""The send monitor as a screen."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual import work
from textual.widget import Widget

from store.rows import CampaignRow
from tui.keys import key_bar
from tui.messages import AcknowledgeRequested, DeferredOpened, TripwiresRequested, WordsChanged
from tui.panes.monitor import MonitorPane
from tui.panes.scope import deferred_scope
from tui.present.monitor import monitor_state
from tui.screens.desk import Desk
from tui.widgets.key_bar import KeyBar
from tui.widgets.note import Note
from tui.widgets.status_line import StatusLine


class MonitorScreen(Desk):
    """How a campaign is going out; Enter on a domain shows the recipients that are deferred there."""

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self._campaign = campaign

    def compose(self) -> Iterable[Widget]:
        """Draw title, figures, table and keys."""
        yield StatusLine(f" Monitor · {self._campaign.name}", style="title", id="title")
        yield MonitorPane(self._campaign)
        yield KeyBar(key_bar("monitor"))
        yield Note()

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say in the title how it goes, and how much is deferred where."""
        event.stop()
        row = self.query_one(MonitorPane).row
        if row is None:
            return
        words, _ = monitor_state(row, self.desk.clock())
        if row.deferred:
            domains = "1 domain" if row.domain_count == 1 else f"{row.domain_count:,} domains"
            words += f" · {row.deferred:,} deferred by {domains}"
        self.query_one("#title", StatusLine).show(f" Monitor · {row.campaign.name}", f"{words} ")

    def on_deferred_opened(self, event: DeferredOpened) -> None:
        """Show the recipients that are deferred there."""
        event.stop()
        self.desk.show_recipients(deferred_scope(event.campaign, event.domain))

    @work(group="request")
    async def on_tripwires_requested(self, event: TripwiresRequested) -> None:
        """Ask for the limits."""
        from store.actions import tripwires
        from store.actions.unchanged import on_tripwires
        from store.queries.tripwires import ALL, load
        from store.seen import seen_now
        from tui.dialogs.tripwires import SetTripwires

        campaign, store = event.campaign, self.desk.store
        sight = self.sight(seen_now(store))
        texts = await self.app.push_screen_wait(SetTripwires(campaign, load(store)))
        if texts:
            who, now = self.desk.operator, self.desk.clock()
            campaign_id = None if campaign is None else campaign.id
            act = partial(tripwires.set_tripwires, store, campaign_id, texts, who, now)
            self.write(partial(on_tripwires, store, sight, campaign_id or ALL, texts, act))

    def on_acknowledge_requested(self, event: AcknowledgeRequested) -> None:
        """Take note of the trips."""
        from store.actions import tripwires

        event.stop()
        who, now = self.desk.operator, self.desk.clock()
        self.write(partial(tripwires.acknowledge, self.desk.store, event.trip_ids, who, now))
