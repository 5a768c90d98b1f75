"""Times: aware UTC datetimes outside, epoch milliseconds in the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from store.cleaning import clean
from store.errors import StoreDamaged

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Return an aware datetime as epoch milliseconds.

    Raises:
        ValueError: ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return (moment - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """Return epoch milliseconds as an aware UTC datetime.

    Raises:
        StoreDamaged: it is no number, or beyond the year 9999.
    """
    try:
        return _EPOCH + ms * _MS
    except (TypeError, OverflowError):
        told = clean(str(ms))[:80]
        raise StoreDamaged(f"The store is damaged: {told} is no time; bring back a backup.") from None


def from_ms_or_none(ms: int | None) -> datetime | None:
    """Return epoch milliseconds as an aware UTC datetime; None stays None."""
    return None if ms is None else from_ms(ms)
