"""The pane of a person's history over all campaigns."""

from __future__ import annotations

from typing import ClassVar

from store.database import Store
from store.queries.person import person
from store.rows import EventRow
from tui.actions import Pane
from tui.inquiries import ForgetRequested, TrackRequested
from tui.keys import bindings
from tui.messages import Refused
from tui.panes.text import HistoryPane
from tui.present.people import person_lines


class PersonPane(HistoryPane):
    """One person over all campaigns; decisions are about the newest of their rows.

    Attributes:
        row: their row in the newest campaign; None: they are in none.
    """

    kind: ClassVar[Pane] = "person"
    BINDINGS = bindings("person")

    def read(self, store: Store) -> HistoryPane.Found:
        """Read the history; called in a thread."""
        found = person(store, self.number)
        who = found.person
        events = [happening.what for happening in found.happened if isinstance(happening.what, EventRow)]
        campaigns = f"{who.campaigns:,} campaign{'' if who.campaigns == 1 else 's'}"
        whose = f"{who.name or who.address} · {campaigns}"
        return self.Found(whose, who.newest, events, lambda cells: person_lines(found, cells))

    def do_track(self) -> None:
        """Ask whether the person may be tracked."""
        self.post_message(TrackRequested(self.number, self.whose.rpartition(" · ")[0]))

    def do_forget(self) -> None:
        """Ask for the person to be forgotten."""
        self.post_message(ForgetRequested((self.number,), 1, self.whose))

    async def decide(self, verb: str) -> None:
        """Ask for the decision; a block would hit the address of the newest mail, so it must be today's."""
        row = self.row
        if verb == "block" and row is not None and row.address != row.contact_address:
            today = row.contact_address or "none"
            self.post_message(
                Refused(
                    f"The newest mail went to {row.address}, and today's address is {today}; there is none to block."
                )
            )
        else:
            await super().decide(verb)
