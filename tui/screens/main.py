"""The main screen: campaigns, recipients, links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual import events
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.widget import Widget

from store.rows import CampaignRow
from tui.actions import Pane
from tui.keys import key_bar
from tui.messages import (
    CampaignChosen,
    Choice,
    LinkOpened,
    PaneLeft,
    PaneRequested,
    WordsChanged,
)
from tui.panes.campaigns import CampaignsPane
from tui.panes.links import LinksPane
from tui.panes.pane import TablePane
from tui.panes.recipients import RecipientsPane
from tui.panes.scope import NOBODY, Scope, campaign_scope
from tui.present.keys import tabs
from tui.screens.desk import LOW, Desk
from tui.widgets.bucket_bar import BucketBar
from tui.widgets.cell_line import CellLine
from tui.widgets.key_bar import KeyBar
from tui.widgets.note import Note
from tui.widgets.status_line import StatusLine

WIDE = 120
"""Columns from which all three panes are shown."""

_ORDER: tuple[Pane, ...] = ("campaigns", "recipients", "links")


class MainScreen(Desk):
    """Three panes: all of them in a wide terminal, else the one that has the keys.

    Attributes:
        active: the pane that has the keys.
        narrow: whether only that one is shown.
        low: whether only its rows are, without what stands above them.
    """

    AUTO_FOCUS = "#campaigns BigTable"

    def __init__(self) -> None:
        super().__init__()
        self.active: Pane = "campaigns"
        self.narrow = True
        self.low = False

    def compose(self) -> Iterable[Widget]:
        """Draw title, buckets, panes and keys."""
        yield StatusLine(" aftersend", style="title", id="title")
        yield CellLine(tabs("campaigns"), id="tabs")
        yield BucketBar()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield CampaignsPane(id="campaigns")
                yield LinksPane(id="links")
            yield RecipientsPane(id="recipients")
        yield KeyBar(key_bar(self.active))
        yield Note()

    @property
    def campaigns(self) -> CampaignsPane:
        """Pane 1."""
        return self.query_one(CampaignsPane)

    @property
    def recipients(self) -> RecipientsPane:
        """Pane 2."""
        return self.query_one(RecipientsPane)

    @property
    def links(self) -> LinksPane:
        """Pane 3."""
        return self.query_one(LinksPane)

    def on_mount(self) -> None:
        """Show the first campaign: it stands in the first frame, and nothing moves after that."""
        self._fit(self.app.size)
        campaign = self.campaigns.campaign_shown()
        if campaign is not None:
            self._show(campaign)
            self._draw_words()

    def on_resize(self, event: events.Resize) -> None:
        """Show all panes if there is room for them, else the one that has the keys."""
        self._fit(event.size)

    def show_recipients(self, scope: Scope) -> None:
        """Show these recipients in their pane."""
        self.recipients.show(scope)
        self.go_to("recipients")

    def go_to(self, pane: Pane) -> None:
        """Give the keys to a pane."""
        self._at(pane)
        # A narrow terminal hides the other panes, and a hidden table takes no keys before the style sheet was applied.
        self.soon(self.query_one(f"#{pane}", TablePane).focus_table)

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has them now."""
        pane = self.acting()
        if pane is not None:
            self._at(pane.kind)

    def on_pane_requested(self, event: PaneRequested) -> None:
        """Go to the pane."""
        event.stop()
        at = event.number - 1 if event.number else (_ORDER.index(self.active) + event.step) % len(_ORDER)
        self.go_to(_ORDER[at])

    def on_pane_left(self, event: PaneLeft) -> None:
        """Go back to the campaigns, and from a list or a search back to the campaign shown before."""
        event.prevent_default().stop()
        campaign = self.campaigns.campaign_shown()
        if self.active == "campaigns":
            self.desk.tell("This is the first pane; q leaves.")
        elif campaign is not None:
            self._show(campaign)
        self.go_to("campaigns")

    def on_campaign_chosen(self, event: CampaignChosen) -> None:
        """Show the campaign in the other panes; a list or a search stays until the operator moves to a campaign."""
        event.stop()
        if event.entered or self.active == "campaigns" or self.recipients.scope is NOBODY:
            self._show(event.campaign)
        if event.entered:
            self.go_to("recipients")

    def on_link_opened(self, event: LinkOpened) -> None:
        """Show who clicked it."""
        event.stop()
        from tui.screens.tables import ClickersScreen

        self.app.push_screen(ClickersScreen(event.link))

    def on_words_changed(self, event: WordsChanged) -> None:
        """Draw title and buckets again."""
        event.stop()
        self._draw_words()

    def _draw_words(self) -> None:
        pane = self.recipients
        campaign = pane.scope.campaign and self.campaigns.find(pane.scope.campaign.id)
        if campaign is not None:
            pane.scope = replace(pane.scope, campaign=campaign)
        bar = self.query_one(BucketBar)
        bar.display = campaign is not None and not self.low
        bar.show(campaign)
        self.query_one("#title", StatusLine).show(f" {pane.words() or 'aftersend'}", f"{self._counts(campaign)} ")

    def decided(self, choice: Choice) -> None:
        """Step on to the next row, or take the marks off that were decided about."""
        if choice.marked:
            self.recipients.release_marks()
        elif self.active == "recipients" and self.recipients.table.cursor_id in choice.ids:
            self.recipients.step_on()

    def taken_off(self) -> None:
        """Take the marks off, and read the members again when they are gone."""
        self.recipients.release_marks()
        self.recipients.members_move = True

    def _fit(self, size: Size) -> None:
        narrow, low = size.width < WIDE, size.height < LOW
        if (narrow, low) != (self.narrow, self.low) or not self.stack_updates:
            self.narrow, self.low = narrow, low
            self._arrange()
            self._draw_words()

    def _at(self, pane: Pane) -> None:
        if pane != self.active:
            self.active = pane
            self._arrange()

    def _arrange(self) -> None:
        """Show and hide by hand: a class on the screen would have every widget painted anew at each change of panes."""
        line = self.query_one("#tabs", CellLine)
        line.display = self.narrow and not self.low
        line.show(tabs(self.active))
        for each in _ORDER:
            self.query_one(f"#{each}").display = not self.narrow or each == self.active
        self.query_one("#left").display = not self.narrow or self.active != "recipients"
        self.set_class(self.narrow, "-narrow")

    def _show(self, campaign: CampaignRow) -> None:
        self.recipients.show(campaign_scope(campaign))
        if self.links.campaign_shown() is not campaign:
            self.links.show(campaign)

    def _counts(self, campaign: CampaignRow | None) -> str:
        pane = self.recipients
        total = pane.table.total
        of = f" of {campaign.planned:,}" if campaign is not None and campaign.planned != total else ""
        narrow = self.narrow
        parts = [f"{total:,}{of} shown"]
        if pane.marked():
            parts.append(f"{pane.marked():,} marked")
        if pane.hidden:
            parts.append(f"{pane.hidden:,} hidden" if narrow else f"{pane.hidden:,} marked but hidden")
        if pane.stale:
            parts.append(f"{pane.changed:,} changed" + ("" if narrow else ", . reads again"))
        if campaign is not None and campaign.open_bounces:
            noun = "bounce" if campaign.open_bounces == 1 else "bounces"
            parts.append(f"{campaign.open_bounces:,} open" if narrow else f"{campaign.open_bounces:,} {noun} open")
        return " · ".join(parts)
