"""Sizes and contents of a store, in words."""

from __future__ import annotations

from collections.abc import Mapping

from store.figures import counted, number

_UNITS = ("kB", "MB", "GB", "TB")


def size(size_bytes: int) -> str:
    """Return "512 B", "4.1 MB" or "1,108 GB": thousands, as disks and `df -H` have them."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    amount = float(size_bytes)
    for unit in _UNITS:
        amount /= 1000
        if amount < 999.5 or unit == _UNITS[-1]:
            break
    return f"{amount:.1f} {unit}" if amount < 99.95 else f"{number(round(amount))} {unit}"


def held_of(rows: Mapping[str, int]) -> str:
    """Return what a store holds: "3 campaigns with 1,200 recipients and 5,310 events"."""
    campaigns, recipients, events = (rows.get(table, 0) for table in ("campaign", "recipient", "event"))
    return f"{counted(campaigns, 'campaign')} with {counted(recipients, 'recipient')} and {counted(events, 'event')}"
