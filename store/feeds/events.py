"""Event files (NDJSON, JSON arrays, CSV, TSV) and exports of campaign tools: opens, clicks, bounces and the rest."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import chain, islice
from pathlib import Path
from typing import Any

from store.errors import BadInput, UndecidedDates
from store.feeds.cells import CellReader, Cells, cell
from store.feeds.esp.bodies import holds_bodies, read_bodies, said_in
from store.feeds.esp.reader import ProviderReader
from store.feeds.files import ByteFile
from store.feeds.jsontext import json_objects
from store.feeds.layout import Layout, check_layout, layout_of
from store.feeds.mapping import Mapping, zone_of
from store.feeds.ndjson import Quick, objects_of, quick_objects_of
from store.feeds.presets.shapes import check_name, unrolled
from store.feeds.record import Defect, Progress, Record
from store.feeds.tables import Table, read_table
from store.feeds.times import NoZone, TimeDefect, TwoDays, decided_order

_BATCH = 1000
_LOOKED_AT = 20
_ROWS_LOOKED_AT = 1000
_SHAPES = 500
_NEEDED = frozenset({"address", "type", "time"})
UTF_8 = "utf-8-sig"
"""The encoding of event files that are not UTF-16."""

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Places:
    """Where in the rows of a table the fields of an event stand.

    Attributes:
        header: the table's.
        fields: field -> index of its cell.
        layout: what the columns mean.
    """

    header: tuple[str, ...]
    fields: dict[str, int]
    layout: Layout


class EventReader:
    """Turns the lines of one event file into records."""

    def __init__(self, mapping: Mapping | None, zone: tzinfo | None) -> None:
        """Start a file.

        Args:
            mapping: what the operator said about it.
            zone: of times that tell none, unless the mapping names another.

        Raises:
            BadInput: the mapping names a preset that there is not, or a time that is none.
        """
        said = self._mapping = mapping or Mapping()
        self._path = Path()
        self._zone = zone_of(said.zone) if said.zone else zone
        self._cells = CellReader(said, self._zone)
        self._layouts: dict[tuple[tuple[str, ...], tuple[str, ...]], Layout] = {}
        if said.preset:
            check_name(said.preset)
        # Whoever says what a file is knows it better than any provider's table.
        self._providers = None if said.decides else ProviderReader(said.campaign, self._zone, said.dates)

    def check_table(self, path: Path) -> None:
        """Look whether a CSV or TSV file tells who, what and when, and in which order its dates stand.

        Raises:
            UndecidedDates: its dates can be read in two ways.
            BadInput: it does not tell, or cannot be read.
        """
        table = self._table(path)
        try:
            layout = self._layout(path, table.header)
            place = table.header.index(layout.columns["time"]) if "time" in layout.columns else None
            if place is not None:
                times = (cell(row[place]) for _, row in table.rows if place < len(row))
                self._settle(path, list(islice(times, _ROWS_LOOKED_AT)), times)
        finally:
            table.close()

    def table(self, path: Path) -> Iterator[Record | Defect | Progress]:
        """Yield the records of a CSV or TSV file that :meth:`check_table` found good."""
        table = self._table(path)
        places = self.places(path, table.header)
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
        yield from self._cells.left_out()

    def places(self, path: Path, header: Sequence[str]) -> Places:
        """Return where in the rows under a header the fields of an event stand.

        Args:
            path: the file; its name may tell what a tool's export means.
            header: the cells of the first row.

        Raises:
            BadInput: they do not tell who, what and when.
        """
        layout = self._layout(path, header)
        fields = {field: header.index(column) for field, column in layout.columns.items()}
        return Places(tuple(header), fields, layout)

    def row(self, row: list[str], width: int, places: Places, where: str) -> Record | Defect | None:
        """Return what one row of a table with ``width`` columns says; ``places`` are those of :meth:`places`."""
        if len(row) > width and not any(row[width:]):
            row = row[:width]
        if len(row) != width:
            return Defect(where, f"{width} columns were expected, {len(row)} found")
        if row[0].strip() == places.header[0] and tuple(map(str.strip, row)) == places.header:
            # Files were put one behind the other, each with its header.
            return None
        return self._cells.read({key: cell(row[at]) for key, at in places.fields.items()}, where, places.layout)

    def check_json(self, path: Path, encoding: str) -> None:
        """Look whether the first objects of a JSON file are events, and in which order its dates stand.

        Raises:
            UndecidedDates: its dates can be read in two ways.
            BadInput: none of the objects is an event.
        """
        first: Defect | None = None
        doubt: BadInput | None = None
        good = False
        self._path = path
        with ByteFile(path) as file:
            objects = _objects(file, encoding)
            looked_at = list(islice(objects, _LOOKED_AT))
            # Dates first: a doubt about them is to be asked about, not to be told as a broken object.
            # A provider's times leave none, and whole files of them need not be read twice.
            others = () if all(self._is_providers(found) for _, found in looked_at) else objects
            doubtful = (found for _, found in chain(looked_at, others) if isinstance(found, dict))
            times = self._times_in(doubtful)
            self._settle(path, list(islice(times, _LOOKED_AT)), times)
            for where, found in looked_at:
                results = [Defect(where, found)] if isinstance(found, str) else list(self.object(found, where))
                known = self._is_providers(found)
                lacking = self._lacking(found) if isinstance(found, dict) and not known else None
                said = any(isinstance(result, Record) for result in results) or not (results or lacking)
                good, doubt = good or known or said, doubt or lacking
                first = first or next((result for result in results if isinstance(result, Defect)), None)
        self._cells.forget()
        if good:
            return
        if doubt is not None:
            raise doubt
        if first is None:
            raise BadInput(f"{path} is JSON without any object; an event file was expected.")
        raise BadInput(f"{path} is JSON, but no event file: {first.where}: {first.sentence}.")

    def json(self, path: Path, encoding: str) -> Iterator[Record | Defect | Progress]:
        """Yield the records of NDJSON, a JSON array, or objects one after the other."""
        self._path = path
        with ByteFile(path) as file:
            objects = quick_objects_of(file.handle, self._quick()) if encoding == UTF_8 else _objects(file, encoding)
            for count, (where, found) in enumerate(objects, 1):
                if isinstance(found, Record):
                    yield found
                elif not isinstance(found, str):
                    told = self._providers.records(found, where) if self._providers else None
                    yield from self._own_object(found, where) if told is None else told
                elif not file.damage:
                    yield Defect(where, found)
                if count % _BATCH == 0:
                    yield Progress(file.done, file.total)
            if file.damage:
                yield Defect("end of the file", file.damage, ends=True)
            yield from self._cells.left_out()

    def _quick(self) -> Quick | None:
        if self._providers is None:
            return None
        # Loaded with the library that decodes, when a file is read.
        from store.feeds.esp.ses_lines import SesLines

        return SesLines(self._providers).read

    def has_bodies(self, start: bytes) -> bool:
        """Tell whether a file that begins with ``start`` quotes events of mail providers in its lines."""
        return self._providers is not None and holds_bodies(start)

    def bodies(self, path: Path) -> Iterator[Record | Defect | Progress]:
        """Yield the records of a file that :meth:`has_bodies` found good."""
        return read_bodies(path, self._providers or ProviderReader())

    def body(self, piece: str, where: str) -> Iterator[Record | Defect]:
        """Yield what one line (or the lines of one body) of such a file says."""
        return said_in(piece, where, self._providers or ProviderReader())

    def object(self, found: Object, where: str) -> Iterator[Record | Defect]:
        """Yield what one JSON object says."""
        told = self._providers.records(found, where) if self._providers else None
        yield from self._own_object(found, where) if told is None else told

    def _own_object(self, found: Object, where: str) -> Iterator[Record | Defect]:
        listed = None if self._mapping.own else unrolled(found)
        for number, event in enumerate([found] if listed is None else listed, 1):
            record = self._event(event, where if listed is None else f"{where}, event {number}")
            if record is not None:
                yield record

    def _event(self, found: Object, where: str) -> Record | Defect | None:
        flat = dict(_flat("", found))
        try:
            layout = self._layout_of(found, flat)
        except BadInput as error:
            return Defect(where, str(error))
        cells = {field: flat[column] for field, column in layout.columns.items() if column in flat}
        if "meta" in layout.columns:
            cells["meta"] = json.dumps(found.get(layout.columns["meta"]))
        return self._cells.read(cells, where, layout)

    def _layout_of(self, found: Object, flat: Cells) -> Layout:
        key = (tuple(found), tuple(flat))
        layout = self._layouts.get(key)
        if layout is None:
            said = self._mapping.columns
            present = {field: name for field, name in said.items() if field in _NEEDED or name in flat}
            # An event whose value is null still has the key by which its tool is known.
            names = dict.fromkeys((*flat, *found))
            layout = layout_of(names, replace(self._mapping, columns=present), self._path)
            if layout.shape is None:
                layout = layout_of(flat, replace(self._mapping, columns=present), self._path)
            if len(self._layouts) < _SHAPES:
                self._layouts[key] = layout
        return layout

    def _lacking(self, found: Object) -> BadInput | None:
        """Return what keeps all objects of a tool's file from being events, None if nothing does."""
        for event in self._events_in(found):
            try:
                layout = self._layout_of(event, dict(_flat("", event)))
                if layout.shape is not None and not ("time" in layout.shape.columns and layout.tells):
                    check_layout(layout, event, self._mapping, self._path)
            except BadInput as error:
                return error
        return None

    def _events_in(self, found: Object) -> list[Object]:
        """Return the events that a tool's object lists, or the object itself."""
        listed = None if self._mapping.own else unrolled(found)
        return [found] if listed is None else listed

    def _layout(self, path: Path, header: Sequence[str]) -> Layout:
        try:
            layout = layout_of(header, self._mapping, path)
        except BadInput as error:
            raise BadInput(f"{path}: {error}.") from error
        check_layout(layout, header, self._mapping, path)
        return layout

    def _table(self, path: Path) -> Table:
        return read_table(path, self._mapping.delimiter, self._mapping.encoding)

    def _is_providers(self, found: Object | str) -> bool:
        return self._providers is not None and isinstance(found, dict) and self._providers.knows(found)

    def _times_in(self, objects: Iterable[Object]) -> Iterator[str]:
        for found in objects:
            if self._is_providers(found):
                continue
            for event in self._events_in(found):
                flat = dict(_flat("", event))
                try:
                    column = self._layout_of(event, flat).columns.get("time")
                except BadInput:
                    continue
                if column is not None and column in flat:
                    yield str(flat[column])

    def _settle(self, path: Path, sample: list[str], others: Iterable[str]) -> None:
        """Find the order of day, month and year in a file's dates, and make sure that its times tell a zone."""
        if self._cells.order is None:
            try:
                self._cells.order = decided_order(sample)
            except TwoDays:
                try:
                    self._cells.order = decided_order(chain(sample, others))
                except TwoDays as doubt:
                    raise UndecidedDates(path, doubt.date, doubt.days, str(doubt)) from doubt
        if self._zone is None and any(sample) and all(map(self._zoneless, filter(None, sample))):
            raise BadInput(f"{path} tells times without a time zone; say it: --zone Europe/Berlin.")

    def _zoneless(self, text: str) -> bool:
        try:
            self._cells.time(text)
        except NoZone:
            return True
        except TimeDefect:
            pass
        return False


def _objects(file: ByteFile, encoding: str) -> Iterator[tuple[str, Object | str]]:
    if encoding == UTF_8:
        yield from objects_of(file.handle)
        return
    with io.TextIOWrapper(file.handle, encoding, errors="replace", newline="") as text:
        yield from json_objects(text)


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
