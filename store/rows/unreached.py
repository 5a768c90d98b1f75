"""People whom a message has not reached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnreachedCounts:
    """Who gets a message (again), and who does not; both hold only what occurs.

    Attributes:
        groups: why they get it -> how many.
        left_out: why not -> how many.
    """

    groups: dict[str, int]
    left_out: dict[str, int]

    @property
    def total(self) -> int:
        """How many get it."""
        return sum(self.groups.values())


@dataclass(frozen=True, slots=True)
class UnreachedRow:
    """Somebody who gets a message (again), or is left out.

    Attributes:
        id: a recipient of theirs.
        address: the one of today.
        old: the one that ``id`` was sent to.
        because: the group, or why they are left out.
    """

    id: int
    contact_id: int
    name: str
    address: str
    old: str
    because: str
