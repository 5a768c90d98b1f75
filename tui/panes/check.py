"""The pane of the gate: what was found about a message that is to be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.message import Message as Posted
from textual.widget import Widget

from store.database import Store
from store.errors import StoreError
from store.outbox.checking import check
from store.outbox.checks.finding import AskLinks, AskText, Audience, Level
from store.outbox.content import Message
from store.outbox.gate import Checked
from store.outbox.relay import Relay
from store.outbox.whom import Whom
from tui.actions import Pane
from tui.inquiries import OverrideRequested, PreviewRequested, TickRequested
from tui.keys import bindings
from tui.messages import Failed, Refused, Told, WordsChanged
from tui.panes.policy import Explained
from tui.panes.reading import Found, ReadPane
from tui.present.checks import CHECK_COLUMNS, FindingRow, finding_lines, finding_rows
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import Row
from tui.widgets.table_message import Opened


class CheckPane(ReadPane):
    """What the rules found, the gravest first; ticks and overrides are given here.

    Everybody's mail is tried when the pane opens and at every refresh; after a tick or an undo only the rules look
    again.

    Attributes:
        checked: what came of it last; None until something did.
        progress: (mails tried, of how many) while they are tried, else None.

    Args:
        read: reads the message, again at every refresh; called in a thread.
        whom: who would get it; None: nobody yet.
        relay: through which it is to go, if that is known.
        campaign_id: the send itself, if it was prepared already; else 0.
    """

    kind: ClassVar[Pane] = "check"
    scopes = frozenset({"checks", "journal"})
    BINDINGS = bindings("check")

    class Judged(Posted):
        """Posted by the reading thread: what came of the check."""

        def __init__(self, checked: Checked) -> None:
            super().__init__()
            self.checked = checked

    class Trying(Posted):
        """Posted by the reading thread now and then: how many mails were tried, of how many."""

        def __init__(self, done: int, of: int) -> None:
            super().__init__()
            self.progress = (done, of)

    def __init__(
        self, read: Callable[[], Message], whom: Whom | None, relay: Relay | None = None, campaign_id: int = 0
    ) -> None:
        super().__init__()
        self._read_message = read
        self.whom = whom
        self._relay = relay
        self._campaign_id = campaign_id
        self._people: Audience | None = None
        self._asking: tuple[AskLinks | None, AskText | None] = (None, None)
        self.checked: Checked | None = None
        self.progress: tuple[int, int] | None = None

    def compose(self) -> Iterable[Widget]:
        """Draw the table and the lines under it."""
        yield BigTable(CHECK_COLUMNS, empty="Checking …")
        yield Explained()

    def on_mount(self) -> None:
        """Explain what is under the cursor; the rows are read by :class:`ReadPane`."""
        self.table.on_cursor = self._explain

    def do_refresh(self) -> None:
        """Read the message again and try everybody's mail anew."""
        self._people = None
        super().do_refresh()

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & self.scopes:
            super().do_refresh()

    def rows(self, store: Store) -> Sequence[Row]:
        """Check the message; called in a thread."""
        known = self._people
        ask_links, ask_text = self._asking
        try:
            message = self._read_message()
            if self.checked is not None and message.digest != self.checked.case.message.digest:
                known = None
            checked = check(
                store,
                message,
                self.whom,
                self.desk.clock(),
                relay=self._relay,
                campaign_id=self._campaign_id,
                ask_links=ask_links,
                ask_text=ask_text,
                on_tried=self._tell,
                people=known,
            )
        except StoreError as error:
            self.post_message(Failed(str(error)))
            return finding_rows(self.checked.findings) if self.checked is not None else ()
        self.post_message(self.Judged(checked))
        return finding_rows(checked.findings)

    def _tell(self, done: int, of: int) -> None:
        self.post_message(self.Trying(done, of))

    def on_check_pane_judged(self, event: Judged) -> None:
        """Keep what came of it."""
        event.stop()
        self.checked, self._people, self.progress = event.checked, event.checked.case.audience, None
        self.post_message(WordsChanged())

    def on_check_pane_trying(self, event: Trying) -> None:
        """Tell how far it is."""
        event.stop()
        self.progress = event.progress
        self.post_message(WordsChanged())

    def on_found(self, event: Found) -> None:
        """Explain the row under the cursor anew; the rows are shown by :class:`ReadPane`."""
        self.call_after_refresh(lambda: self._explain(self.table.cursor_row, None))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the mail."""
        event.stop()
        self.do_preview()

    def do_tick(self) -> None:
        """Ask for the rule under the cursor to be ticked."""
        found = self._current()
        if found is not None:
            self.post_message(TickRequested(found[0].finding.rule, found[1]))

    def do_override(self) -> None:
        """Ask for the rule under the cursor to be overridden."""
        found = self._current()
        if found is None:
            return
        row, checked = found
        if row.finding.level in {Level.RED, Level.ASKED}:
            self.post_message(OverrideRequested(row.finding.rule, checked))
        else:
            self.post_message(Refused("This keeps nothing from being sent; only what is red or asked is overridden."))

    def do_preview(self) -> None:
        """Ask for the mails to be shown."""
        if self.checked is not None:
            self.post_message(PreviewRequested(self.checked, self.whom))

    def do_ask_outside(self) -> None:
        """Ask the links and the DNS, now and at every refresh from now on."""
        from store.mailhosts import TextRecords
        from store.outbox.checks.asking import LinkAsker

        self._asking = (LinkAsker(), TextRecords())
        self.post_message(Told("Asking whether the links answer, and the DNS …"))
        super().do_refresh()

    def _current(self) -> tuple[FindingRow, Checked] | None:
        row = self.table.current
        return (row, self.checked) if isinstance(row, FindingRow) and self.checked is not None else None

    def _explain(self, position: int, row_id: int | None) -> None:
        row = self.table.current
        if isinstance(row, FindingRow):
            self.query_one(Explained).show(partial(finding_lines, row))
