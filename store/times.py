"""Times: aware UTC datetimes outside, epoch milliseconds in the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
    """Return epoch milliseconds as an aware UTC datetime."""
    return _EPOCH + ms * _MS


def from_ms_or_none(ms: int | None) -> datetime | None:
    """Return epoch milliseconds as an aware UTC datetime; None stays None."""
    return None if ms is None else _EPOCH + ms * _MS
