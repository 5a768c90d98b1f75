"""The outbox as screens: all sends, and the mails of one."""

from __future__ import annotations

from store.rows.outbox import SendRow
from tui.messages import WordsChanged
from tui.outgoing import SendOpened
from tui.panes.outbox import MailsPane, OutboxPane
from tui.panes.pane import TablePane
from tui.screens.tables import TableScreen
from tui.widgets.status_line import StatusLine


class OutboxScreen(TableScreen):
    """What is sent from here; Enter shows the mails of a send."""

    heading = "Outbox"
    noun = ("send", "sends")

    def pane(self) -> TablePane:
        """Return the sends."""
        return OutboxPane()

    def on_send_opened(self, event: SendOpened) -> None:
        """Show its mails."""
        event.stop()
        self.app.push_screen(MailsScreen(event.send))


class MailsScreen(TableScreen):
    """The mails of one send, all or in one state."""

    noun = ("mail", "mails")

    def __init__(self, send: SendRow) -> None:
        super().__init__()
        self._send = send
        self.heading = f"Outbox · {send.campaign}"

    def pane(self) -> TablePane:
        """Return the mails."""
        return MailsPane(self._send)

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say which mails are shown."""
        event.prevent_default()
        super().on_words_changed(event)
        pane = self.query_one(MailsPane)
        text = f" · “{pane.text}”" if pane.text else ""
        self.query_one("#title", StatusLine).show(f" {self.heading} · {pane.words()}{text}")
