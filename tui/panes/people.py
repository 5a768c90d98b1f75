"""The pane of the people over all campaigns, found as one types."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.message import Message
from textual.widget import Widget

from store.exports.fields import PERSON_FIELDS
from store.queries.people import PeopleView, newest_rows
from store.queries.view import Interrupted
from store.rows.people import PersonRow
from store.seen import Seen, seen_now
from tui.actions import Pane
from tui.inquiries import ForgetRequested, PeopleByCampaignRequested, PersonRequested
from tui.keys import bindings
from tui.messages import Choice, Refused, WordsChanged
from tui.panes.search_line import SearchLine
from tui.panes.searched import Build, SearchedPane
from tui.present.people import PEOPLE_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import Opened

_FIRST = 64
_WHOLE = frozenset({"mark-all", "mark-range", "export"})


class First(Message):
    """Posted by a thread: the first people found, while it looks for the others, and how far the store had come."""

    def __init__(self, number: int, people: Sequence[PersonRow], seen: Seen) -> None:
        super().__init__()
        self.number = number
        self.people = people
        self.seen = seen


class PeoplePane(SearchedPane):
    """One row a person, whichever campaigns they are in.

    Common words have their first people on the screen long before all are found. What would act on all of them waits
    until then.
    """

    kind: ClassVar[Pane] = "people"
    BINDINGS = bindings("people")
    snapshot = PeopleView
    scopes = frozenset({"recipients", "addresses"})
    hint = "name, address or company"

    def compose(self) -> Iterable[Widget]:
        """Draw the table, and the line to search with."""
        yield BigTable(PEOPLE_COLUMNS, empty="Reading…")
        yield SearchLine(id="search")

    def build(self) -> Build:
        """Return what fills the snapshot, and tells the first people before."""
        text, taker = self.text, self._taker
        # The wish that this is for comes next.
        number, seen = taker.wished + 1, seen_now(self.desk.store)

        def fill(view: PeopleView) -> None:
            first = view.first(text, _FIRST)
            if number != taker.wished:
                raise Interrupted("Something else is looked for by now.")
            if first:
                self.post_message(First(number, first, seen))
            view.build(text)

        return fill

    def empty(self) -> str:
        """Return what stands in place of rows when there are none."""
        return "Nobody has these words; Esc takes them off." if self.text else "There is nobody in any campaign yet."

    def words(self) -> str:
        """Return who is shown, for people."""
        return f"people · “{self.text}”" if self.text else "people"

    @property
    def looking(self) -> bool:
        """Whether only the first people are shown yet."""
        return self.view is None

    async def act(self, verb: str) -> None:
        """Do the action ``verb``; what is about all people waits until all are found."""
        if verb in _WHOLE and self.looking:
            self.post_message(Refused("The others are still being looked for; press it again in a moment."))
        else:
            await super().act(verb)

    async def chosen(self) -> Choice:
        """Return the newest rows of the marked people, else of the one under the cursor."""
        seen = self.seen
        rows = await asyncio.to_thread(newest_rows, self.desk.store, await self.marked_ids())
        return Choice(tuple(rows), self.table.total, self.words(), marked=bool(self.table.marked), seen=seen)

    def do_by_campaign(self) -> None:
        """Ask for the rows of the people found, one for each campaign."""
        self.post_message(PeopleByCampaignRequested(self.text))

    async def do_forget(self) -> None:
        """Ask for the marked people, or the one under the cursor, to be forgotten."""
        ids, marked = await self.marked_ids(), bool(self.table.marked)
        self.post_message(ForgetRequested(ids, self.table.total, self.words(), marked=marked))

    def do_export(self) -> None:
        """Ask for the marked people, or all that are shown, to be written to a file."""
        text = self.text
        self.ask_for_file("people", self.words(), PERSON_FIELDS, lambda view: view.build(text))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the person's history."""
        event.stop()
        self.post_message(PersonRequested(event.row_id))

    def on_first(self, event: First) -> None:
        """Show the first people; the cursor stays on its row."""
        event.stop()
        if event.number != self._taker.wished or not self._taker.busy:
            return
        if self.view is not None:
            self.view.close()
            self.view = None
        table = self.table
        table.set_source(ListedRows(event.people), keep_id=table.cursor_id, keep_marks=True)
        self.saw(event.seen)
        self.post_message(WordsChanged())
