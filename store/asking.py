"""What is asked of the store: which recipients, in which order, and which of them are marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from store.vocabulary import State


@dataclass(frozen=True, slots=True)
class RecipientFilter:
    """Which recipients a view shows; all given conditions hold together.

    Attributes:
        campaign_id: recipients of this campaign; None: of all campaigns.
        states: any of these words fits (combined with "or"); empty: all.
        text: every blank-separated term occurs in name, address or company (accents and case are ignored).
        without: terms of which none may occur.
        link_id: only those who clicked this link (humans and unknown).
        list_id: only members of this list.
        responsible: only contacts that this person looks after; "" is nobody.
        company: only contacts of this company (accents and case are ignored); "" is none.
        domain: only addresses of this receiving domain.
        reason: only this reason of a failure or of skipping ("userunknown", "duplicate"); "" is none.
    """

    campaign_id: int | None = None
    states: frozenset[State] = frozenset()
    text: str = ""
    without: tuple[str, ...] = ()
    link_id: int | None = None
    list_id: int | None = None
    responsible: str | None = None
    company: str | None = None
    domain: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which entries of the journal are shown; all given conditions hold together.

    Attributes:
        text: every blank-separated word occurs in operator, host, verb or sentence, or in the name of a campaign whose
            recipients or lists the entry changed (accents and case are ignored).
        operator: only what this operator did.
        verb: only this verb ("fix", "undo").
        campaign_id: only what changed recipients or lists of this campaign, or names it.
        since: only entries from then on.
        standing: only what was not undone.
    """

    text: str = ""
    operator: str | None = None
    verb: str | None = None
    campaign_id: int | None = None
    since: datetime | None = None
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A list or a segment that people are taken from; one of the two is given."""

    list_id: int | None = None
    segment_id: int | None = None


class Combining(StrEnum):
    """How several lists become one; ``minus``: those on the first who are on none of the others."""

    UNION = "union"
    MINUS = "minus"
    INTERSECT = "intersect"


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a view.

    Attributes:
        column: one of "plan" (order of the plan), "name", "address", "company", "state", "reason", "responsible",
            "sent", "bounced", "opened", "clicked".
        reverse: descending; rows without a value stand last either way.
    """

    column: str = "plan"
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """The marked rows of a view: these ids, or all of the view but these ids.

    Attributes:
        ids: marked ids (``inverted`` False) or unmarked ids (``inverted`` True).
        inverted: whether ``ids`` are exceptions.
    """

    ids: frozenset[int] = frozenset()
    inverted: bool = False


class Unread(StrEnum):
    """The groups of those who have not read a campaign, as far as anybody can tell.

    ``not read``: an opening would have been seen, and none came. ``unknown``: an opening cannot be seen, since tracking
    was refused or images are off. ``machine``: only machines opened it.
    """

    NOT_READ = "not read"
    UNKNOWN = "unknown"
    MACHINE = "machine"


class Grouping(StrEnum):
    """By what failures belong together."""

    CAUSE = "cause"
    DOMAIN = "domain"
    TIME = "time"
    NONE = "none"
