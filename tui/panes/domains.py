"""The pane of the receiving domains of a campaign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.message import Message
from textual.widget import Widget

from store.asking import Sort
from store.errors import StoreError
from store.queries.domains import DomainView
from store.queries.view import Interrupted
from store.rows import CampaignRow
from store.rows.reports import DomainRow
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import DomainOpened, Failed, Refused, WordsChanged
from tui.panes.pacing import Pace
from tui.panes.pane import TablePane
from tui.present.domains import DOMAIN_COLUMNS, DOMAIN_SORTS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import Row
from tui.widgets.table_message import Opened


class _Rows:
    """The rows of the view that is shown; a newer one in the same order takes its place unseen."""

    def __init__(self, view: DomainView) -> None:
        self.view = view

    @property
    def total(self) -> int:
        return self.view.total

    def page(self, offset: int, limit: int) -> tuple[Row, ...]:
        return self.view.page(offset, limit)

    def position(self, row_id: int) -> int | None:
        return self.view.position(row_id)


class DomainsPane(TablePane):
    """The receiving domains, the one with most recipients first; their places stay until they are read again.

    Attributes:
        sort: the order.
        pace: when it is counted anew.
    """

    kind: ClassVar[Pane] = "domains"
    BINDINGS = bindings("domains")

    class Built(Message):
        """Posted by the reading thread: the domains, counted; whoever takes ``view`` closes it."""

        def __init__(self, number: int, view: DomainView | None, *, placed: bool) -> None:
            super().__init__()
            self.number = number
            self.view = view
            self.placed = placed

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self._campaign = campaign
        self.sort = Sort("planned", reverse=True)
        self._asked = 0
        self._placed = False
        self._rows: _Rows | None = None
        self._counting: DomainView | None = None
        self.pace = Pace(self, self._begin)

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(DOMAIN_COLUMNS, empty="Counting…")

    def on_mount(self) -> None:
        """Count, and listen to changes."""
        self.table.show_sort(self.sort.column, self.sort.reverse)
        self.pace.now()
        self.desk.stirred.subscribe(self, self._stirred)

    def on_unmount(self) -> None:
        """Let go of the views."""
        self._asked += 1
        if self._counting is not None:
            self._counting.interrupt()
        if self._rows is not None:
            self._rows.view.close()

    @property
    def busy(self) -> bool:
        """Whether domains in the order that was asked for are still on their way."""
        return not self._placed and self.pace.busy

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign."""
        return self._campaign

    def do_refresh(self) -> None:
        """Count anew, and put everything in its place."""
        self._placed = False
        self.pace.now()

    def do_sort(self) -> None:
        """Ask for the column to sort by."""
        from tui.dialogs.sort import ChooseSort

        self.app.push_screen(ChooseSort(self.sort, DOMAIN_SORTS), self.order)

    def do_reverse(self) -> None:
        """Turn the order round."""
        self.order(Sort(self.sort.column, not self.sort.reverse))

    def order(self, sort: Sort | None) -> None:
        """Sort the domains; numbers begin with the largest. None: leave them as they are."""
        if sort is None:
            return
        if sort.column not in {self.sort.column, "domain"}:
            sort = Sort(sort.column, reverse=True)
        self.sort = sort
        self.table.show_sort(sort.column, sort.reverse)
        self.do_refresh()

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the recipients of the domain."""
        event.stop()
        row = self.table.current
        if not isinstance(row, DomainRow):
            return
        if row.key:
            self.post_message(DomainOpened(self._campaign, row))
        else:
            self.post_message(Refused("These recipients have no usable address, so no domain to show them by."))

    def on_domains_pane_built(self, event: Built) -> None:
        """Show the domains; the cursor stays on its domain."""
        event.stop()
        if event.number != self._asked:
            if event.view is not None:
                event.view.close()
            return
        self.pace.done()
        if event.view is None:
            return
        old, table = self._rows, self.table
        if old is not None and event.placed and event.view.total == old.total:
            before, old.view = old.view, event.view
            before.close()
            table.renew()
        else:
            self._rows = _Rows(event.view)
            table.set_empty("Nobody is planned.")
            table.set_source(self._rows, keep_id=table.cursor_id)
            if old is not None:
                old.view.close()
        self._placed = True
        self.post_message(WordsChanged())

    def _begin(self) -> None:
        self._asked += 1
        if self._counting is not None:
            self._counting.interrupt()
        places = self._rows.view if self._placed and self._rows is not None else None
        self._count(self._asked, self.sort, places)

    @work(thread=True, exclusive=True, group="domains")
    def _count(self, number: int, sort: Sort, places: DomainView | None) -> None:
        built: DomainView | None = None
        try:
            view = DomainView(self.desk.store)
            self._counting = view
            try:
                view.build(self._campaign.id, sort, places)
                built = view
            finally:
                if built is None:
                    view.close()
        except Interrupted:
            pass
        except StoreError as error:
            self.post_message(Failed(str(error)))
        if not self.post_message(self.Built(number, built, placed=places is not None)) and built is not None:
            built.close()

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & {"campaigns", "recipients"}:
            self.pace.changed()
