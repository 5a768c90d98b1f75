"""Choosing the list that rows are added to, or naming a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store.addresses import search_fold
from store.rows import ListRow
from store.vocabulary import ListKind
from tui.dialogs.picking import Offering

KINDS = (ListKind.SELECTION, ListKind.PROJECT)
"""The kinds that an operator adds rows to."""


@dataclass(frozen=True, slots=True)
class ListChoice:
    """The list that was chosen; ``new`` if it does not exist yet."""

    kind: ListKind
    name: str
    new: bool


class ChooseList(Offering[ListChoice]):
    """Asks for a list, an existing one or a new one of the name that is typed.

    Args:
        first: the words for the rows that will be added ("18 of 88 shown · Autumn newsletter").
        existing: all lists; only selections and projects are offered.
    """

    heading = "Add to which list?"
    keys = "type to find or name · ↑ ↓ choose · Enter add · Esc leave"
    none = "There is no selection or project yet; type a name to make one."
    otherwise = "Type a name for the new list."

    def __init__(self, first: str, existing: Iterable[ListRow]) -> None:
        super().__init__(first, "name of a list")
        self._existing = tuple(row for row in existing if row.kind in KINDS)

    def offers(self, text: str) -> Sequence[tuple[str, ListChoice]]:
        """Return the lists with these words in their name, and new ones of this name."""
        wanted = search_fold(text)
        found = [row for row in self._existing if wanted in search_fold(row.name)]
        offered = [
            (f"{row.kind:<10} {row.name} · {row.members:,} members", ListChoice(row.kind, row.name, False))
            for row in found
        ]
        for kind in KINDS if text else ():
            if not any(row.kind is kind and search_fold(row.name) == wanted for row in found):
                offered.append((f"{kind:<10} {text} · new", ListChoice(kind, text, True)))
        return offered
