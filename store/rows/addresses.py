"""Addresses over all campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.vocabulary import BlockReason


@dataclass(frozen=True, slots=True)
class AddressRow:
    """What is known of one address over all campaigns."""

    address: str
    consecutive: int
    last_bounce_at: datetime | None
    last_success_at: datetime | None
    blocked_at: datetime | None
    block_reason: BlockReason | None
    unsubscribed_at: datetime | None
    complained_at: datetime | None


@dataclass(frozen=True, slots=True)
class TrialRow:
    """An address that another policy would block, or free.

    Attributes:
        blocks: whether it would be blocked; else it would be freed.
        reason: why it would be blocked, or what blocks it now.
        consecutive: failures in a row that would count.
    """

    address: str
    blocks: bool
    reason: BlockReason | None
    consecutive: int


@dataclass(frozen=True, slots=True)
class BlockedRow:
    """An address that gets no campaign any more.

    Attributes:
        id: the address's number.
        domain: the receiving domain.
        reason: why; None: it was freed since it was listed.
        since: when; None likewise.
        by: whose decision it was: an operator, or the campaign whose mail failed or was complained about; "" if
            several campaigns in a row did it.
        failures: campaigns that failed for it.
        last_success_at: when a mail arrived last.
        name: of the contact that has, or had, the address.
        company: likewise.
        recipient_id: the newest recipient with the address; None: it is in no plan any more.
    """

    id: int
    address: str
    domain: str
    reason: BlockReason | None
    since: datetime | None
    by: str
    failures: int
    last_success_at: datetime | None
    name: str
    company: str
    recipient_id: int | None


@dataclass(frozen=True, slots=True)
class BlockedGroupRow:
    """Blocked addresses that have something in common.

    Attributes:
        id: its place, from 1.
        by: the grouping.
        value: what they have in common, as the store has it.
        told: the same for people.
        n: how many addresses.
        first: when the first of them was blocked.
        last: when the last one was.
    """

    id: int
    by: str
    value: str
    told: str
    n: int
    first: datetime
    last: datetime
