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
