"""Panes that are text: help, welcome, a recipient's history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.message import Message
from textual.widget import Widget

from store.database import Store
from store.queries.history import history
from store.rows import CampaignRow, EventRow, RecipientRow
from store.seen import Seen, seen_now
from store.vocabulary import Source
from tui.actions import Context, Pane
from tui.inquiries import PersonRequested
from tui.keys import bindings
from tui.messages import Choice, MailsRequested, Refused, WordsChanged
from tui.panes.pane import Acting
from tui.present.history import Line, history_lines
from tui.present.keys import help_lines, welcome_lines
from tui.widgets.text_lines import TextLines

_MAILS = frozenset({Source.BOUNCE_MAIL, Source.FEEDBACK_LOOP})
_MOVES = {
    "down": "line_down",
    "up": "line_up",
    "first": "first",
    "last": "last",
    "page-down": "page_down",
    "page-up": "page_up",
}


class TextPane(Acting):
    """A pane of lines that scroll."""

    def compose(self) -> Iterable[Widget]:
        """Draw the lines."""
        yield TextLines()

    @property
    def text(self) -> TextLines:
        """The lines."""
        return self.query_one(TextLines)

    async def act(self, verb: str) -> None:
        """Do the action ``verb``: scroll, else as :class:`Acting` does."""
        if verb in _MOVES:
            getattr(self.text, f"action_{_MOVES[verb]}")()
        else:
            await super().act(verb)


class HelpPane(TextPane):
    """All keys, those of the pane it was called from first."""

    kind: ClassVar[Pane] = "help"
    BINDINGS = bindings("help")

    def __init__(self, of: Pane) -> None:
        super().__init__()
        self._of = of

    def on_mount(self) -> None:
        """Show the keys."""
        self.text.show(partial(help_lines, self._of))


class WelcomePane(TextPane):
    """What to do with an empty store."""

    kind: ClassVar[Pane] = "welcome"
    BINDINGS = bindings("welcome")

    def on_mount(self) -> None:
        """Show the two commands."""
        self.text.show(partial(welcome_lines, self.desk.store.place))


class HistoryPane(TextPane):
    """Everything about one recipient; decisions work here too.

    Attributes:
        whose: their name, for the title; "" until it was read.
        row: the recipient; None until it was read.
    """

    kind: ClassVar[Pane] = "history"
    BINDINGS = bindings("history")

    class Found(Message):
        """Posted by the reading thread: whom the pane is about, the events, and all of it as lines."""

        seen: Seen | None = None

        def __init__(
            self,
            whose: str,
            row: RecipientRow | None,
            events: Sequence[EventRow],
            lines: Callable[[int], Sequence[Line]],
        ) -> None:
            super().__init__()
            self.whose = whose
            self.row = row
            self.events = events
            self.lines = lines

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.whose = ""
        self.row: RecipientRow | None = None
        self._events: Sequence[EventRow] = ()

    def read(self, store: Store) -> Found:
        """Read the history; called in a thread."""
        found = history(store, self.number)
        row, now = found.recipient, self.desk.clock()
        whose = f"{row.name or row.address} · {row.campaign}"
        return self.Found(whose, row, found.events, lambda cells: history_lines(found, cells, now))

    def on_mount(self) -> None:
        """Read the history, and listen to changes."""
        self.fetch(self._read)
        self.desk.stirred.subscribe(self, self._stirred)

    def context(self) -> Context:
        """Return what an action would act on now."""
        count = int(self.row is not None)
        return Context(self.kind, count=count, shown=count, row=self.row, read_only=self.desk.store.read_only)

    def subject(self) -> RecipientRow | None:
        """Return the recipient."""
        return self.row

    def campaign_shown(self) -> CampaignRow | None:
        """Return no campaign: a reminder is made from the campaign."""
        return None

    async def chosen(self) -> Choice:
        """Return the recipient."""
        row = self.row
        return Choice((), 0, "") if row is None else Choice((row.id,), 1, row.address, row.campaign_id, seen=self.seen)

    def do_mail(self) -> None:
        """Ask for the mails that tell of the recipient, the newest first; then for the lines of logs."""
        read = {(event.source, event.where): event for event in self._events if event.where}
        if self.row is None or not read:
            self.post_message(Refused("Nothing that is known of this recipient was read from a file."))
            return
        order = sorted(read.values(), key=lambda event: (event.source in _MAILS, event.ts, event.id), reverse=True)
        self.post_message(MailsRequested(tuple(event.id for event in order), self.row.name or self.row.address))

    def do_person(self) -> None:
        """Ask for the person's history over all campaigns."""
        if self.row is not None:
            self.post_message(PersonRequested(self.row.contact_id))

    def on_history_pane_found(self, event: Found) -> None:
        """Show it."""
        event.stop()
        self.whose, self.row, self._events = event.whose, event.row, event.events
        if event.seen is not None:
            self.saw(event.seen)
        self.text.show(event.lines)
        self.post_message(WordsChanged())

    def _read(self, store: Store) -> None:
        seen = seen_now(store)
        found = self.read(store)
        found.seen = seen
        self.post_message(found)

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & {"recipients", "addresses", "journal"}:
            self.fetch(self._read)
