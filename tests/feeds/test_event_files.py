"""What a file of events does not tell, and what spreadsheets do to it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import BadInput, UndecidedDates
from store.feeds.mapping import Mapping
from store.feeds.opening import open_feeds
from store.feeds.record import Defect, Record
from store.feeds.storing import dedupe_key
from store.vocabulary import Actor, EventType

NOW = datetime(2026, 3, 10, tzinfo=UTC)
EIGHT = 1_772_438_400_000
"""2026-03-02 08:00 UTC in epoch milliseconds."""
DAY = 86_400_000


def read(
    tmp_path: Path, content: str | bytes, said: str = "", *, name: str = "x.csv", zone: tzinfo | None = UTC
) -> tuple[list[Record], list[Defect]]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mapping = Mapping.parse(said) if said else None
    found = [item for feed in open_feeds(path, mapping=mapping, zone=zone, now=NOW) for item in feed.records]
    return [item for item in found if isinstance(item, Record)], [item for item in found if isinstance(item, Defect)]


def rows(*times: str) -> str:
    return "".join(["email;event;time\n", *(f"r{at}@shop.example;open;{time}\n" for at, time in enumerate(times))])


def test_one_date_that_can_be_read_in_one_way_only_settles_all_of_its_file(tmp_path: Path) -> None:
    records, defects = read(tmp_path, rows("03/02/2026 08:00", "04/02/2026 08:00", "25/02/2026 08:00"))
    assert [(record.ts - EIGHT) // DAY for record in records] == [-27, -26, -5]
    assert defects == []


def test_the_date_that_settles_it_may_stand_far_down(tmp_path: Path) -> None:
    records, _ = read(tmp_path, rows(*["02/03/2026 08:00"] * 3000, "02/25/2026 08:00"))
    assert (len(records), records[0].ts) == (3001, EIGHT - 28 * DAY + DAY)


def test_a_date_that_contradicts_its_file_is_a_defect(tmp_path: Path) -> None:
    records, defects = read(tmp_path, rows("25/02/2026", "02/25/2026", "01/02/2026"))
    assert [record.where for record in records] == ["line 2", "line 4"]
    assert [(defect.where, defect.sentence) for defect in defects] == [
        ("line 3", "'02/25/2026' is no day of the calendar as day/month/year")
    ]


@pytest.mark.parametrize("name", ["x.csv", "x.ndjson"])
def test_a_file_in_which_no_date_settles_it_is_refused_with_the_option(tmp_path: Path, name: str) -> None:
    times = ("03/04/2026 08:00", "04/04/2026 08:00")
    text = rows(*times)
    if name == "x.ndjson":
        text = "\n".join(json.dumps({"email": "a@shop.example", "event": "open", "time": time}) for time in times)
    with pytest.raises(UndecidedDates, match=r"'03/04/2026 08:00' can be two .* --date-style dmy or --date-style mdy"):
        read(tmp_path, text, name=name)
    days = {"dmy": datetime(2026, 4, 3, 8, tzinfo=UTC), "mdy": datetime(2026, 3, 4, 8, tzinfo=UTC)}
    for order, day in days.items():
        records, _ = read(tmp_path, text, f"dates={order}", name=name)
        assert records[0].ts == day.timestamp() * 1000


def test_an_object_far_down_settles_the_dates_of_a_json_file(tmp_path: Path) -> None:
    times = ["02/03/2026 08:00"] * 100 + ["25/02/2026 08:00"]
    text = "\n".join(json.dumps({"email": "a@shop.example", "event": "open", "time": time}) for time in times)
    records, defects = read(tmp_path, text, name="x.ndjson")
    assert (len(records), records[0].ts, defects) == (101, EIGHT, [])


def test_a_file_whose_times_tell_no_zone_is_refused_with_the_option(tmp_path: Path) -> None:
    for name, text in (
        ("x.csv", rows("2026-03-02 09:00")),
        ("x.json", '{"email": "a@x.example", "event": "open", "time": "2026-03-02 09:00"}'),
    ):
        with pytest.raises(BadInput, match="tells times without a time zone; say it: --zone Europe/Berlin"):
            read(tmp_path, text, name=name, zone=None)
        [record], _ = read(tmp_path, text, "zone=Europe/Oslo", name=name, zone=None)
        assert record.ts == EIGHT


def test_lines_without_a_zone_among_others_are_told_of_once(tmp_path: Path) -> None:
    text = rows("2026-03-02T08:00:00Z", "2026-03-02 09:00", "2026-03-02 09:00", "2026-03-02 09:00")
    records, defects = read(tmp_path, text, zone=None)
    assert len(records) == 1
    assert [(defect.where, defect.sentence) for defect in defects] == [
        ("line 3", "the time has no time zone: give --zone"),
        ("end of the file", "2 more like this: the time has no time zone: give --zone"),
    ]


def test_lines_without_a_time_get_the_one_that_is_said(tmp_path: Path) -> None:
    text = "email,event,time\nann@shop.example,open,\nbo@shop.example,open,2026-03-02T08:00:00Z\n"
    records, defects = read(tmp_path, text)
    assert [record.ts for record in records] == [EIGHT]
    assert [defect.sentence for defect in defects] == ["the time is missing: say when it was with --time"]
    records, _ = read(tmp_path, text, "time:=02.03.2026 10:00,zone=Europe/Oslo")
    assert [record.ts for record in records] == [EIGHT + 3_600_000, EIGHT]


def test_a_whole_file_can_be_one_thing_of_one_campaign_at_one_time(tmp_path: Path) -> None:
    text = "E-post\nann@shop.example\nbo@shop.example\n"
    said = 'type:=opened,campaign:=spring-26,time:="2. mars 2026 kl. 09.00",zone=Europe/Oslo'
    first, _ = read(tmp_path, text, said)
    again, _ = read(tmp_path, text, said, name="another name.txt")
    assert [(record.type, record.campaign, record.ts) for record in first] == 2 * [
        (EventType.OPENED, "spring-26", EIGHT)
    ]
    assert list(map(dedupe_key, again)) == list(map(dedupe_key, first))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("email,event\na@x.example,open\n", "no time column .* --map time=COLUMN, or .* --time '2026"),
        ("email,time\na@x.example,2026-03-02\n", "no column that tells what happened .* or say .* --type opened"),
        ("name,time,event\na,2026-03-02,open\n", "no address column .* --map address=COLUMN"),
    ],
)
def test_what_a_table_lacks_is_told_with_the_option(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "value", ["46083.375", "46083,375", "1772438400", "1.772.438.400", "1,772,438,400", "20260302080000"]
)
def test_numbers_as_times_are_told_by_what_they_are(tmp_path: Path, value: str) -> None:
    zone = ZoneInfo("Europe/Oslo") if value.startswith("46083") else UTC
    [record], _ = read(tmp_path, rows(value), zone=zone)
    assert record.ts == EIGHT


def test_a_number_that_can_be_two_is_reported_until_its_decimals_are_said(tmp_path: Path) -> None:
    _, [defect] = read(tmp_path, rows("46.083"))
    assert defect.sentence == "'46.083' can be two numbers: say --decimal comma or --decimal point"
    [record], _ = read(tmp_path, rows("46.083"), "decimal=comma")
    assert record.ts == EIGHT - 8 * 3_600_000


def test_delimiter_and_encoding_can_be_said(tmp_path: Path) -> None:
    text = "E-Mail|Ereignis|Zeit|Name\nann@shop.example|geöffnet|2026-03-02T08:00:00Z|Łukasz\n"
    [record], _ = read(tmp_path, text.encode("cp1250"), 'delimiter="|",encoding=cp1250')
    assert (record.type, record.name) == (EventType.OPENED, "Łukasz")
    [record], _ = read(tmp_path, text.replace("|", ",").encode("utf-16-be"), "delimiter=comma,encoding=utf-16-be")
    assert record.name == "Łukasz"
    with pytest.raises(BadInput, match="'klingon' is no encoding"):
        read(tmp_path, text, "encoding=klingon")
    with pytest.raises(BadInput, match="no delimiter"):
        read(tmp_path, text, "delimiter=;;")


def test_files_put_one_behind_the_other_are_read_past_their_headers(tmp_path: Path) -> None:
    text = (
        'email,event,time\n"ann@shop.example",open,2026-03-02T08:00:00Z\n'
        " email , event,time\nbo@shop.example,click,2026-03-02T08:00:00Z\n"
    )
    records, defects = read(tmp_path, text)
    assert ([record.address for record in records], defects) == (["ann@shop.example", "bo@shop.example"], [])


def test_sums_formulas_and_pairs_of_addresses_are_no_events(tmp_path: Path) -> None:
    text = (
        "email,event,time\n"
        '="ann@shop.example",="open",="2026-03-02T08:00:00Z"\n'
        "Total,2 opens,\n"
        "Sum,open,2026-03-02T08:00:00Z\n"
        "=HYPERLINK(mailto:bo@shop.example),open,2026-03-02T08:00:00Z\n"
        '"cy@shop.example; di@shop.example",open,2026-03-02T08:00:00Z\n'
        "\u200bEd <mailto:ed@shop.example>,open,2026-03-02T08:00:00Z\n"
        ",,\n"
        "2 rows\n"
    )
    records, defects = read(tmp_path, text)
    assert [record.address for record in records] == ["ann@shop.example", "ed@shop.example"]
    assert [(defect.where, defect.sentence) for defect in defects] == [
        ("line 3", "'2 opens' is no known event"),
        ("line 4", "'Sum' is no address"),
        ("line 5", "'=HYPERLINK(mailto:bo@shop.example)' is no address"),
        ("line 6", "'cy@shop.example; di@shop.example' is no address"),
        ("line 9", "3 columns were expected, 1 found"),
    ]


def test_a_quoted_line_end_stays_in_its_cell(tmp_path: Path) -> None:
    text = 'sep=;\nemail;event;time;name\nann@shop.example;open;2026-03-02T08:00:00Z;"Ann\nLund"\n'
    [record], defects = read(tmp_path, text)
    assert (record.where, record.name, defects) == ("line 3", "Ann\nLund", [])


def test_an_open_from_apples_network_without_any_program_is_a_machines(tmp_path: Path) -> None:
    text = "email,event,time,ip\nann@shop.example,open,2026-03-02T08:00:00Z,17.58.0.9\n"
    [record], _ = read(tmp_path, text)
    assert record.actor is Actor.MACHINE


def test_events_that_a_stranger_lists_under_data_are_read_one_by_one(tmp_path: Path) -> None:
    events = [{"email": f"r{at}@shop.example", "event": "open", "time": EIGHT + at} for at in range(3)]
    records, defects = read(tmp_path, json.dumps({"data": events}), name="x.json")
    assert ([record.where for record in records], defects) == ([f"line 1, event {at}" for at in (1, 2, 3)], [])


_CELLS = st.text(max_size=12) | st.sampled_from([
    "ann@shop.example",
    "open",
    "03/04/2026",
    "25/03/2026 8:00 pm",
    "46083,5",
    "1.234",
    "=1+1",
    '"',
    "0",
    "Clicked",
    "[]",
])
_HEADERS = st.sampled_from([
    ["email", "event", "time", "status"],
    ["Email Address", "Opens", "Clicks", "MEMBER_RATING"],
    ["E-post", "Status", "Sendt", "Bounce-kode"],
    ["EmailAddress", "ListID", "Date", "BounceType"],
    ["email", "type", "source", "meta", "created_at"],
    ["st_text", "ts", "email", "tag"],
])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=_HEADERS, rows=st.lists(st.lists(_CELLS, min_size=4, max_size=5), max_size=4), as_json=st.booleans())
def test_any_rubbish_under_a_known_header_is_read_without_an_exception(
    tmp_path: Path, header: list[str], rows: list[list[str]], as_json: bool
) -> None:
    if as_json:
        text = json.dumps([dict(zip(header, row, strict=False)) for row in rows])
    else:
        text = "\n".join("\t".join(row) for row in [header, *rows])
    with suppress(BadInput):
        records, defects = read(tmp_path, text.encode(), "time:=2026-03-02")
        assert len(records) + len(defects) <= 2 * len(rows) + text.count("\n")
