"""What the cells of one line (or the values of one object) say: a record, a defect, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo

from store.errors import BadInput
from store.feeds.actors import actor_of
from store.feeds.bounces.classifier import classify, find_reply, find_status
from store.feeds.esp.vendors import Meaning, folded
from store.feeds.layout import Layout
from store.feeds.listmonk.bounces import BounceRow, bounce_records
from store.feeds.mapping import IGNORED, KINDS, MACHINE_TYPES, TYPES, Mapping
from store.feeds.numbers import counted
from store.feeds.record import Defect, Record
from store.feeds.times import NoZone, TimeDefect, TwoDays, parse_time
from store.vocabulary import Actor, BounceKind, EventType, Source

Cells = dict[str, str | int | float]
"""What stands in the fields of one event; fields are those of a mapping and of a tool's shape."""

_FAILURES = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
_NOBODY = "00000000-0000-0000-0000-000000000000"
_LONGEST_ID = 20
_NO_TIME = "the time is missing: say when it was with --time"
_ANONYMOUS = "nobody is named, opens and clicks are counted without names; left out"
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_BETWEEN = re.compile(r"[\s,;]")


class CellReader:
    """Turns the cells of one file into records."""

    def __init__(self, mapping: Mapping, zone: tzinfo | None) -> None:
        """Start a file.

        Args:
            mapping: what the operator said about it.
            zone: of times that tell none.

        Raises:
            BadInput: the operator's time is none.
        """
        self._mapping = mapping
        self._zone = zone
        self.order = mapping.dates
        """Order of day, month and year in the file's dates; None: not known, or not needed."""
        self._time = self._said(mapping.time) if mapping.time else None
        self._repeated: dict[str, int] = {}

    def _said(self, text: str) -> int:
        try:
            return self.time(text)
        except TimeDefect as error:
            raise BadInput(f"--time: {error}.") from error

    def time(self, value: str | int | float) -> int:
        """Return a time as epoch milliseconds.

        Raises:
            TimeDefect: it is none.
        """
        return parse_time(value, self._zone, self.order, self._mapping.decimal)

    def read(self, cells: Cells, where: str, layout: Layout) -> Record | Defect | None:
        """Return what the cells of one event say, None if that is nothing."""
        shape = layout.shape
        said = folded(str(cells.get("type", "")))
        meaning = self._meaning(said, cells, layout)
        if isinstance(meaning, str):
            return Defect(where, meaning)
        kind = meaning.type
        if kind is None:
            return None
        written = str(cells.get("address", ""))
        if shape is not None and shape.anonymous and (not written.strip() or cells.get("person") == _NOBODY):
            return self._again(where, _ANONYMOUS)
        address = _bare(written)
        if not _is_address(address):
            return Defect(where, f"{address!r} is no address" if address else "the address is missing")
        if not cells.get("time") and shape is not None and said in shape.untimed:
            return None
        try:
            ts = self.time(cells["time"]) if cells.get("time") else self._time
        except (NoZone, TwoDays) as error:
            return self._again(where, str(error))
        except TimeDefect as error:
            return Defect(where, str(error))
        if ts is None:
            return self._again(where, _NO_TIME)
        if shape is not None and "meta" in cells:
            return _of_listmonk(cells, said, address, ts, where, self._mapping.campaign)
        return self._made(kind, meaning, cells, address, ts, where, shape.source if shape else Source.EVENTS)

    def left_out(self) -> Iterator[Defect]:
        """Yield, at the end of a file, how many more lines lacked what a whole file lacks."""
        for sentence, count in self._repeated.items():
            if count > 1:
                lines = f"{count - 1:,} more" if count > 2 else "one more"
                yield Defect("end of the file", f"{lines} like this: {sentence}")
        self.forget()

    def forget(self) -> None:
        """Forget what was left out so far."""
        self._repeated.clear()

    def _again(self, where: str, sentence: str) -> Defect | None:
        """Return a defect the first time; a million lines of one file can lack the same."""
        # The date itself is another one in each line.
        key = sentence.partition(" can be ")[2] or sentence
        self._repeated[key] = self._repeated.get(key, 0) + 1
        return Defect(where, sentence) if self._repeated[key] == 1 else None

    def _meaning(self, said: str, cells: Cells, layout: Layout) -> Meaning | str:
        """Return what happened, or a sentence if nothing tells."""
        if self._mapping.type is not None:
            return Meaning(self._mapping.type, KINDS.get(said))
        shape = layout.shape
        if shape is not None:
            known = shape.type or self._phrased(said, cells, layout) or shape.types.get(said)
            if known is not None:
                return known
        if said:
            kind = TYPES.get(said)
            if kind is not None:
                machine = said in MACHINE_TYPES and kind in {EventType.OPENED, EventType.CLICKED}
                return Meaning(kind, KINDS.get(said), said == "expired", Actor.MACHINE if machine else Actor.UNKNOWN)
            return Meaning(None) if said in IGNORED else f"{cells['type']!r} is no known event"
        if shape is not None:
            return self._by_name_or_count(cells, layout) or "neither the line nor the file's name tells what happened"
        return "it does not tell what happened"

    def _phrased(self, said: str, cells: Cells, layout: Layout) -> Meaning | None:
        words = str(cells.get("diagnostic", "")).casefold()
        for word, phrases, meaning in layout.shape.phrases if layout.shape else ():
            if word == said and any(phrase in words for phrase in phrases):
                return meaning
        return None

    def _by_name_or_count(self, cells: Cells, layout: Layout) -> Meaning | None:
        counted_as = {kind: counted(str(cells.get(field, ""))) for field, kind in layout.counts}
        if layout.named is not None:
            kind = layout.named.type
            never = kind is not None and counted_as.get(kind) is False
            return layout.shape.rest if never and layout.shape else layout.named
        for kind, did in counted_as.items():
            if did:
                return Meaning(kind)
        return layout.shape.rest if layout.shape else None

    def _made(
        self, kind: EventType, meaning: Meaning, cells: Cells, address: str, ts: int, where: str, source: Source
    ) -> Record:
        diagnostic = _text(cells, "diagnostic")
        status = find_status(_text(cells, "status") or "") or (find_status(diagnostic) if diagnostic else None)
        reply = _reply(_text(cells, "reply")) or (find_reply(diagnostic) if diagnostic else None)
        failed = kind in _FAILURES
        verdict = classify(status, reply, diagnostic) if failed else None
        named = KINDS.get(folded(_text(cells, "kind") or "")) or meaning.kind
        message_id = (_text(cells, "message_id") or "").strip("<> ") or None
        campaign, key = _text(cells, "campaign"), _text(cells, "key")
        actor = meaning.actor
        if actor is Actor.UNKNOWN:
            actor = actor_of(kind, str(cells.get("machine", "")), str(cells.get("agent", "")), str(cells.get("ip", "")))
        return Record(
            kind,
            ts,
            address,
            source,
            where,
            message_id=message_id,
            campaign=self._mapping.campaign or campaign or key,
            identity=_text(cells, "id"),
            status=status,
            reply=reply,
            diagnostic=diagnostic if failed or kind is EventType.DEFERRED else None,
            reason=verdict.reason if verdict else None,
            kind=(named or verdict.kind) if verdict else None,
            expired=failed and (meaning.expired or (verdict is not None and _given_up(status, reply, verdict.kind))),
            actor=actor,
            url=_text(cells, "url") if kind is EventType.CLICKED else None,
            name=_text(cells, "name"),
            keys=(key,) if key and campaign and not self._mapping.campaign else (),
        )


def _of_listmonk(
    cells: Cells, type_: str, address: str, ts: int, where: str, campaign: str | None
) -> Record | Defect | None:
    """Return what a bounce in listmonk's export says: its ``meta`` knows more than its type."""
    own, key = campaign or _text(cells, "campaign"), _text(cells, "key")
    number = _text(cells, "id") or ""
    row = BounceRow(
        int(number) if number.isdecimal() and len(number) < _LONGEST_ID else 0,
        address,
        _text(cells, "name") or "",
        ts,
        type_,
        own,
        (key,) if key and key != own else (),
    )
    found = bounce_records(row, str(cells["meta"]))
    if not found:
        return None
    first = next((record for record in found if record.type in _FAILURES), found[0])
    identity = first.identity if first.identity != row.where or row.id else None
    return replace(first, where=where, identity=identity)


def cell(text: str) -> str:
    """Return what a cell of a table holds: Excel's ``="0042"`` is 0042."""
    text = (text.replace("\x00", "") if "\x00" in text else text).strip()
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') and len(text) > 2 else text


def _given_up(status: str | None, reply: int | None, kind: BounceKind) -> bool:
    temporary = (status or "").startswith("4.") or (reply is not None and 400 <= reply < 500)
    return temporary and kind is BounceKind.SOFT


def _text(cells: Cells, key: str) -> str | None:
    value = cells.get(key)
    return str(value).strip() or None if value is not None and value != "" else None


def _reply(text: str | None) -> int | None:
    digits = (text or "")[:3]
    return int(digits) if digits.isascii() and digits.isdigit() and 200 <= int(digits) < 600 else None


def _bare(text: str) -> str:
    """Return the address in ``Ann <ann@shop.example>`` and ``mailto:ann@shop.example``."""
    address = (text if text.isprintable() else _INVISIBLE.sub("", text)).strip()
    if address.endswith(">") and "<" in address:
        address = address.rpartition("<")[2].rstrip(">").strip()
    return address[7:] if address[:7].lower() == "mailto:" else address


def _is_address(text: str) -> bool:
    """Tell whether a text is one address: not two, and no formula of a spreadsheet."""
    if "@" not in text or text[0] == "=":
        return False
    return text[0] == '"' or not _BETWEEN.search(text)
