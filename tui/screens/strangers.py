"""The screens about strangers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import islice

from textual import work

from store.addresses import address_key
from store.asking import RecipientFilter
from store.database import Store
from store.rows import RecipientRow, StrangerRow
from store.vocabulary import SkipReason
from tui.actions import TYPED_ABOVE
from tui.messages import AssignRequested, Refused, StrangerOpened, WordsChanged
from tui.panes.pane import TablePane
from tui.panes.strangers import LOOKED_AT, StrangerPane, StrangersPane
from tui.panes.text import TextPane
from tui.present.words import reason_sentence, stranger_look
from tui.screens.desk import Desk
from tui.screens.tables import TableScreen
from tui.screens.text import TextScreen
from tui.widgets.status_line import StatusLine

_OFFERED = 12
_NAMED = 3


class _Assigning(Desk):
    """A screen whose panes ask for strangers' records to be given to a recipient."""

    @work(group="request")
    async def on_assign_requested(self, event: AssignRequested) -> None:
        """Ask for the recipient; many records ask once more."""
        from store.actions import strangers
        from tui.dialogs.confirm import Confirm
        from tui.dialogs.recipient import ChooseRecipient

        rows = event.rows
        if not rows:
            self.post_message(Refused("None of the marked rows is there any more; Esc takes the marks off."))
            return
        ids = [id_ for row in rows for id_ in row.ids]
        campaigns = {row.campaign_id for row in rows}
        within = campaigns.pop() if len(campaigns) == 1 else None
        find = partial(_people, self.desk.store, within)
        dialog = ChooseRecipient(_summary(rows), find, _domain(rows), several=within is None)
        picked = await self.app.push_screen_wait(dialog)
        if picked is None:
            return
        if len(ids) > TYPED_ABOVE:
            lines = (f"{len(ids):,} records · {picked.address} · {picked.campaign}", "u takes it back.")
            if not await self.app.push_screen_wait(Confirm("Assign them all to one recipient?", lines, len(ids))):
                return
        who, now = self.desk.operator, self.desk.clock()
        self.write(partial(strangers.assign, self.desk.store, ids, picked.id, who, now))
        self.assigned()

    def assigned(self) -> None:
        """Go on after an assignment was handed over."""


class StrangersScreen(_Assigning, TableScreen):
    """Mail about nobody in a plan; Enter shows its records, ``a`` gives them to a recipient."""

    heading = "Strangers"
    noun = ("outcome", "outcomes")

    def pane(self) -> TablePane:
        """Return the strangers."""
        return StrangersPane()

    def assigned(self) -> None:
        """Take the marks off."""
        while self.query_one(TablePane).table.clear_marks():
            pass

    def on_stranger_opened(self, event: StrangerOpened) -> None:
        """Show the records."""
        event.stop()
        self.app.push_screen(StrangerScreen(event.row))

    def on_words_changed(self, event: WordsChanged) -> None:
        """Count rows and marks in the title, and say what is left out."""
        event.prevent_default()
        super().on_words_changed(event)
        pane = self.query_one(StrangersPane)
        what = " · what failed for nobody in a plan" if pane.only_bad else " · all mail about nobody in a plan"
        more = f" · the {LOOKED_AT:,} heard of last of {pane.known:,}" if pane.known > LOOKED_AT else ""
        self.query_one("#title", StatusLine).show(f" {self.heading}{what}{more}")


class StrangerScreen(_Assigning, TextScreen):
    """The records of one stranger."""

    def __init__(self, row: StrangerRow) -> None:
        super().__init__()
        self._row = row
        self.heading = f"Stranger · {row.address}" + (f" · {row.campaign}" if row.campaign else "")

    def pane(self) -> TextPane:
        """Return the records."""
        return StrangerPane(self._row)

    def assigned(self) -> None:
        """Go back to the list."""
        self.dismiss()

    def on_words_changed(self, event: WordsChanged) -> None:
        """Leave the title as it is: it names the stranger."""
        event.stop()


def _people(store: Store, campaign_id: int | None, text: str) -> list[RecipientRow]:
    """Return the first recipients that have the words; repetitions in a list never got the mail."""
    from store.queries.recipients import stream

    found = stream(store, RecipientFilter(campaign_id, text=text))
    try:
        wanted = (row for row in found if row.skip_reason is not SkipReason.DUPLICATE)
        return list(islice(wanted, _OFFERED))
    finally:
        found.close()  # type: ignore[attr-defined]


def _summary(rows: Sequence[StrangerRow]) -> list[str]:
    count = sum(len(row.ids) for row in rows)
    addresses = list(dict.fromkeys(row.address for row in rows))
    more = f" and {len(addresses) - _NAMED:,} more" if len(addresses) > _NAMED else ""
    first = f"{count:,} record{'' if count == 1 else 's'} of {', '.join(addresses[:_NAMED])}{more}"
    if len(rows) > 1:
        return [first]
    return [first, " · ".join(part for part in (stranger_look(rows[0]).word, reason_sentence(rows[0].reason)) if part)]


def _domain(rows: Sequence[StrangerRow]) -> str:
    """Return "@domain" if all are of one: the recipient is probably one of its people."""
    domains = {address_key(row.address).rpartition("@")[2] for row in rows}
    return f"@{domains.pop()}" if len(domains) == 1 and "" not in domains else ""
