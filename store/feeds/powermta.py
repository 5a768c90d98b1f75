"""PowerMTA's accounting files: CSV, one record a row, read by the names of the columns.

The columns are configurable; the first one is always ``type``. A rotated file may hold a header line again, with other
columns. Times are ``YYYY-MM-DD HH:MM:SS±zzzz`` or seconds since 1970 (PowerMTA user's guide, "Accounting records").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from hashlib import blake2b
from pathlib import Path

from store.errors import BadInput
from store.feeds.campaign import CAMPAIGN_HEADERS, campaign_of
from store.feeds.record import Defect, Progress, Record
from store.feeds.tables import Table, read_table
from store.feeds.times import TimeDefect, parse_time
from store.feeds.verdicts import blamed
from store.feeds.verp import verp_recipient
from store.vocabulary import BounceKind, EventType, Hop, Source

_TYPES = {
    "d": EventType.DELIVERED,
    "delivery": EventType.DELIVERED,
    "b": EventType.BOUNCED,
    "bounce": EventType.BOUNCED,
    "rb": EventType.BOUNCED,
    "remote-bounce": EventType.BOUNCED,
    "t": EventType.DEFERRED,
    "transient": EventType.DEFERRED,
    "tq": EventType.DEFERRED,
    "transient-queue": EventType.DEFERRED,
    "r": EventType.QUEUED,
    "receipt": EventType.QUEUED,
    "f": EventType.COMPLAINED,
    "feedback-loop": EventType.COMPLAINED,
}
_PASSED_OVER = frozenset({"rs", "remote-status", "p", "pickup"})
_HEADER = re.compile(rb'"?type"?,(?=[^\r\n]*\b(?:timeLogged|rcpt|dsnStatus|bounceCat)\b)', re.IGNORECASE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CODE = re.compile(r"(?:\A|; ?)([2-5]\d\d)(?=[- ]|\Z)")
_BATCH = 1000


def is_powermta(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is an accounting file."""
    return _HEADER.match(start) is not None


def read_powermta(path: Path, zone: tzinfo | None) -> Iterator[Record | Defect | Progress]:
    """Yield the records of one accounting file; ``zone`` is that of times that name none."""
    table = read_table(path, delimiter=",")
    rows = PowerMtaRows(table.header, zone)
    last = 1
    try:
        for count, (line, row) in enumerate(table.rows, 1):
            last = line
            found = rows.read(row, f"line {line}")
            if found is not None:
                yield found
            if count % _BATCH == 0:
                yield Progress(table.file.done, table.file.total)
    except BadInput:
        yield Defect(f"after line {last}", _damage(table), ends=True)
    yield Progress(table.file.total, table.file.total)


class PowerMtaRows:
    """Turns rows into records.

    Attributes:
        header: the names of the columns as the last header line gave them.
    """

    def __init__(self, header: Sequence[str], zone: tzinfo | None) -> None:
        self.header = list(header)
        self._columns = _columns(header)
        self._zone = zone

    def read(self, row: Sequence[str], where: str) -> Record | Defect | None:
        """Return what a row says; None if it says nothing, as another header line."""
        if row[0].strip().lower() == "type":
            self.header = list(row)
            self._columns = _columns(row)
            return None
        return _row(self._columns, row, where, self._zone)


def _damage(table: Table) -> str:
    return table.file.damage or "the file cannot be read any further"


def _columns(header: Sequence[str]) -> list[str]:
    return [cell.strip().lower().replace("-", "_") for cell in header]


def _row(columns: Sequence[str], row: Sequence[str], where: str, zone: tzinfo | None) -> Record | Defect | None:
    if len(row) < len(columns):
        return Defect(where, f"{len(columns)} columns were expected, {len(row)} found")
    cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False)}
    name = cells.get("type", "").lower()
    kind = _TYPES.get(name)
    if kind is None:
        return None if name in _PASSED_OVER else Defect(where, f"{name!r} is no record type of PowerMTA")
    sender = cells.get("orig", "").strip("<>")
    if kind is EventType.COMPLAINED:
        return _complaint(cells, row, where, zone)
    address = cells.get("rcpt", "").strip("<>")
    if "orig" in cells and not sender:
        return None
    if not address:
        return Defect(where, "the recipient is missing")
    try:
        ts = parse_time(cells.get("timelogged") or cells.get("timequeued", ""), zone, None)
    except TimeDefect as error:
        return Defect(where, str(error))
    asked = _asked(cells.get("orcpt", ""))
    record = _carried(Record(kind, ts, address, Source.POWERMTA, where, identity=_identity(row)), cells)
    record = replace(
        record,
        verp=verp_recipient(sender) if sender else None,
        original=asked if asked and asked.lower() != address.lower() else None,
    )
    return _answered(record, cells, late=name in {"rb", "remote-bounce"})


def _answered(record: Record, cells: dict[str, str], *, late: bool) -> Record:
    """Return the record with what the other server said, and for failures with what that means."""
    said = cells.get("dsndiag", "")
    words = said.partition(";")[2].strip() if said.lower().startswith("smtp;") else said
    told = _STATUS.match(cells.get("dsnstatus", ""))
    code = _CODE.search(said)
    status, reply = told[0] if told else None, int(code[1]) if code else None
    if record.type is EventType.QUEUED:
        return record
    if record.type is EventType.DELIVERED:
        relayed = cells.get("dsnaction", "").lower() == "expanded"
        return replace(
            record, status=status, reply=reply, diagnostic=said or None, hop=Hop.RELAY if relayed else Hop.FINAL
        )
    category = cells.get("bouncecat", "").lower()
    record = blamed(
        record,
        said or cells.get("dsnstatus", ""),
        status=status,
        reply=reply,
        words=words or None,
        remote=cells.get("dsnmta", "").partition(" ")[0] or None,
        category=category,
    )
    given_up = category == "message-expired" or status in {"4.4.7", "5.4.7"}
    if record.type is EventType.BOUNCED and (given_up or (status or "").startswith("4.")):
        return replace(record, kind=BounceKind.SOFT, expired=given_up or not late)
    return record


def _complaint(cells: dict[str, str], row: Sequence[str], where: str, zone: tzinfo | None) -> Record | Defect:
    try:
        ts = parse_time(cells.get("timelogged", ""), zone, None)
    except TimeDefect as error:
        return Defect(where, str(error))
    verp = verp_recipient(cells.get("originalmailfrom", "") or cells.get("orig", ""))
    address = cells.get("originalrcptto", "").strip("<>") or cells.get("rcpt", "").strip("<>") or verp or ""
    record = Record(EventType.COMPLAINED, ts, address, Source.POWERMTA, where, identity=_identity(row), verp=verp)
    return replace(_carried(record, cells), feedback=cells.get("feedbacktype") or None)


def _carried(record: Record, cells: dict[str, str]) -> Record:
    """Return the record with the campaign and the Message-ID that were logged with it."""
    named = (campaign_of(name, cells.get("header_" + name.replace("-", "_"), "")) for name in CAMPAIGN_HEADERS)
    campaign = next(filter(None, named), None) or cells.get("jobid") or cells.get("envid")
    message_id = cells.get("header_message_id", "").strip("<>")
    return replace(record, campaign=campaign or None, message_id=message_id or None)


def _asked(orcpt: str) -> str:
    """Return the address of an ORCPT ("rfc822;ann@shop.example", RFC 3461 4.2)."""
    return orcpt.rpartition(";")[2].strip().strip("<>")


def _identity(row: Sequence[str]) -> str:
    return blake2b("\x1f".join(row).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
