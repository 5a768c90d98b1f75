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
