"""Suggestions for the rows of the inbox in sight, worked out in a thread, one screenful after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from textual.message import Message

from store.errors import StoreError
from store.rows import AdviceRow, BounceGroupRow, BounceRow
from store.vocabulary import Triage
from tui.messages import Failed
from tui.panes.pane import Acting
from tui.widgets.row_window import Row


class Advised(Message):
    """Posted when suggestions were worked out; whoever takes it hands it to ``known``."""

    def __init__(self, known: Advice, turn: int, rows: dict[int, AdviceRow | None], meant: dict[int, str]) -> None:
        super().__init__()
        self.known = known
        self.turn = turn
        self.rows = rows
        self.meant = meant


class Advice:
    """What was worked out for a snapshot so far; ``owner`` gets :class:`Advised`, or :class:`Failed`."""

    def __init__(self, owner: Acting) -> None:
        self._owner = owner
        self._rows: dict[int, AdviceRow | None] = {}
        self._meant: dict[int, str] = {}
        self._seeking = False
        self._turn = 0

    def of(self, recipient_id: int) -> AdviceRow | None:
        """Return what may be meant by a recipient's address, as far as that was worked out."""
        return self._rows.get(recipient_id)

    def knows(self, recipient_id: int) -> bool:
        """Tell whether it was worked out, so that what came of it is on the screen."""
        return recipient_id in self._rows

    def singles(self, rows: Iterable[BounceRow]) -> list[BounceRow]:
        """Return failures with what may be meant; what is decided needs nothing more."""
        known = self._rows
        return [r if r.recipient.triage is Triage.DONE else replace(r, advice=known.get(r.id)) for r in rows]

    def groups(self, rows: Iterable[BounceGroupRow]) -> list[BounceGroupRow]:
        """Return groups with the domain that may be meant."""
        return [replace(row, meant=self._meant.get(row.id, "")) if row.left else row for row in rows]

    def look(self, rows: Sequence[Row]) -> None:
        """Work out what is not known yet of the rows in sight, unless something is under way."""
        groups = [row for row in rows if isinstance(row, BounceGroupRow)]
        single = [row.id for row in rows if isinstance(row, BounceRow)] + [row.one for row in groups if row.n == 1]
        ids = [id_ for id_ in single if id_ not in self._rows]
        unknown = [row for row in groups if row.id not in self._meant]
        if not self._seeking and (ids or unknown):
            self._seeking = True
            self._owner.run_worker(partial(self._work, self._turn, ids, unknown), thread=True, group="advice")

    def take(self, event: Advised) -> None:
        """Keep what was worked out."""
        if event.turn == self._turn:
            self._seeking = False
            self._rows |= event.rows
            self._meant |= event.meant

    def forget(self) -> None:
        """Begin anew: what is worked out would now come out otherwise."""
        self._turn += 1
        self._seeking = False
        self._rows.clear()
        self._meant.clear()

    def _work(self, turn: int, ids: Sequence[int], groups: Sequence[BounceGroupRow]) -> None:
        advising = self._owner.desk.advising
        try:
            found = advising.advice(ids) if ids else {}
            meant = {row.id: "" for row in groups} | advising.meant(groups)
        except StoreError as error:
            self._owner.post_message(Failed(str(error)))
        else:
            self._owner.post_message(Advised(self, turn, {id_: found.get(id_) for id_ in ids}, meant))
