"""The pane of a report: charts or figures of a campaign, each part shown as soon as it is read."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.message import Message

from store.errors import StoreError
from store.queries.reports import growing_report
from store.rows import CampaignRow
from store.rows.reports import ReportRow
from tui.actions import Context, Pane
from tui.keys import bindings
from tui.messages import CompareRequested, DomainsRequested, Failed, Refused, ReportFileRequested, WordsChanged
from tui.panes.pacing import Pace
from tui.panes.text import TextPane
from tui.present.ink import ink_for
from tui.present.report import Manner, report_lines

_SCOPES = frozenset({"campaigns", "recipients", "links"})


class ReportPane(TextPane):
    """The report on one campaign, and another one beside it when that is asked for.

    Attributes:
        campaign: the campaign, as it was read last.
        other: the campaign beside it.
        figures: whether numbers are shown in place of charts.
        found: what was read so far.
        pace: when it is read again.
    """

    kind: ClassVar[Pane] = "report"
    BINDINGS = bindings("report")

    class Found(Message):
        """Posted by the reading thread: the report with one more part; ``whole`` if it is the last one."""

        def __init__(self, number: int, found: ReportRow | None, *, whole: bool = False) -> None:
            super().__init__()
            self.number = number
            self.found = found
            self.whole = whole

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self.campaign = campaign
        self.other: CampaignRow | None = None
        self.figures = False
        self.found: ReportRow | None = None
        self._asked = 0
        self._whole = False
        # Textual draws on what stderr was when the program began.
        self._ink = ink_for(sys.__stderr__.encoding if sys.__stderr__ else None, os.environ)
        self.pace = Pace(self, self._begin)

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.pace.now()
        self.desk.stirred.subscribe(self, self._stirred)

    def on_resize(self) -> None:
        """Draw it for another height, too."""
        self._draw()

    def context(self) -> Context:
        """Return what an action would act on now."""
        return Context(self.kind, campaign=self.campaign, read_only=self.desk.store.read_only)

    @property
    def busy(self) -> bool:
        """Whether no part of it was read yet."""
        return self.found is None and self.pace.busy

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign."""
        return self.campaign

    def compare(self, other: CampaignRow) -> None:
        """Put another campaign beside this one."""
        self.other = other
        self.found = None if self.found is None else replace(self.found, comparison=None)
        self.pace.now()
        self.text.action_first()

    def do_refresh(self) -> None:
        """Read again."""
        self.pace.now()

    def do_figures(self) -> None:
        """Show figures in place of charts, or the other way round."""
        self.figures = not self.figures
        self._draw()

    def do_compare(self) -> None:
        """Ask for the other campaign."""
        self.post_message(CompareRequested())

    def do_domains(self) -> None:
        """Ask for the receiving domains."""
        self.post_message(DomainsRequested(self.campaign))

    def do_write_report(self) -> None:
        """Ask for the report to be written to a file, once all of it is there."""
        if self.found is None or not self._whole:
            self.post_message(Refused("The report is still being read; try again in a moment."))
        else:
            self.post_message(ReportFileRequested(self.found))

    def do_back(self) -> None:
        """Take the other campaign away, or else leave."""
        if self.other is None:
            super().do_back()
            return
        self.other = None
        self.found = None if self.found is None else replace(self.found, comparison=None)
        self._draw()
        self.post_message(WordsChanged())

    def on_report_pane_found(self, event: Found) -> None:
        """Show what is there; parts that are still to come stay as they were read before."""
        event.stop()
        if event.number != self._asked:
            return
        if event.found is not None:
            self.campaign = event.found.campaign
            found = _merged(event.found, self.found)
            # The other campaign may have been taken away while it was read.
            self.found = found if self.other is not None else replace(found, comparison=None)
            self._draw()
            self.post_message(WordsChanged())
        if event.whole:
            self._whole = True
            self.pace.done()

    def _draw(self) -> None:
        found, height = self.found, self.size.height
        if found is None:
            return
        now = self.desk.clock()
        self.text.show(lambda cells: report_lines(found, Manner(cells, height, now, self.figures, ink=self._ink)))

    def _begin(self) -> None:
        self._asked += 1
        self._whole = False
        self._read_all(self._asked, None if self.other is None else self.other.id)

    @work(thread=True, exclusive=True, group="report")
    def _read_all(self, number: int, other_id: int | None) -> None:
        store = self.desk.store
        try:
            for found in growing_report(store, self.campaign.id, other_id):
                if number != self._asked:
                    return
                self.post_message(self.Found(number, found))
        except StoreError as error:
            self.post_message(Failed(str(error)))
        finally:
            store.close()
            self.post_message(self.Found(number, None, whole=True))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & _SCOPES:
            self.pace.changed()


def _merged(new: ReportRow, old: ReportRow | None) -> ReportRow:
    """Return ``new`` with what it does not have yet from ``old``."""
    if old is None:
        return new
    beside, before = new.comparison, old.comparison
    if beside is not None and before is not None and beside.both is None and before.other.id == beside.other.id:
        beside = replace(beside, both=before.both)
    return replace(
        new,
        links=old.links if new.links is None else new.links,
        people=old.people if new.people is None else new.people,
        machines=old.machines if new.machines is None else new.machines,
        unknown=old.unknown if new.unknown is None else new.unknown,
        comparison=beside,
    )
