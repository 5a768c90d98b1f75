"""What a file says of itself: what it holds, by which filter, in which order, when and by whom it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.asking import RecipientFilter, Sort
from store.cleaning import clean
from store.exports.json import iso
from store.figures import several
from store.filters import described, to_object
from store.journal import Operator


@dataclass(frozen=True, slots=True)
class About:
    """The head of a file, or the file beside it.

    Attributes:
        noun: what its rows are ("recipients").
        scope: which of them, for people ("Spring · bounced").
        count: how many.
        written_at: when, aware UTC.
        who: by whom.
        campaign: the campaign's name; "" if the rows are of none or of several.
        members_of: the list whose members they are, or the segment; "" if they are of none.
        filter: by which they were chosen; None where they were chosen otherwise.
        sort: their order; None where they have one of their own.
        chosen: whether only marked rows of those that fit were written.
    """

    noun: str
    scope: str
    count: int
    written_at: datetime
    who: Operator
    campaign: str = ""
    members_of: str = ""
    filter: RecipientFilter | None = None
    sort: Sort | None = None
    chosen: bool = False

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of each line, without those that say nothing; the first one tells how many of what."""
        conditions = " · ".join(described(self.filter)) if self.filter is not None else ""
        order = ""
        if self.sort is not None:
            order = f"{self.sort.column}{', reversed' if self.sort.reverse else ''}"
        lines = [
            ("Holds", f"{several(self.count, self.noun)}{', chosen by hand' if self.chosen else ''}"),
            ("Of", self.scope),
            ("Campaign", self.campaign),
            ("List", self.members_of),
            ("Filter", conditions),
            ("Order", order),
            ("Written", f"{self.written_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("By", f"{self.who.name} at {self.who.host}"),
            ("Times", "UTC"),
        ]
        return [(label, clean(text)) for label, text in lines if text]

    def to_object(self) -> dict[str, Any]:
        """Return the same as an object for JSON."""
        return {
            "rows": self.noun,
            "count": self.count,
            "scope": clean(self.scope),
            "campaign": clean(self.campaign) or None,
            "list": clean(self.members_of) or None,
            "filter": None if self.filter is None else to_object(self.filter),
            "sort": None if self.sort is None else {"column": self.sort.column, "reverse": self.sort.reverse},
            "chosen_by_hand": self.chosen,
            "written_at": iso(self.written_at),
            "operator": clean(self.who.name),
            "host": clean(self.who.host),
            "written_by": "aftersend",
        }
