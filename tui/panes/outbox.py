"""The panes of the outbox: all sends, and the mails of one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget

from store.database import Store
from store.queries.outbox import list_sends
from store.queries.outbox_mails import MailsView
from store.rows.outbox import OutboxRow, SendRow
from store.vocabulary import OutboxState
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import HistoryRequested, Refused
from tui.outgoing import SendOpened, SendRequested, UnsureRequested, WrongRequested
from tui.panes.reading import Found, ReadPane
from tui.panes.search_line import SearchLine
from tui.panes.searched import Build, SearchedPane
from tui.present.sends import MAIL_COLUMNS, send_columns, send_lines
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import Row
from tui.widgets.table_message import Opened
from tui.widgets.text_lines import TextLines

_TICK_S = 1.0
_ORDER = (
    OutboxState.UNSURE,
    OutboxState.WAITING,
    OutboxState.HELD,
    OutboxState.REFUSED,
    OutboxState.ACCEPTED,
    OutboxState.SENDING,
)


class SendWords(TextLines, can_focus=False):
    """The lines that tell of the send under the cursor."""

    DEFAULT_CSS = "SendWords { height: 5; width: 1fr; background: $surface; }"


class OutboxPane(ReadPane):
    """All sends, the newest first; what is sent meanwhile is counted within a second."""

    kind: ClassVar[Pane] = "outbox"
    scopes = frozenset({"outbox", "campaigns", "recipients"})
    BINDINGS = bindings("outbox")

    def compose(self) -> Iterable[Widget]:
        """Draw the table and the lines under it."""
        empty = "Nothing was sent from here yet; R on a campaign sends it again."
        yield BigTable(send_columns(self.desk.clock), empty=empty)
        yield SendWords()

    def on_mount(self) -> None:
        """Tell of the row under the cursor, and let countdowns run; rows are read by :class:`ReadPane`."""
        self.table.on_cursor = self._tell
        self.set_interval(_TICK_S, self._count_down)

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the sends."""
        return list_sends(store, self.desk.clock())

    def on_found(self, event: Found) -> None:
        """Tell of the row under the cursor anew; the rows are shown by :class:`ReadPane`."""
        self.call_after_refresh(lambda: self._tell(self.table.cursor_row, None))

    def current(self) -> SendRow | None:
        """Return the send under the cursor."""
        row = self.table.current
        return row if isinstance(row, SendRow) else None

    def do_start(self) -> None:
        """Ask for the send to be started, or to go on."""
        self._ask("start")

    def do_pause(self) -> None:
        """Ask for the send to be paused."""
        self._ask("pause")

    def do_stop(self) -> None:
        """Ask for the send to be stopped."""
        self._ask("stop")

    def do_wrong_send(self) -> None:
        """Ask for what can be done about a send that went out wrong."""
        row = self.current()
        if row is not None:
            self.post_message(WrongRequested(row.campaign_id, row.campaign))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the mails of the send."""
        event.stop()
        row = self.current()
        if row is not None:
            self.post_message(SendOpened(row))

    def _ask(self, verb: str) -> None:
        row = self.current()
        if row is not None:
            self.post_message(SendRequested(verb, row))

    def _tell(self, position: int, row_id: int | None) -> None:
        row, now = self.current(), self.desk.clock()
        self.query_one(SendWords).show(lambda cells: send_lines(row, now, cells) if row is not None else [])

    def _count_down(self) -> None:
        row = self.current()
        if row is not None and row.starts_at is not None and row.starts_at > self.desk.clock():
            self.do_refresh()


class MailsPane(SearchedPane):
    """The mails of one send, in the order of sending; unsure ones are decided about here.

    Attributes:
        states: which mails are shown; empty: all.
    """

    kind: ClassVar[Pane] = "mails"
    BINDINGS = bindings("mails")
    snapshot = MailsView
    scopes = frozenset({"outbox", "recipients"})
    hint = "name, address or company"

    def __init__(self, send: SendRow) -> None:
        super().__init__()
        self.send = send
        self.states: tuple[OutboxState, ...] = (OutboxState.UNSURE,) if send.counts[OutboxState.UNSURE] else ()

    def compose(self) -> Iterable[Widget]:
        """Draw the table, and the line to search with."""
        yield BigTable(MAIL_COLUMNS, empty="Reading…")
        yield SearchLine(id="search")

    def build(self) -> Build:
        """Return what fills the snapshot."""
        message, states, text = self.send.id, self.states, self.text
        return lambda view: view.build(message, states, text)

    def empty(self) -> str:
        """Return what stands in place of rows when there are none."""
        which = f" is {self.states[0]}" if self.states else " is here"
        return f"No mail of this send{which}; t shows others." if self.states else "This send has no mails."

    def words(self) -> str:
        """Return what is shown, for people."""
        return self.states[0].value if self.states else "all"

    def do_mail_states(self) -> None:
        """Show the mails in the next state that occurs, then all."""
        there = [state for state in _ORDER if self.send.counts[state]]
        ways: list[tuple[OutboxState, ...]] = [(), *((state,) for state in there)]
        at = ways.index(self.states) if self.states in ways else 0
        self.states = ways[(at + 1) % len(ways)]
        self.release_marks()
        self.do_refresh()

    async def do_take_sent(self) -> None:
        """Ask for unsure mails to be taken for sent."""
        await self._decide(sent=True)

    async def do_send_again(self) -> None:
        """Ask for unsure mails to be sent again."""
        await self._decide(sent=False)

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the recipient's history."""
        event.stop()
        row = self.table.current
        if isinstance(row, OutboxRow):
            self.post_message(HistoryRequested(row.recipient_id))

    async def _decide(self, *, sent: bool) -> None:
        table, view = self.table, self.view
        if view is None or table.cursor_id is None:
            return
        ids = [table.cursor_id]
        if table.marked:
            ids = await asyncio.to_thread(view.resolve, table.selection)
        if not ids:
            self.post_message(Refused("None of the marked mails is shown here; Esc takes the marks off."))
        else:
            self.post_message(UnsureRequested(tuple(ids), sent=sent))
