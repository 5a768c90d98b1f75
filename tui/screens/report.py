"""The report on a campaign, and its receiving domains."""

from __future__ import annotations

import asyncio
from functools import partial

from textual import work

from store.errors import StoreError
from store.queries.campaigns import list_campaigns
from store.rows import CampaignRow
from tui.messages import (
    CompareRequested,
    DomainOpened,
    DomainsRequested,
    Failed,
    Refused,
    ReportFileRequested,
    Told,
    WordsChanged,
)
from tui.panes.domains import DomainsPane
from tui.panes.pane import TablePane
from tui.panes.report import ReportPane
from tui.panes.scope import domain_scope
from tui.panes.text import TextPane
from tui.screens.tables import TableScreen
from tui.screens.text import TextScreen
from tui.widgets.status_line import StatusLine


class ReportScreen(TextScreen):
    """Charts and figures of a campaign."""

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self._campaign = campaign
        self.heading = f"Report · {campaign.name}"

    def pane(self) -> TextPane:
        """Return the report."""
        return ReportPane(self._campaign)

    def on_words_changed(self, event: WordsChanged) -> None:
        """Name the campaigns in the title."""
        event.stop()
        pane = self.query_one(ReportPane)
        beside = f" beside {pane.other.name}" if pane.other is not None else ""
        self.query_one("#title", StatusLine).show(f" Report · {pane.campaign.name}{beside}")

    @work(group="request")
    async def on_compare_requested(self, event: CompareRequested) -> None:
        """Ask for the campaign to stand beside."""
        from tui.dialogs.compare import ChooseCampaign

        others = [row for row in list_campaigns(self.desk.store) if row.id != self._campaign.id and row.attempted]
        if not others:
            self.post_message(Refused("There is no other campaign of which anything was sent."))
            return
        picked = await self.app.push_screen_wait(ChooseCampaign(self._campaign, others))
        if picked is not None:
            self.query_one(ReportPane).compare(picked)

    def on_domains_requested(self, event: DomainsRequested) -> None:
        """Show the receiving domains."""
        event.stop()
        self.app.push_screen(DomainsScreen(event.campaign))

    @work(group="request")
    async def on_report_file_requested(self, event: ReportFileRequested) -> None:
        """Ask for the file and write it."""
        from store.exports import report_html
        from store.exports.formats import Format
        from tui.dialogs.export import ChooseFile, proposed_path

        report = event.report
        first = f"Report · {report.campaign.name}"
        if report.comparison is not None:
            first += f" beside {report.comparison.other.name}"
        proposed = proposed_path(f"{report.campaign.name} report").with_suffix(Format.HTML.suffix)
        file = await self.app.push_screen_wait(ChooseFile(first, proposed, (Format.HTML,)))
        if file is None:
            return
        write = partial(
            report_html.export, self.desk.store, report, file.path, self.desk.clock(), overwrite=file.overwrite
        )
        try:
            await asyncio.to_thread(write)
        except StoreError as error:
            self.post_message(Failed(str(error)))
        else:
            self.post_message(Told(f"The report was written to {file.path}."))


class DomainsScreen(TableScreen):
    """The receiving domains of a campaign; Enter shows the recipients of one."""

    noun = ("domain", "domains")

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self._campaign = campaign
        self.heading = f"Receiving domains · {campaign.name}"

    def pane(self) -> TablePane:
        """Return the domains."""
        return DomainsPane(self._campaign)

    def on_domain_opened(self, event: DomainOpened) -> None:
        """Show the recipients."""
        event.stop()
        self.desk.show_recipients(domain_scope(event.campaign, event.domain))
