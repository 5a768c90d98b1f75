"""Lists of recipients or contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.vocabulary import ListKind


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list of recipients or contacts."""

    id: int
    kind: ListKind
    name: str
    campaign_id: int | None
    campaign: str | None
    members: int
    created_at: datetime
    created_by: str
    note: str


@dataclass(frozen=True, slots=True)
class ResendCounts:
    """Whom a campaign's mail shall be sent to again, and who of those in question is left out.

    Attributes:
        excused: people whose failure was excused.
        fixed: people whose address was corrected.
        left_out: reason -> number of recipients.
        coming: people who are not on the list yet.
        going: people on the list who do not belong there any more.
    """

    campaign_id: int
    excused: int
    fixed: int
    left_out: dict[str, int]
    coming: int
    going: int

    @property
    def total(self) -> int:
        """How many the list will hold."""
        return self.excused + self.fixed
