"""Lists of recipients or contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.asking import RecipientFilter
from store.vocabulary import ListKind


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list of recipients or contacts; ``reloaded_at``: when somebody last looked at what has changed."""

    id: int
    kind: ListKind
    name: str
    campaign_id: int | None
    campaign: str | None
    members: int
    created_at: datetime
    created_by: str
    note: str
    reloaded_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A filter with a name, which stays live.

    Attributes:
        filter: None if it cannot be read; ``words`` say why.
        words: what it asks for, for people ("Spring · bounced · responsible Ann").
    """

    id: int
    name: str
    filter: RecipientFilter | None
    words: str
    created_at: datetime
    created_by: str
    note: str


@dataclass(frozen=True, slots=True)
class SplitRow:
    """What one responsible person gets of a list.

    Attributes:
        responsible: "" for those without one.
        name: what the new list is called.
        members: how many people.
    """

    responsible: str
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class ReloadCounts:
    """What has changed with a list's members since it was made or last reloaded.

    Attributes:
        since: when that was.
        members: how many people are on it.
        fixed: whose address was corrected, or changed by an import.
        off: reason -> number of those who must not be written to any more, and who leave the list.
        before: reason -> number of those who must not be written to either, as was known when they came.
        told: what else is new -> number; they stay.
    """

    list_id: int
    since: datetime
    members: int
    fixed: int
    off: dict[str, int]
    before: dict[str, int]
    told: dict[str, int]

    @property
    def changed(self) -> int:
        """How many changes there are."""
        return self.fixed + sum(self.off.values()) + sum(self.told.values())


@dataclass(frozen=True, slots=True)
class ReloadRow:
    """One member with whom something has changed.

    Attributes:
        id: of the contact.
        what: "fixed", or the reason.
        address: today's address; for "fixed" the old one.
        new_address: for "fixed" today's address, else "".
        leaves: whether the member leaves the list.
    """

    id: int
    what: str
    name: str
    address: str
    new_address: str
    leaves: bool
