"""The pane of the send monitor."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.message import Message
from textual.widget import Widget

from store.errors import StoreError
from store.queries.monitor import SendMonitor
from store.queries.view import Interrupted
from store.rows import CampaignRow
from store.rows.monitor import DeferredRow, MonitorRow
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import AcknowledgeRequested, DeferredOpened, Failed, Refused, TripwiresRequested, WordsChanged
from tui.panes.pacing import Pace
from tui.panes.pane import TablePane
from tui.present.ink import ink_for
from tui.present.monitor import DEFERRING_COLUMNS, LINES, Deferring, monitor_lines
from tui.widgets.big_table import BigTable
from tui.widgets.bucket_bar import BucketBar
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import Opened
from tui.widgets.text_lines import TextLines

_TICK_S = 1.0
_STEP_S = 10


class Figures(TextLines, can_focus=False):
    """How the sending goes, in lines that are drawn again only where they differ."""

    DEFAULT_CSS = f"Figures {{ height: {LINES}; width: 1fr; }}"


class MonitorPane(TablePane):
    """How a campaign is going out: what has changed is read within a second, and the clock moves on by itself.

    Domains that defer keep their places, with the newest numbers; ``.`` puts those with most mails first again.

    Attributes:
        row: what was read last; None until it is there.
    """

    kind: ClassVar[Pane] = "monitor"
    BINDINGS = bindings("monitor")

    class Read(Message):
        """Posted by the reading thread; None: it could not be read."""

        def __init__(self, row: MonitorRow | None) -> None:
            super().__init__()
            self.row = row

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self.row: MonitorRow | None = None
        self._campaign = campaign
        self._monitor: SendMonitor | None = None
        self._gone = False
        self._places: dict[str, int] = {}
        self._drawn: tuple[object, ...] = ()
        self._ink = ink_for(sys.__stderr__.encoding if sys.__stderr__ else None, os.environ)
        self._pace = Pace(self, self._begin, rest_s=0.0)

    def compose(self) -> Iterable[Widget]:
        """Draw buckets, figures and the table."""
        yield BucketBar(self._campaign)
        yield Figures()
        yield BigTable(DEFERRING_COLUMNS, empty="Reading…")

    def on_mount(self) -> None:
        """Read, listen to changes, and move the clock on."""
        self._pace.now()
        self.desk.stirred.subscribe(self, self._stirred)
        self.set_interval(_TICK_S, self._draw)

    def on_unmount(self) -> None:
        """Let go of the monitor."""
        self._gone = True
        if self._monitor is not None:
            self._monitor.interrupt()
            self._monitor.close()

    @property
    def reading(self) -> bool:
        """Whether it is read, or will be in a moment."""
        return self._pace.busy

    @property
    def busy(self) -> bool:
        """Whether the first figures are still on their way."""
        return self.row is None and self.reading

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign."""
        return self.row.campaign if self.row is not None else self._campaign

    def do_refresh(self) -> None:
        """Read again, and put the domains in the order of their mails."""
        self._places.clear()
        self._pace.now()

    def do_tripwires(self) -> None:
        """Ask for the tripwires of the campaign."""
        self.post_message(TripwiresRequested(self._campaign))

    def do_all_tripwires(self) -> None:
        """Ask for the tripwires of all campaigns."""
        self.post_message(TripwiresRequested(None))

    def do_acknowledge(self) -> None:
        """Ask for the trips that ring to be taken note of."""
        ringing = [trip.id for trip in self.row.trips if trip.rings] if self.row is not None else []
        if ringing:
            self.post_message(AcknowledgeRequested(tuple(ringing)))
        else:
            self.post_message(Refused(f"No tripwire of {self._campaign.name} rings."))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the recipients that are deferred there."""
        event.stop()
        found = self.table.current
        if isinstance(found, Deferring):
            if found.row.key:
                self.post_message(DeferredOpened(self._campaign, found.row))
            else:
                self.post_message(Refused("These recipients have no usable address, so no domain to show them by."))

    def on_monitor_pane_read(self, event: Read) -> None:
        """Show what was read."""
        event.stop()
        self._pace.done()
        if event.row is None:
            return
        self.row = event.row
        self.query_one(BucketBar).show(event.row.campaign)
        self.table.set_empty("Nothing is deferred.")
        self._place(event.row)
        self._draw()

    def _draw(self) -> None:
        """Draw the figures as they are now, if any of them differs from those on the screen."""
        row = self.row
        if row is None:
            return
        clock = self.desk.clock()
        now = clock.replace(second=clock.second - clock.second % _STEP_S, microsecond=0)
        figures = self.query_one(Figures)
        drawn = (figures.size.width, *monitor_lines(row, now, max(1, figures.size.width - 2), self._ink))
        if drawn != self._drawn:
            self._drawn = drawn
            figures.show(lambda cells: monitor_lines(row, now, cells, self._ink))
            self.post_message(WordsChanged())

    def _place(self, row: MonitorRow) -> None:
        """Show the domains: those that were there keep their places, new ones stand behind them."""
        found = {domain.key: domain for domain in row.domains}
        anew = not self._places
        for key in found:
            self._places.setdefault(key, len(self._places) + 1)
        before = {item.row.key: item.row for item in self._shown()}
        rows = [Deferring(id_, found.get(key) or _ended(before[key])) for key, id_ in self._places.items()]
        table = self.table
        if anew or len(rows) != len(self._shown()):
            table.set_source(ListedRows(rows), keep_id=None if anew else table.cursor_id)
        else:
            source = table.source
            assert isinstance(source, ListedRows)
            source.rows = tuple(rows)
            table.replace_rows({item.id: item for item in rows})

    def _shown(self) -> list[Deferring]:
        source = self.table.source
        rows = source.rows if isinstance(source, ListedRows) else ()
        return [row for row in rows if isinstance(row, Deferring)]

    def _begin(self) -> None:
        self._read()

    @work(thread=True, group="monitor")
    def _read(self) -> None:
        store, row = self.desk.store, None
        try:
            if self._monitor is None:
                self._monitor = SendMonitor(store, self._campaign.id)
            if self._gone:
                self._monitor.close()
            row = self._monitor.read(self.desk.clock())
        except Interrupted:
            pass
        except StoreError as error:
            self.post_message(Failed(str(error)))
        finally:
            store.close()
        self.post_message(self.Read(row))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & {"campaigns", "recipients"}:
            self._pace.changed()


def _ended(row: DeferredRow) -> DeferredRow:
    """Return a domain at which nothing waits any more."""
    return replace(row, n=0)
