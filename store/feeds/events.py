"""Event files (NDJSON, JSON array, CSV, TSV): opens, clicks, bounces and the rest, by a mapping of the columns."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from store.errors import BadInput
from store.feeds.actors import actor_of
from store.feeds.bounces.classifier import classify, find_reply, find_status
from store.feeds.esp.bodies import holds_bodies, read_bodies, said_in
from store.feeds.esp.reader import ProviderReader
from store.feeds.files import ByteFile
from store.feeds.jsontext import json_objects
from store.feeds.mapping import IGNORED, KINDS, MACHINE_TYPES, TYPES, Mapping, find_columns, plain, zone_of
from store.feeds.record import Defect, Progress, Record
from store.feeds.tables import Table, read_table
from store.feeds.times import TimeDefect, parse_time
from store.vocabulary import Actor, BounceKind, EventType, Source

_FAILURES = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
_BATCH = 1000
_LOOKED_AT = 20
_SHAPES = 500
Cells = dict[str, str | int | float]


class EventReader:
    """Turns the lines of one event file into records."""

    def __init__(self, mapping: Mapping | None, zone: tzinfo | None) -> None:
        """Start a file.

        Args:
            mapping: what the operator said about the columns.
            zone: of times that tell none, unless the mapping names another.
        """
        self._mapping = mapping or Mapping()
        self._zone = zone_of(self._mapping.zone) if self._mapping.zone else zone
        self._shapes: dict[tuple[str, ...], dict[str, str]] = {}
        said = self._mapping
        # Whoever names columns knows the file better than any provider's table.
        own = bool(said.columns or said.type)
        self._providers = None if own else ProviderReader(said.campaign, self._zone, said.dates)

    def check_table(self, path: Path) -> None:
        """Look whether the columns of a CSV or TSV file tell who, what and when.

        Raises:
            BadInput: they do not, or the file cannot be read.
        """
        table = read_table(path)
        try:
            self.places(path, table.header)
        finally:
            table.close()

    def table(self, path: Path) -> Iterator[Record | Defect | Progress]:
        """Yield the records of a CSV or TSV file that :meth:`check_table` found good."""
        table = read_table(path)
        yield from self._rows(table, self.places(path, table.header))

    def places(self, path: Path, header: Sequence[str]) -> dict[str, int]:
        """Return what a table's columns mean: field -> index of its column.

        Raises:
            BadInput: they do not tell who, what and when.
        """
        return {key: header.index(column) for key, column in self._known(path, header).items()}

    def check_json(self, path: Path, encoding: str) -> None:
        """Look whether the first objects of a JSON file are events.

        Raises:
            BadInput: none of them is.
        """
        first: Defect | None = None
        with ByteFile(path) as file, io.TextIOWrapper(file.handle, encoding, errors="replace", newline="") as text:
            for where, found in islice(json_objects(text), _LOOKED_AT):
                results = [Defect(where, found)] if isinstance(found, str) else list(self.object(found, where))
                known = self._providers is not None and isinstance(found, dict) and self._providers.knows(found)
                if known or not results or isinstance(results[0], Record):
                    return
                first = first or results[0]
        if first is None:
            raise BadInput(f"{path} is JSON without any object; an event file was expected.")
        raise BadInput(f"{path} is JSON, but no event file: {first.where}: {first.sentence}.")

    def _known(self, path: Path, header: Sequence[str]) -> dict[str, str]:
        try:
            columns = find_columns(header, self._mapping)
        except BadInput as error:
            table_error = BadInput(f"{path}: {error}.")
            table_error.__cause__ = error
            raise table_error from error
        if "type" not in columns and "status" in columns and self._mapping.type is None:
            columns["type"] = columns.pop("status")
        listed = ", ".join(column for column in header if column) or "none"
        if "address" not in columns:
            raise BadInput(f"{path} has no address column (its columns are: {listed}); name it: --map address=COLUMN.")
        if "type" not in columns and self._mapping.type is None:
            raise BadInput(
                f"{path} has no column that tells what happened (its columns are: {listed}); name it with --map"
                " type=COLUMN, or say it for the whole file with --map type:=opened."
            )
        if "time" not in columns:
            raise BadInput(f"{path} has no time column (its columns are: {listed}); name it: --map time=COLUMN.")
        return columns

    def _rows(self, table: Table, places: dict[str, int]) -> Iterator[Record | Defect | Progress]:
        width = len(table.header)
        last = 1
        try:
            for count, (line, row) in enumerate(table.rows, 1):
                last = line
                found = self.row(row, width, places, f"line {line}")
                if found is not None:
                    yield found
                if count % _BATCH == 0:
                    yield Progress(table.file.done, table.file.total)
        except BadInput:
            damage = table.file.damage or "the file cannot be read any further"
            yield Defect(f"after line {last}", damage, ends=True)

    def row(self, row: list[str], width: int, places: dict[str, int], where: str) -> Record | Defect | None:
        """Return what one row of a table with ``width`` columns says; ``places`` are those of :meth:`places`."""
        if len(row) > width and not any(row[width:]):
            row = row[:width]
        if len(row) != width:
            return Defect(where, f"{width} columns were expected, {len(row)} found")
        return self._record({key: _cell(row[place]) for key, place in places.items()}, where)

    def json(self, path: Path, encoding: str) -> Iterator[Record | Defect | Progress]:
        """Yield the records of NDJSON, a JSON array, or objects one after the other."""
        with ByteFile(path) as file, io.TextIOWrapper(file.handle, encoding, errors="replace", newline="") as text:
            for count, (where, found) in enumerate(json_objects(text), 1):
                if isinstance(found, str):
                    if not file.damage:
                        yield Defect(where, found)
                    continue
                yield from self.object(found, where)
                if count % _BATCH == 0:
                    yield Progress(file.done, file.total)
            if file.damage:
                yield Defect("end of the file", file.damage, ends=True)

    def has_bodies(self, start: bytes) -> bool:
        """Tell whether a file that begins with ``start`` quotes events of mail providers in its lines."""
        return self._providers is not None and holds_bodies(start)

    def bodies(self, path: Path) -> Iterator[Record | Defect | Progress]:
        """Yield the records of a file that :meth:`has_bodies` found good."""
        return read_bodies(path, self._providers or ProviderReader())

    def object(self, found: dict[str, Any], where: str) -> Iterator[Record | Defect]:
        """Yield what one JSON object says."""
        told = self._providers.records(found, where) if self._providers else None
        if told is not None:
            yield from told
            return
        flat = dict(_flat("", found))
        names = tuple(flat)
        columns = self._shapes.get(names)
        if columns is None:
            try:
                columns = self._columns_of(flat)
            except BadInput as error:
                yield Defect(where, str(error))
                return
            if len(self._shapes) < _SHAPES:
                self._shapes[names] = columns
        record = self._record({key: flat[column] for key, column in columns.items()}, where)
        if record is not None:
            yield record

    def _columns_of(self, flat: Cells) -> dict[str, str]:
        columns = find_columns(flat, self._present(flat))
        if "type" not in columns and "status" in columns and self._mapping.type is None:
            columns["type"] = columns.pop("status")
        return columns

    def _present(self, flat: Cells) -> Mapping:
        """Return the mapping without the optional columns that this object does not have."""
        needed = {"address", "type", "time"}
        columns = {key: name for key, name in self._mapping.columns.items() if key in needed or name in flat}
        return Mapping(columns, self._mapping.type, self._mapping.campaign, self._mapping.zone, self._mapping.dates)

    def _record(self, cells: Cells, where: str) -> Record | Defect | None:
        said = plain(str(cells.get("type", "")))
        kind = self._mapping.type or TYPES.get(said)
        if kind is None:
            if said in IGNORED:
                return None
            return Defect(where, f"{cells['type']!r} is no known event" if said else "it does not tell what happened")
        address = _bare(_text(cells, "address") or "")
        if "@" not in address:
            return Defect(where, f"{address!r} is no address" if address else "the address is missing")
        try:
            ts = parse_time(cells.get("time", ""), self._zone, self._mapping.dates) if cells.get("time") else None
        except TimeDefect as error:
            return Defect(where, str(error))
        if ts is None:
            return Defect(where, "the time is missing")
        return self._made(kind, said, cells, address, ts, where)

    def _made(self, kind: EventType, said: str, cells: Cells, address: str, ts: int, where: str) -> Record:
        diagnostic = _text(cells, "diagnostic")
        status = find_status(_text(cells, "status") or "") or (find_status(diagnostic) if diagnostic else None)
        reply = _reply(_text(cells, "reply")) or (find_reply(diagnostic) if diagnostic else None)
        failed = kind in _FAILURES
        verdict = classify(status, reply, diagnostic) if failed else None
        named = KINDS.get(plain(_text(cells, "kind") or "")) or KINDS.get(said)
        message_id = (_text(cells, "message_id") or "").strip("<> ") or None
        return Record(
            kind,
            ts,
            address,
            Source.EVENTS,
            where,
            message_id=message_id,
            campaign=self._mapping.campaign or _text(cells, "campaign"),
            identity=_text(cells, "id"),
            status=status,
            reply=reply,
            diagnostic=diagnostic if failed or kind is EventType.DEFERRED else None,
            reason=verdict.reason if verdict else None,
            kind=(named or verdict.kind) if verdict else None,
            expired=failed and (said == "expired" or (verdict is not None and _given_up(status, reply, verdict.kind))),
            actor=_actor(kind, said, cells),
            url=_text(cells, "url") if kind is EventType.CLICKED else None,
            name=_text(cells, "name"),
        )


def _given_up(status: str | None, reply: int | None, kind: BounceKind) -> bool:
    temporary = (status or "").startswith("4.") or (reply is not None and 400 <= reply < 500)
    return temporary and kind is BounceKind.SOFT


def _actor(kind: EventType, said: str, cells: Cells) -> Actor:
    """Tell a machine by the event's name, the file's own flag, or the user agent."""
    if said in MACHINE_TYPES and kind in {EventType.OPENED, EventType.CLICKED}:
        return Actor.MACHINE
    return actor_of(kind, str(cells.get("machine", "")), str(cells.get("agent", "")))


def _cell(text: str) -> str:
    return (text.replace("\x00", "") if "\x00" in text else text).strip()


def _text(cells: Cells, key: str) -> str | None:
    return str(cells.get(key, "")).strip() or None


def _reply(text: str | None) -> int | None:
    digits = (text or "")[:3]
    return int(digits) if digits.isascii() and digits.isdigit() and 200 <= int(digits) < 600 else None


def _bare(address: str) -> str:
    """Return the address in ``Ann <ann@shop.example>``."""
    if address.endswith(">") and "<" in address:
        return address.rpartition("<")[2].rstrip(">").strip()
    return address


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str | int | float]]:
    """Yield the leaves of a JSON value as (dotted name, text or number)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, list):
        if value and isinstance(value[0], str | int | float):
            yield prefix, str(value[0])
    elif isinstance(value, bool):
        yield prefix, "true" if value else ""
    elif isinstance(value, str | int | float):
        yield prefix, value
