"""From what a file holds to how its growth is read."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from store.errors import BadInput
from store.feeds.access.reader import AccessLog
from store.feeds.events import UTF_8, EventReader
from store.feeds.exim import EximLog
from store.feeds.files import probe, utf16_kind
from store.feeds.jsontext import growing_objects
from store.feeds.kumomta import KumoMtaLog
from store.feeds.logs import ACCESS, EXIM, KUMOMTA, OPENSMTPD, POSTFIX, POWERMTA, LineReader
from store.feeds.opening import EVENTS, MAILBOX, Undecided, kind_of
from store.feeds.opensmtpd import OpenSmtpdLog
from store.feeds.postfix import PostfixLog
from store.feeds.powermta import PowerMtaRows
from store.feeds.record import Defect, Record
from store.feeds.tables import read_table
from store.following.lines import BodiesFormat, LogFormat
from store.following.mails import MboxFormat
from store.following.objects import ObjectsFormat
from store.following.pieces import Format
from store.following.rows import RowReader, RowsFormat
from store.following.source import How

MAIL = "mail"
"""The kind of a file that is one mail."""
WHOLE = "whole"
"""The kind of files that are read as a whole: text of two bytes a character."""

_READERS: dict[str, Callable[[], LineReader]] = {POSTFIX: PostfixLog, EXIM: EximLog, OPENSMTPD: OpenSmtpdLog}


def kind_in(path: Path, how: How) -> str:
    """Return what a file is taken for, as :func:`format_of` wants it.

    Raises:
        Undecided: there is too little in it yet.
        BadInput: it can never be read.
    """
    kind = kind_of(path, mapping=how.mapping, zone=how.zone, now=how.now())
    start = probe(path)
    if kind == MAIL:
        return kind
    said = how.mapping.encoding if how.mapping else None
    if utf16_kind(start) or (kind == "json" and said and codecs.lookup(said).name != "utf-8"):
        return WHOLE
    reader = EventReader(how.mapping, how.zone)
    if kind == "table":
        if b"\n" not in start:
            raise Undecided(f"{path} holds no whole line yet.")
        reader.check_table(path)
    elif kind == "json":
        try:
            reader.check_json(path, UTF_8)
        except BadInput as error:
            if next(growing_objects(start.decode("utf-8", "replace")), None) is None:
                raise Undecided(str(error)) from error
            raise
    return kind


def format_of(kind: str, how: How, path: Path, shared: dict[str, KumoMtaLog] | None = None) -> Format:
    """Make what reads files of a kind that :func:`kind_in` returned, other than ``MAIL`` and ``WHOLE``.

    Args:
        kind: what the file was taken for.
        how: what the operator said.
        path: the file.
        shared: the readers that all files of a folder share: a log's segments are about the same mails.
    """
    if kind in _READERS:
        return LogFormat(kind, _READERS[kind](), how.zone)
    mapping = how.mapping
    if kind == ACCESS:
        if mapping is None or mapping.web is None:
            raise BadInput(f"{path} was followed as an access log; say again what its paths mean.")
        return LogFormat(kind, AccessLog(mapping.web, mapping.campaign, how.zone), how.zone)
    if kind == KUMOMTA:
        log = KumoMtaLog() if shared is None else shared.setdefault(kind, KumoMtaLog())
        return ObjectsFormat(kind, kind, log.records, memory=log.to_json, recall=log.from_json)
    if kind == "mbox":
        return MboxFormat(kind, MAILBOX, how.settled_s)
    if kind == POWERMTA:
        return _rows(kind, kind, path, lambda header: PowerMtaRows(header, how.zone), _is_powermta, ",")
    reader = EventReader(mapping, how.zone)
    _look_at(reader, kind, path)
    if kind == "json":
        return ObjectsFormat(kind, EVENTS, reader.object)
    if kind == "bodies":
        return BodiesFormat(kind, EVENTS, reader.body)

    def is_header(row: list[str]) -> bool:
        try:
            reader.places(path, row)
        except BadInput:
            return False
        return True

    said = (mapping.delimiter, mapping.encoding) if mapping else (None, None)
    return _rows(kind, EVENTS, path, lambda header: _EventRows(reader, path, header), is_header, *said)


def _look_at(reader: EventReader, kind: str, path: Path) -> None:
    """Have the reader find out what holds for the whole file: in which order its dates stand."""
    try:
        if kind == "json":
            reader.check_json(path, UTF_8)
        elif kind == "table":
            reader.check_table(path)
    except BadInput:
        # It is not there, or there is too little in it yet; the operator may have said what is to be known.
        return


class _EventRows:
    """The rows of an event file under one header."""

    def __init__(self, reader: EventReader, path: Path, header: list[str]) -> None:
        self.header = header
        self._reader = reader
        self._places = reader.places(path, header)

    def read(self, row: list[str], where: str) -> Record | Defect | None:
        """Return what a row says."""
        return self._reader.row(row, len(self.header), self._places, where)


def _is_powermta(row: list[str]) -> bool:
    return bool(row) and row[0].lower() == "type"


def _rows(
    kind: str,
    label: str,
    path: Path,
    make: Callable[[list[str]], RowReader],
    is_header: Callable[[list[str]], bool],
    delimiter: str | None,
    encoding: str | None = None,
) -> RowsFormat:
    try:
        table = read_table(path, delimiter, encoding)
    except BadInput:
        # It is not there, or just begun anew: what was found out of the file before it is told by the place.
        return RowsFormat(kind, label, make, is_header, delimiter or ",", encoding or UTF_8)
    table.close()
    return RowsFormat(kind, label, make, is_header, table.delimiter, table.encoding)
