"""What is written to files: no formulas, no half files, no control characters, times in UTC."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from store.asking import RecipientFilter
from store.database import Store
from store.errors import BadInput, Refused
from store.exports.csv import cell, export
from store.exports.fields import RECIPIENT_FIELDS
from store.exports.json import campaign_object, line, recipient_object, stranger_object
from store.exports.json import export as export_json
from store.queries.campaigns import list_campaigns
from store.queries.recipients import stream
from store.rows import OutcomeRow, RecipientRow, StrangerRow
from store.times import from_ms
from store.vocabulary import BounceKind, Delivery
from tests.store.building import BASE, Builder


@pytest.fixture
def rows(store: Store) -> list[RecipientRow]:
    build = Builder(store)
    campaign = build.campaign("Spring")
    for n, name in enumerate(["=HYPERLINK(1)", 'Zoé "Z", Grün', "a\nb\x1b[2J", "@sum", " -1+2"]):
        build.recipient(
            campaign,
            build.contact(f"p{n}@x.example", name),
            delivery=Delivery.BOUNCED.code,
            bounce_kind=BounceKind.HARD.code,
            bounced_at=BASE + 120,
            reply=550,
        )
    build.count()
    return list(stream(store, RecipientFilter(campaign)))


def test_a_file_holds_header_and_rows_and_is_private(rows: list[RecipientRow], tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert export(rows, path) == 5
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = path.read_bytes()
    assert raw.startswith(b"Campaign,Address,")
    assert raw.count(b"\r\n") == 6
    read = list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline="")))
    assert list(read[0]) == [field.heading for field in RECIPIENT_FIELDS]
    assert [row["Name"] for row in read] == [
        "'=HYPERLINK(1)",
        'Zoé "Z", Grün',
        "a␊b␛[2J",
        "'@sum",
        "' -1+2",
    ]
    assert (read[0]["Bounced at"], read[0]["Delivery"], read[0]["Blocked"]) == (
        "2026-03-02T08:00:00.120Z",
        "bounced",
        "no",
    )
    assert (read[0]["Reply"], read[0]["Sent at"]) == ("550", "")
    assert os.listdir(tmp_path).count("out.csv") == 1
    assert not list(tmp_path.glob(".out*"))


def test_every_field_that_people_read_has_a_column() -> None:
    inner = {"id", "campaign_id", "contact_id"}
    assert {field.name for field in RECIPIENT_FIELDS} == {field.name for field in fields(RecipientRow)} - inner


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", '"=1', "''=1", "\u00a0@x", "\uff1d1", "-"]
)
def test_formulas_are_defused(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["Anna-Maria", "a=b", "", "p@x.example", "1 - 2", "'quoted'"])
def test_plain_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_a_mark_at_the_front_lets_excel_know_the_encoding(rows: list[RecipientRow], tmp_path: Path) -> None:
    export(rows, tmp_path / "out.csv", bom=True)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfCampaign,")


def test_an_existing_file_stays_unless_it_may_be_replaced(rows: list[RecipientRow], tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine")
    with pytest.raises(Refused, match="exists already; nothing was written"):
        export(rows, path)
    assert path.read_text() == "mine"
    assert export(rows, path, overwrite=True) == 5
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_somebody_wrote_meanwhile_stays(rows: list[RecipientRow], tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    def slow() -> Iterator[RecipientRow]:
        path.write_text("theirs")
        yield from rows

    with pytest.raises(Refused):
        export(slow(), path)
    assert path.read_text() == "theirs"
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


def test_rows_that_fail_leave_no_file(rows: list[RecipientRow], tmp_path: Path) -> None:
    def failing() -> Iterator[RecipientRow]:
        yield rows[0]
        raise BadInput("the store went away")

    with pytest.raises(BadInput, match="went away"):
        export(failing(), tmp_path / "out.csv")
    assert not [name for name in os.listdir(tmp_path) if "out" in name]


def test_places_that_cannot_be_written_are_a_sentence(rows: list[RecipientRow], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a folder"):
        export(rows, tmp_path)
    with pytest.raises(BadInput, match="cannot be written: No such file or directory"):
        export(rows, tmp_path / "none" / "out.csv")


def test_a_stream_or_a_dash_takes_the_rows_too(rows: list[RecipientRow], capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO(newline="")
    assert export(rows[:1], out) == 1
    assert out.getvalue().count("\r\n") == 2
    assert export(rows[:1], "-") == 1
    assert capsys.readouterr().out.startswith("Campaign,")


def test_a_recipient_object_has_words_times_and_outcomes(rows: list[RecipientRow]) -> None:
    outcome = OutcomeRow(
        "m1", "p@x.example", Delivery.BOUNCED, BounceKind.HARD, None, "5.1.1", 550, "no", from_ms(BASE)
    )
    found = json.loads(line(recipient_object(rows[1], [outcome])))
    assert found["name"] == 'Zoé "Z", Grün'
    assert "é" in line(recipient_object(rows[1]))
    assert (found["campaign"], found["delivery"], found["engagement"], found["bounce_kind"], found["triage"]) == (
        "Spring",
        "bounced",
        "none",
        "hard",
        "none",
    )
    assert (found["bounced_at"], found["sent_at"], found["blocked"], found["reply"]) == (
        "2026-03-02T08:00:00.120Z",
        None,
        False,
        550,
    )
    assert found["outcomes"][0]["ts"] == "2026-03-02T08:00:00.000Z"
    assert {"address", "reason", "status", "skip_reason", "decision", "contact_address", "company", "language"} <= set(
        found
    )
    assert {"responsible", "clicks", "partly"} <= set(found)


def test_a_campaign_object_has_buckets_by_name_and_rates(store: Store, rows: list[RecipientRow]) -> None:
    found = campaign_object(list_campaigns(store)[0])
    assert found["planned"] == sum(found["buckets"].values()) == 5
    assert found["buckets"]["bounced"] == 5
    assert found["bounce_rate"] == 1.0
    assert found["open_rate"] is None
    assert found["adds_up"] is True
    json.dumps(found)


def test_objects_are_written_one_a_line_and_clean(tmp_path: Path) -> None:
    row = StrangerRow(None, "m\x1b", "s@x.example", None, Delivery.SENT, None, None, None, "a\u2028b", None)
    path = tmp_path / "out.json"
    assert export_json([stranger_object(row)] * 2, path) == 2
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["message_id"] == "m␛"
