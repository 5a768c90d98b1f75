"""The pane of a raw mail."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.message import Message

from store.database import Store
from store.errors import StoreError
from store.evidence import RawMailRow
from store.queries.mails import raw_mail
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import Told, WordsChanged
from tui.panes.text import TextPane
from tui.present.strangers import raw_lines


class MailPane(TextPane):
    """The mails or log lines that tell of a recipient, one at a time.

    Attributes:
        at: which one is shown, from 0.
        raw: it, or the sentence why it cannot be shown; None while it is read.
    """

    kind: ClassVar[Pane] = "mail"
    BINDINGS = bindings("mail")

    class Found(Message):
        """Posted by the reading thread: the mail at a position, or why there is none."""

        def __init__(self, at: int, raw: RawMailRow | str) -> None:
            super().__init__()
            self.at = at
            self.raw = raw

    def __init__(self, event_ids: tuple[int, ...]) -> None:
        super().__init__()
        self.event_ids = event_ids
        self.at = 0
        self.raw: RawMailRow | str | None = None

    def on_mount(self) -> None:
        """Read the first one."""
        self.fetch(partial(self._read, self.at))

    def do_mail(self) -> None:
        """Show the next one, after the last one the first."""
        if len(self.event_ids) == 1:
            self.post_message(Told("There is no other mail or line about this recipient."))
            return
        self.at = (self.at + 1) % len(self.event_ids)
        self.fetch(partial(self._read, self.at))

    def on_mail_pane_found(self, event: Found) -> None:
        """Show it from its beginning."""
        event.stop()
        if event.at == self.at:
            self.raw = event.raw
            self.text.action_first()
            self.text.show(lambda cells: raw_lines(event.raw, cells))
            self.post_message(WordsChanged())

    def _read(self, at: int, store: Store) -> None:
        raw: RawMailRow | str
        try:
            raw = raw_mail(store, self.event_ids[at])
        except StoreError as error:
            raw = str(error)
        self.post_message(self.Found(at, raw))
