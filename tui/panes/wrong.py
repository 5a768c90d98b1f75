"""The pane of a campaign that went out wrong: what can be stopped, and who gets what."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.message import Message

from store.database import Store
from store.errors import NotFound, Refused, Unreachable
from store.outbox.postfix import VARIABLE, instance
from store.queries.queued import queued
from store.queries.wrong import EVERYBODY, Narrow, wrong_row
from store.rows.queued import QueueRow
from store.rows.wrong import WrongRow
from tui.actions import Context, Pane
from tui.keys import bindings
from tui.messages import WordsChanged
from tui.outgoing import RemedyRequested
from tui.panes.text import TextPane
from tui.present.history import Line
from tui.present.wrong import wrong_lines

_REMEDIES = frozenset({"stop-all", "hold", "release", "pull", "narrow", "who", "wrong-lists", "correct"})


class WrongPane(TextPane):
    """What can be done about a campaign that went out wrong, in the order in which it is done.

    Attributes:
        row: how it stands; None until it was read.
        queue: what waits of it in Postfix; None: not known, ``why`` tells why not.
        narrow: who of those that got it is told.
    """

    kind: ClassVar[Pane] = "wrong"
    BINDINGS = bindings("wrong")

    class Read(Message):
        """Posted by the reading thread."""

        def __init__(self, row: WrongRow, queue: QueueRow | None, why: str) -> None:
            super().__init__()
            self.row = row
            self.queue = queue
            self.why = why

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self._campaign_id = campaign_id
        self.row: WrongRow | None = None
        self.queue: QueueRow | None = None
        self.why = ""
        self.narrow = EVERYBODY

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.text.show(lambda cells: [(("Looking at the outbox, the mail queue and the recipients…", "muted"),)])
        self.do_refresh()
        self.desk.stirred.subscribe(self, self._stirred)

    def context(self) -> Context:
        """Return what an action would act on now."""
        return Context(self.kind, shown=int(self.row is not None), read_only=self.desk.store.read_only)

    async def act(self, verb: str) -> None:
        """Ask for a remedy; the rest as other panes of text do."""
        if verb not in _REMEDIES:
            await super().act(verb)
        elif self.row is not None:
            self.post_message(RemedyRequested(verb, self.row, self.queue, self.narrow))

    def do_refresh(self) -> None:
        """Look again."""
        self.fetch(partial(self._look, self.narrow))

    def tell(self, narrow: Narrow) -> None:
        """Tell these of the error."""
        self.narrow = narrow
        self.do_refresh()

    def on_wrong_pane_read(self, event: Read) -> None:
        """Show it."""
        event.stop()
        self.row, self.queue, self.why = event.row, event.queue, event.why
        self.text.show(self._lines(event.row))
        self.post_message(WordsChanged())

    def _lines(self, row: WrongRow) -> partial[Sequence[Line]]:
        return partial(wrong_lines, row, self.queue, self.why, self.narrow.words)

    def _look(self, narrow: Narrow, store: Store) -> None:
        queue, why = None, ""
        row = wrong_row(store, self._campaign_id, self.desk.clock(), narrow)
        try:
            queue = queued(store, self._campaign_id, instance(os.environ.get(VARIABLE)))
        except (NotFound, Refused, Unreachable) as error:
            why = str(error)
        self.post_message(self.Read(row, queue, why))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & {"outbox", "campaigns", "recipients"}:
            self.do_refresh()
