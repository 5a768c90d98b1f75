"""Time stamps of syslog lines as epoch milliseconds: RFC 3339, and the traditional form with its year found out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

MONTHS = {
    name: number
    for number, name in enumerate(
        (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), 1
    )
}
_RFC3339 = re.compile(rb"(.{19})(?:[.,](\d*))?([^ ]*) ", re.DOTALL)
_TURN = timedelta(days=180)
_OUT_OF_ORDER = timedelta(days=350)
_BACK = timedelta(minutes=5)
_BACK_MS = 300_000
_KNOWN = 4096


class Clock:
    """Reads the stamps of one log, line after line.

    A traditional stamp (``Nov 21 22:12:59``, RFC 3164) has neither year nor zone: the first line's year is the last
    one in which it is not later than ``latest``, a jump back of half a year turns the year, and the hour that an
    autumn night repeats is told by the jump back in it.
    """

    def __init__(self, latest: datetime, zone: tzinfo | None) -> None:
        """Start a log.

        Args:
            latest: the file's last change (aware); no line is later.
            zone: of the traditional stamps; None: the host's.
        """
        self._latest = latest
        self._zone = zone
        self._bases: dict[bytes, int] = {}
        self._last: datetime | None = None
        self._newest = 0
        self._second = False

    def to_json(self) -> dict[str, Any]:
        """Return what the lines so far said of the year and of an autumn night, as JSON values."""
        last = self._last.isoformat() if self._last else None
        return {"last": last, "newest": self._newest, "second": self._second}

    def from_json(self, values: dict[str, Any]) -> None:
        """Know again what :meth:`to_json` returned."""
        self._last = datetime.fromisoformat(values["last"]) if values["last"] else None
        self._newest, self._second = values["newest"], values["second"]
        self._bases.clear()

    def read(self, line: bytes) -> tuple[int, int] | None:
        """Return (epoch milliseconds, where the text after the stamp begins), None if the line has no stamp."""
        if line[4:5] == b"-":
            return self._rfc3339(line)
        return self._traditional(line)

    def read_exim(self, second: bytes, fraction: bytes, zone: bytes) -> int | None:
        """Return the epoch milliseconds of an Exim stamp, None if there is no such time.

        Args:
            second: ``2026-11-21 22:12:59``, local time.
            fraction: digits after the point, or nothing.
            zone: ``+0100``, or nothing (then the hour that an autumn night repeats is told by the jump back in it).
        """
        key = second + zone
        base = self._bases.get(key)
        if base is None or (not zone and base < self._newest - _BACK_MS):
            try:
                moment = datetime.fromisoformat(key.decode("ascii"))
                if not zone:
                    self._fold(self._last, moment)
                    self._last = moment
                    moment = self._local(moment)
                base = _epoch_ms(moment)
            except (ValueError, OverflowError):
                return None
            self._keep(key, base)
        self._newest = base
        return base + (int(fraction[:3].ljust(3, b"0")) if fraction else 0)

    def _rfc3339(self, line: bytes) -> tuple[int, int] | None:
        match = _RFC3339.match(line)
        if match is None:
            return None
        second, digits, zone = match.groups()
        key = second + zone
        base = self._bases.get(key)
        if base is None:
            base = self._whole(key)
            if base is None:
                return None
            self._keep(key, base)
        return base + (int(digits[:3].ljust(3, b"0")) if digits else 0), match.end()

    def _whole(self, key: bytes) -> int | None:
        try:
            moment = datetime.fromisoformat(key.decode("ascii"))
            return _epoch_ms(moment if moment.tzinfo else self._local(moment))
        except (ValueError, OverflowError):
            return None

    def _traditional(self, line: bytes) -> tuple[int, int] | None:
        key = line[:15]
        base = self._bases.get(key)
        if base is None or base < self._newest - _BACK_MS:
            base = self._dated(key)
            if base is None:
                return None
            self._keep(key, base)
        self._newest = base
        return base, 16

    def _dated(self, key: bytes) -> int | None:
        month = MONTHS.get(key[:3])
        try:
            if month is None or key[9:10] != b":":
                return None
            day, hour, minute, second = int(key[4:6]), int(key[7:9]), int(key[10:12]), int(key[13:15])
            moment = self._in_year(month, day, hour, minute, min(second, 59))
        except ValueError:
            return None
        return _epoch_ms(self._local(moment))

    def _in_year(self, month: int, day: int, hour: int, minute: int, second: int) -> datetime:
        last = self._last
        if last is None:
            year = self._latest.year + 1
            while True:
                try:
                    moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone comes after
                except ValueError:
                    if (month, day) != (2, 29):
                        raise
                else:
                    if self._local(moment) <= self._latest + timedelta(days=1):
                        break
                year -= 1
        else:
            year = last.year
            if (month, day) == (2, 29) and year % 4:
                year += 1
            moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone comes after
            if last - moment > _TURN:
                moment = moment.replace(year=year + 1)
                self._bases.clear()
            elif moment - last > _OUT_OF_ORDER:
                moment = moment.replace(year=year - 1)
        self._fold(last, moment)
        self._last = moment
        return moment

    def _fold(self, last: datetime | None, moment: datetime) -> None:
        """Notice that an autumn night's hour has begun a second time, and that it is over."""
        ambiguous = self._offset(moment, 0) != self._offset(moment, 1)
        if not ambiguous:
            if self._second:
                self._bases.clear()
            self._second = False
        elif last is not None and last - moment > _BACK and not self._second:
            self._second = True
            self._bases.clear()

    def _offset(self, moment: datetime, fold: int) -> timedelta | None:
        local = moment.replace(fold=fold)
        return (local.replace(tzinfo=self._zone) if self._zone else local.astimezone()).utcoffset()

    def _local(self, moment: datetime) -> datetime:
        moment = moment.replace(fold=1 if self._second else 0)
        return moment.replace(tzinfo=self._zone) if self._zone else moment.astimezone()

    def _keep(self, key: bytes, base: int) -> None:
        if len(self._bases) >= _KNOWN:
            self._bases.clear()
        self._bases[key] = base


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _epoch_ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
