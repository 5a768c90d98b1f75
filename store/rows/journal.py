"""What operators did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One action of an operator.

    Attributes:
        verb: the action's id ("mark-hard", "fix-address", ...).
        sentence: what was done, for people.
        subjects: how many rows it changed.
        undone_at: when it was undone; None if it stands.
        undoable: whether it can be undone (what left the house cannot).
    """

    id: int
    ts: datetime
    operator: str
    host: str
    verb: str
    sentence: str
    subjects: int
    undone_at: datetime | None
    undoable: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What an action did.

    Attributes:
        verb: the action's id.
        journal_id: its journal entry; None if nothing changed.
        count: rows changed.
        sentence: what happened, for a toast ("18 marked hard bounced").
        refused: (recipient id, why) of rows that were left alone.
        scopes: what must be read again: "campaigns", "recipients", "links", "lists", "journal", "addresses".
        list_id: the list made or filled, if any.
    """

    verb: str
    journal_id: int | None
    count: int
    sentence: str
    refused: tuple[tuple[int, str], ...] = ()
    scopes: frozenset[str] = frozenset()
    list_id: int | None = None
