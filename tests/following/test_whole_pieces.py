"""However a file's content arrives, its pieces say what they say when it is read as a whole."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.feeds.bounces.mailbox import mails_in
from store.feeds.bounces.reader import read_mail
from store.feeds.events import EventReader
from store.feeds.jsontext import json_objects
from store.feeds.record import Defect, Record
from store.following.formats import format_of
from store.following.mails import MboxFormat
from store.following.objects import ObjectPieces
from store.following.pieces import Pieces
from store.following.source import How
from tests.following.mails import notice

EVENT = '{"email": "a@x.example", "event": "clicked", "time": "2026-03-02T09:00:0%dZ", "url": "https://ü.example/%d"}'
TEXTS = {
    "a line each": "".join(f"{EVENT % (n, n)}\n" for n in range(6)),
    "an array over many lines": "[\n  " + ",\n  ".join(EVENT % (n, n) for n in range(5)) + "\n]\n",
    "one after the other": "".join(EVENT % (n, n) for n in range(5)),
    "with a byte order mark": "\ufeff" + "".join(f"{EVENT % (n, n)}\n" for n in range(4)),
    "spread over lines": "".join((EVENT % (n, n)).replace(", ", ",\n  ") + "\n" for n in range(4)),
    "with a broken line": f"{EVENT % (1, 1)}\n{{'x': \n{EVENT % (2, 2)}\n{EVENT % (3, 3)}\n",
    "with a line that is none": f"{EVENT % (1, 1)}\nhello there\n{EVENT % (2, 2)}\n",
}
CUTS = st.lists(st.integers(0, 2000), max_size=8)


def taken(pieces: Pieces, data: bytes, cuts: list[int]) -> list[Record | Defect]:
    """Hand the content out as far as each cut, then to its end."""
    items: list[Record | Defect] = []
    at = 0
    for upto in sorted({min(cut, len(data)) for cut in cuts}):
        found = pieces.take(data[at:upto], False)
        items += found.items
        at += found.used
    items += pieces.take(data[at:], True).items
    return items


@pytest.mark.parametrize("name", TEXTS)
@settings(deadline=None, max_examples=40)
@given(cuts=CUTS)
def test_objects(name: str, cuts: list[int]) -> None:
    data = TEXTS[name].encode()
    reader = EventReader(None, None)
    whole: list[Record | Defect] = []
    for where, value in json_objects(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")):
        whole += [Defect(where, value)] if isinstance(value, str) else reader.object(value, where)
    assert taken(ObjectPieces(reader.object, None), data, cuts) == whole


def test_objects_with_bytes_that_are_no_text_keep_their_places() -> None:
    line = (EVENT % (1, 1)).encode().replace(b"a@x", b"\xff\xc3@x")
    data = (line + b"\n") * 3
    items = taken(ObjectPieces(EventReader(None, None).object, None), data, [len(line), len(line) + 5, len(data) - 2])
    assert [item.where for item in items] == ["line 1", "line 2", "line 3"]


ROWS = (
    "\n".join(
        ["E-Mail;event;time;name"]
        + [
            f"p{n}@x.example;opened;2026-03-02T09:00:0{n}Z;" + name
            for n, name in enumerate(["Ann", '"Bo;Ek"', '"two\nlines"', "Zoé", '5" disk', "Eve"])
        ]
    )
    + "\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@settings(deadline=None, max_examples=60)
@given(cuts=CUTS)
def test_rows(tmp_path_factory: pytest.TempPathFactory, encoding: str, cuts: list[int]) -> None:
    path = tmp_path_factory.getbasetemp() / f"{encoding}.csv"
    data = ROWS.encode(encoding)
    path.write_bytes(data)
    pieces = format_of("table", How(lambda: datetime.now(UTC)), path).pieces(None, 0)
    whole = [item for item in EventReader(None, None).table(path) if isinstance(item, Record | Defect)]
    assert taken(pieces, data, cuts) == whole
    assert len(whole) == 6


@settings(deadline=None, max_examples=60)
@given(cuts=CUTS)
def test_mails(cuts: list[int]) -> None:
    mails = [notice(n) for n in range(3)]
    data = b"".join(b"From MAILER-DAEMON Mon Mar  2 08:00:01 2026\n" + mail.rstrip(b"\n") + b"\n\n" for mail in mails)
    whole = [record for mail in mails_in(io.BytesIO(data), 0) for record in read_mail(mail.data, mail.where, mail.ts)]
    assert taken(MboxFormat("mbox", "bounce mailbox", 0).pieces(None, 0), data, cuts) == whole
    assert len(whole) == 3


def test_a_table_that_begins_anew_without_a_header_keeps_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("email,event,time\n")
    made = format_of("table", How(lambda: datetime.now(UTC)), path)
    first = made.pieces(None, 0)
    assert first.take(b"email,event,time\na@x.example,opened,2026-03-02T09:00:00Z\n", False).items
    second = made.pieces(None, 0)
    [found] = second.take(b"b@x.example,opened,2026-03-02T09:00:01Z\n", False).items
    assert (getattr(found, "address", ""), found.where) == ("b@x.example", "line 1")
    third = made.pieces(None, 0)
    [found] = third.take(b"event;email;time\n", False).items or [Defect("", "")]
    assert found.where in {"", "line 1"}
