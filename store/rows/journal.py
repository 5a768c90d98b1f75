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
        undone_by: who undid it.
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
    undone_by: str | None = None


Value = str | int | bool | datetime | None
"""What a column held, for people: a word of the vocabulary is its text."""


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One column of a row that an action changed."""

    column: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class JournalLineRow:
    """One row that an action changed.

    Attributes:
        id: its place in the entry, from 1.
        kind: "recipient", "contact", "address", "list", "segment", "setting", "tripwire", "member", "stranger" or
            "assigned".
        name: the address, or the name of the list or setting.
        of: the person's name and the campaign, or of a member the list; "" if there is nothing more to say.
        came: whether the row came (True), went (False), or was changed (None).
        changes: what was changed in it; columns that only repeat others are left out.
        recipient_id: the recipient to whose history it leads.
    """

    id: int
    kind: str
    name: str
    of: str
    came: bool | None
    changes: tuple[ColumnChange, ...]
    recipient_id: int | None


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
