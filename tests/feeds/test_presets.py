from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from store.errors import BadInput, UndecidedDates
from store.feeds.mapping import Mapping
from store.feeds.opening import open_feeds
from store.feeds.presets import shapes
from store.feeds.record import Defect, Record
from store.feeds.storing import dedupe_key
from store.vocabulary import Actor, BounceKind, EventType, Source

NOW = datetime(2026, 3, 10, tzinfo=UTC)
EIGHT = 1_772_438_400_000
"""2026-03-02 08:00 UTC in epoch milliseconds."""

AT_NINE = "time:=2026-03-02 09:00"

Found = tuple[list[Record], list[Defect]]


def read(path: Path, content: str | bytes, said: str = "", zone: Any = UTC) -> Found:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mapping = Mapping.parse(said) if said else None
    found = [item for feed in open_feeds(path, mapping=mapping, zone=zone, now=NOW) for item in feed.records]
    return [item for item in found if isinstance(item, Record)], [item for item in found if isinstance(item, Defect)]


def happened(records: list[Record]) -> list[tuple[str, EventType]]:
    return [(record.address.partition("@")[0], record.type) for record in records]


def test_each_preset_is_a_table_that_is_asked_for() -> None:
    assert {file.stem for file in Path(shapes.__file__).parent.glob("*.toml")} == set(shapes.NAMES)
    assert set(shapes.presets()) == set(shapes.NAMES)


def test_an_unknown_preset_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'eloqua' is no preset; the presets are brevo, campaignmonitor, listmonk"):
        read(tmp_path / "x.csv", "email\n", "preset=eloqua")


def test_a_preset_that_a_file_is_not_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="its columns are none of mailchimp's: who, when"):
        read(tmp_path / "x.csv", "who,when\nann@shop.example,2026-03-02\n", "preset=mailchimp")


SUPEROFFICE = "Mottaker;E-post;Status;Sendt;Bounce-kode;Bounce-årsak\r\n"
STATES = (
    ("Klar", None, None),
    ("Ready", None, None),
    ("Duplicate", EventType.REJECTED, BounceKind.BLOCK),
    ("3", EventType.REJECTED, BounceKind.BLOCK),
    ("Sent", EventType.SENT, None),
    ("Bounced", EventType.BOUNCED, BounceKind.UNDETERMINED),
    ("Åpnet", EventType.OPENED, None),
    ("7", None, None),
    ("Clicked", None, None),
    ("SoftBounced", EventType.BOUNCED, BounceKind.SOFT),
    ("NoSubscription", EventType.REJECTED, BounceKind.BLOCK),
    ("10", EventType.COMPLAINED, None),
    ("TooManyBounces", EventType.REJECTED, BounceKind.BLOCK),
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize(("status", "type_", "kind"), STATES)
def test_a_state_of_superoffice_is_at_most_one_event(
    tmp_path: Path, encoding: str, status: str, type_: EventType | None, kind: BounceKind | None
) -> None:
    when = "" if status in {"Klar", "Ready"} else "02.03.2026 09:00"
    row = f"Ann Lø;ann@shop.example;{status};{when};;\r\n"
    records, defects = read(tmp_path / "x.csv", (SUPEROFFICE + row).encode(encoding), zone=ZoneInfo("Europe/Oslo"))
    assert defects == []
    assert [(record.type, record.kind, record.ts) for record in records] == ([(type_, kind, EIGHT)] if type_ else [])
    assert [record.name for record in records] == (["Ann Lø"] if type_ else [])


def test_who_is_ready_has_got_nothing_whatever_time_is_said(tmp_path: Path) -> None:
    rows = "Ann;ann@shop.example;Klar;;;\r\nBo;bo@shop.example;Sent;;;\r\n"
    records, _ = read(tmp_path / "x.csv", SUPEROFFICE + rows, AT_NINE)
    assert happened(records) == [("bo", EventType.SENT)]


def test_a_bounce_of_superoffice_has_its_code_and_an_absence_note_is_none(tmp_path: Path) -> None:
    rows = (
        "Bo;bo@shop.example;Bounced;02.03.2026 08:00;550;550 5.1.1 no such user\r\n"
        "Cy;cy@shop.example;SoftBounced;02.03.2026 08:00;;Auto-reply: out of office\r\n"
    )
    records, _ = read(tmp_path / "x.csv", SUPEROFFICE + rows)
    assert happened(records) == [("bo", EventType.BOUNCED), ("cy", EventType.AUTOREPLIED)]
    assert (records[0].reply, records[0].status, records[0].kind) == (550, "5.1.1", BounceKind.HARD)


def test_rows_of_superoffices_database_are_read_by_their_numbers(tmp_path: Path) -> None:
    text = (
        "id\tshipment_id\taddress\tname\tcustomer_id\tstatus\tsending_time\tbounce_code\tbounce_reason\n"
        "1\t77\tann@shop.example\tAnn\t5\t6\t2026-03-02 08:00:00\t0\t\n"
        "2\t77\tbo@shop.example\tBo\t6\t8\t2026-03-02 08:00:00\t452\t452 4.2.2 mailbox full\n"
        "3\t77\tcy@shop.example\tCy\t7\t7\t2026-03-02 08:00:00\t0\t\n"
    )
    records, _ = read(tmp_path / "x.tsv", text)
    assert happened(records) == [("ann", EventType.OPENED), ("bo", EventType.BOUNCED)]
    assert {record.campaign for record in records} == {"77"}
    assert records[1].reason == "mailboxfull"


def test_a_status_without_a_bounce_code_is_superoffices_only_if_that_is_said(tmp_path: Path) -> None:
    text = "E-post;Status;Sendt\nann@shop.example;Klikket;02.03.2026 08:00\nbo@shop.example;Opened;02.03.2026 08:00\n"
    records, _ = read(tmp_path / "x.csv", text, "preset=superoffice")
    assert happened(records) == [("bo", EventType.OPENED)]


MEMBERS = '"Email Address","First Name","Last Name",MEMBER_RATING,LEID,EUID,NOTES\n'
ANN = 'ann@shop.example,Ann,Lund,4,1,a1,"two\nlines"\n'


@pytest.mark.parametrize(
    ("name", "type_", "kind"),
    [
        ("Spring_opened_Mar_2_2026.csv", EventType.OPENED, None),
        ("Spring-not-opened.csv", EventType.SENT, None),
        ("members_Spring_didn't open.csv", EventType.SENT, None),
        ("spring_sent.csv", EventType.SENT, None),
        ("SpringClicked.csv", EventType.CLICKED, None),
        ("spring bounced.csv.gz", EventType.BOUNCED, BounceKind.UNDETERMINED),
        ("spring_soft_bounces.csv", EventType.BOUNCED, BounceKind.SOFT),
        ("spring.unsubscribed.txt", EventType.UNSUBSCRIBED, None),
        ("abuse-complaints.csv", EventType.COMPLAINED, None),
        ("aggregate_activity/not_opened/12_We opened a shop.csv", EventType.SENT, None),
        ("aggregate_activity/click_activity/12_spring.csv", EventType.CLICKED, None),
    ],
)
def test_the_name_of_a_report_of_mailchimp_tells_what_it_lists(
    tmp_path: Path, name: str, type_: EventType, kind: BounceKind | None
) -> None:
    text = (MEMBERS + ANN).encode()
    [record], defects = read(tmp_path / name, gzip.compress(text) if name.endswith("gz") else text, AT_NINE)
    assert (record.type, record.kind, record.ts, defects) == (type_, kind, EIGHT + 3_600_000, [])


@pytest.mark.parametrize("name", ["export.csv", "Sent_and_opened.csv", "We opened a shop - unsubscribed.csv"])
def test_a_name_that_tells_nothing_or_two_things_is_not_guessed_at(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"is Mailchimp's \(list of a report\), but neither .* say it: --type"):
        read(tmp_path / name, MEMBERS + ANN, AT_NINE)
    [record], _ = read(tmp_path / name, MEMBERS + ANN, f"{AT_NINE},type:=unsubscribed")
    assert record.type is EventType.UNSUBSCRIBED


def test_a_list_without_any_time_is_refused_with_the_option_that_says_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="tells no time; say when it was: --time"):
        read(tmp_path / "opened.csv", MEMBERS + ANN)
    with pytest.raises(BadInput, match="--time: 'then' is no time"):
        read(tmp_path / "opened.csv", MEMBERS + ANN, "time:=then")


def test_a_count_is_one_event_and_none_of_it_is_a_mail_that_was_sent(tmp_path: Path) -> None:
    text = '"Email Address",Opens,Clicks\nann@shop.example,4,2\nbo@shop.example,"1,204",0\ncy@shop.example,0,0\n'
    for name, said in (("export.csv", AT_NINE), ("copy of export.csv", AT_NINE)):
        records, _ = read(tmp_path / name, text, said)
        assert happened(records) == [("ann", EventType.CLICKED), ("bo", EventType.OPENED), ("cy", EventType.SENT)]
    opened, _ = read(tmp_path / "opened.csv", text, AT_NINE)
    assert happened(opened) == [("ann", EventType.OPENED), ("bo", EventType.OPENED), ("cy", EventType.SENT)]


def test_an_audience_of_mailchimp_tells_who_left_and_whom_it_cleaned(tmp_path: Path) -> None:
    head = '"Email Address",OPTIN_TIME,{0}_TIME,{0}_CAMPAIGN_TITLE,{0}_CAMPAIGN_ID,MEMBER_RATING\n'
    row = 'ann@shop.example,"2020-01-01 00:00:00","2026-03-02 08:00:00",Spring,c77,2\n'
    for word, type_ in (("UNSUB", EventType.UNSUBSCRIBED), ("CLEAN", EventType.BOUNCED)):
        [record], _ = read(tmp_path / "members_export.csv", head.format(word) + row)
        assert (record.type, record.ts, record.campaign, record.keys) == (type_, EIGHT, "Spring", ("c77",))


def test_the_activity_of_mailchimps_account_export_has_times(tmp_path: Path) -> None:
    text = "Timestamp,Email,Url\n2026-03-02 08:00:00,ann@shop.example,https://x.example/a\n"
    [click], _ = read(tmp_path / "granular_activity" / "clicks" / "9_Grand opened.csv", text)
    assert (click.type, click.url, click.ts) == (EventType.CLICKED, "https://x.example/a", EIGHT)
    [opened], _ = read(
        tmp_path / "granular_activity" / "opens" / "9_x.csv",
        text.replace(",Url", "").replace(",https://x.example/a", ""),
    )
    assert (opened.type, opened.ts) == (EventType.OPENED, EIGHT)


ACTIVITY = {
    "emails": [
        {
            "campaign_id": "spring",
            "list_id": "l1",
            "email_id": "e1",
            "email_address": "ann@shop.example",
            "activity": [
                {"action": "open", "timestamp": "2026-03-02T08:00:00+00:00", "ip": "17.58.0.9"},
                {
                    "action": "click",
                    "timestamp": "2026-03-02T08:01:00+00:00",
                    "url": "https://x.example/a",
                    "ip": "203.0.113.9",
                },
            ],
        },
        {
            "campaign_id": "spring",
            "email_id": "e2",
            "email_address": "bo@shop.example",
            "activity": [{"action": "bounce", "type": "hard", "timestamp": "2026-03-02T08:00:00+00:00"}],
        },
        {"campaign_id": "spring", "email_id": "e3", "email_address": "cy@shop.example", "activity": []},
        {"campaign_id": "spring", "email_id": "e4", "email_address": "di@shop.example", "activity": []},
    ],
    "campaign_id": "spring",
    "total_items": 4,
}


@pytest.mark.parametrize(
    "text",
    [json.dumps(ACTIVITY), json.dumps(ACTIVITY, indent=1), json.dumps(ACTIVITY["emails"]), json.dumps([ACTIVITY])],
)
def test_the_email_activity_of_mailchimps_api_is_read_event_by_event(tmp_path: Path, text: str) -> None:
    records, defects = read(tmp_path / "x.json", text)
    assert happened(records) == [
        ("ann", EventType.OPENED),
        ("ann", EventType.CLICKED),
        ("bo", EventType.BOUNCED),
    ]
    assert [record.actor for record in records] == [Actor.MACHINE, Actor.UNKNOWN, Actor.UNKNOWN]
    assert {record.campaign for record in records} == {"spring"}
    assert (records[2].kind, records[1].url) == (BounceKind.HARD, "https://x.example/a")
    assert [defect.sentence for defect in defects] == [
        "the time is missing: say when it was with --time",
        "one more like this: the time is missing: say when it was with --time",
    ]


def test_an_empty_activity_is_a_mail_that_was_sent_once_a_time_is_said(tmp_path: Path) -> None:
    records, defects = read(tmp_path / "x.json", json.dumps(ACTIVITY), "time:=2026-03-02T07:00:00Z")
    assert happened(records)[3:] == [("cy", EventType.SENT), ("di", EventType.SENT)]
    assert defects == []


MONITOR = {"EmailAddress": "ann@shop.example", "ListID": "l1", "Date": "2026-03-02 08:00:00"}
PLACE = {"IPAddress": "203.0.113.9", "Latitude": 59.9, "Longitude": 10.7, "City": "Oslo", "CountryCode": "NO"}


@pytest.mark.parametrize(
    ("name", "more", "type_"),
    [
        ("x.json", {"BounceType": "Hard", "Reason": "550 5.1.1 no such user"}, EventType.BOUNCED),
        ("x.json", PLACE, EventType.OPENED),
        ("x.json", PLACE | {"URL": "https://x.example/a"}, EventType.CLICKED),
        ("clicks.json", {"URL": "https://x.example/a"}, EventType.CLICKED),
        ("opens.json", {"IPAddress": "203.0.113.9"}, EventType.OPENED),
        ("spring unsubscribes.json", {"IPAddress": "203.0.113.9"}, EventType.UNSUBSCRIBED),
        ("spam.json", {}, EventType.COMPLAINED),
    ],
)
def test_campaign_monitors_lists_are_known_by_their_columns_or_their_name(
    tmp_path: Path, name: str, more: dict[str, Any], type_: EventType
) -> None:
    row = MONITOR | more
    page = {"Results": [row], "ResultsOrderedBy": "date", "PageNumber": 1, "RecordsOnThisPage": 1}
    [record], _ = read(tmp_path / name, json.dumps(page))
    table = ",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n"
    [again], _ = read(tmp_path / name.replace(".json", ".csv"), table)
    assert (record.type, record.ts, record.url) == (type_, EIGHT, more.get("URL"))
    assert dedupe_key(again) == dedupe_key(record)
    assert record.kind is (BounceKind.HARD if type_ is EventType.BOUNCED else None)


@pytest.mark.parametrize("more", [{}, {"IPAddress": "203.0.113.9"}])
@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_unsubscribes_complaints_and_opens_of_campaign_monitor_are_not_mistaken_for_each_other(
    tmp_path: Path, suffix: str, more: dict[str, str]
) -> None:
    row = {key: str(value) for key, value in (MONITOR | more).items()}
    text = json.dumps({"Results": [row]}) if suffix == "json" else f"{','.join(row)}\n{','.join(row.values())}\n"
    with pytest.raises(BadInput, match=r"is Campaign Monitor's .* neither its columns nor its name tell what happened"):
        read(tmp_path / f"x.{suffix}", text)
    [record], _ = read(tmp_path / f"x.{suffix}", text, "type:=complained")
    assert record.type is EventType.COMPLAINED


def test_recipients_of_campaign_monitor_were_sent_the_mail_when_the_operator_says(tmp_path: Path) -> None:
    page = {"Results": [{"EmailAddress": "ann@shop.example", "ListID": "l1"}], "NumberOfPages": 1}
    with pytest.raises(BadInput, match=r"Campaign Monitor's .recipients. and tells no time; say when it was: --time"):
        read(tmp_path / "x.json", json.dumps(page))
    [record], _ = read(tmp_path / "x.json", json.dumps(page), AT_NINE)
    assert (record.type, record.ts) == (EventType.SENT, EIGHT + 3_600_000)


def test_an_empty_page_and_a_header_alone_are_files_without_events(tmp_path: Path) -> None:
    assert read(tmp_path / "x.json", '{"Results": [], "PageNumber": 1}') == ([], [])
    assert read(tmp_path / "bounces.csv", "EmailAddress,ListID,BounceType,Date,Reason\n") == ([], [])


@pytest.mark.parametrize(
    ("name", "type_", "kind"),
    [
        ("12_openers.csv", EventType.OPENED, None),
        ("12_nonOpeners.csv", EventType.SENT, None),
        ("12_clickers.csv", EventType.CLICKED, None),
        ("12_nonClickers.csv", EventType.SENT, None),
        ("12_softBounces.csv", EventType.BOUNCED, BounceKind.SOFT),
        ("12_hardBounces.csv", EventType.BOUNCED, BounceKind.HARD),
        ("12_unsubscribed.csv", EventType.UNSUBSCRIBED, None),
        ("12_all.csv", EventType.SENT, None),
    ],
)
def test_brevos_lists_are_one_type_a_file(tmp_path: Path, name: str, type_: EventType, kind: BounceKind | None) -> None:
    text = "CONTACT ID;EMAIL;FIRSTNAME;ADDED_TIME\n1;ann@shop.example;Ann;01-02-2020 10:00:00\n"
    with pytest.raises(BadInput, match=r"is Brevo's .list. and tells no time"):
        read(tmp_path / name, text)
    [record], _ = read(tmp_path / name, text, AT_NINE)
    assert (record.type, record.kind, record.ts) == (type_, kind, EIGHT + 3_600_000)


def test_brevos_log_tells_events_one_by_one(tmp_path: Path) -> None:
    words = (
        "Sent",
        "Delivered",
        "First opening",
        "Loaded by proxy",
        "Clicked",
        "Soft bounce",
        "Blocked",
        "Unsubscribed",
    )
    rows = [
        f"{word};02-03-2026 08:00:0{at};Hi;x@y.example;ann@shop.example;spring;<m1@x>;" for at, word in enumerate(words)
    ]
    text = "st_text;ts;sub;frm;email;tag;mid;link\n" + "\n".join(rows) + "\n"
    with pytest.raises(UndecidedDates, match="'02-03-2026 08:00:00' can be two different days: say --date-style dmy"):
        read(tmp_path / "x.csv", text)
    records, defects = read(tmp_path / "x.csv", text, "dates=dmy")
    assert [record.type for record in records] == [
        EventType.QUEUED,
        EventType.DELIVERED,
        EventType.OPENED,
        EventType.OPENED,
        EventType.CLICKED,
        EventType.BOUNCED,
        EventType.REJECTED,
        EventType.UNSUBSCRIBED,
    ]
    assert (records[0].ts, records[0].campaign, records[0].message_id, defects) == (EIGHT, "spring", "m1@x", [])
    assert [record.actor for record in records[2:4]] == [Actor.UNKNOWN, Actor.MACHINE]
    assert [record.kind for record in records[5:7]] == [BounceKind.SOFT, BounceKind.BLOCK]


VIEW = {
    "campaign_id": 7,
    "campaign_uuid": "2b0e4f6a-9c1d-4f5e-8a37-5d6c7b8a9f01",
    "campaign_name": "Spring",
    "subscriber_id": 3,
    "subscriber_uuid": "8c1f2e3d-4b5a-4c6d-9e7f-0a1b2c3d4e5f",
    "email": "ann@shop.example",
    "subscriber_name": "Ann",
    "created_at": "2026-03-02T08:00:00.123456Z",
}
NOBODY = {"subscriber_id": None, "subscriber_uuid": "00000000-0000-0000-0000-000000000000", "email": None}


def tables(rows: list[dict[str, Any]]) -> list[str]:
    """Return rows as CSV, as a JSON array and as NDJSON."""
    lines = [",".join("" if value is None else str(value) for value in row.values()) for row in rows]
    return ["\n".join([",".join(rows[0]), *lines, ""]), json.dumps(rows), "\n".join(map(json.dumps, rows))]


@pytest.mark.parametrize("url", [None, "https://x.example/a"])
def test_views_and_clicks_of_listmonk_are_the_same_in_every_form(tmp_path: Path, url: str | None) -> None:
    row = VIEW | ({"url": url} if url else {})
    keys = set()
    for number, text in enumerate(tables([row, row | NOBODY, row | NOBODY])):
        [record], defects = read(tmp_path / str(number), text, zone=None)
        assert (record.type, record.url) == ((EventType.CLICKED, url) if url else (EventType.OPENED, None))
        assert (record.ts, record.source, record.name) == (EIGHT + 123, Source.LISTMONK, "Ann")
        assert (record.campaign, record.keys) == (VIEW["campaign_uuid"], ("Spring",))
        assert [defect.sentence.partition("nobody is named")[0] for defect in defects] == ["", "one more like this: "]
        keys.add(dedupe_key(record))
    assert len(keys) == 1


BOUNCE = {
    "id": 12,
    "type": "hard",
    "source": "api",
    "meta": {},
    "created_at": "2026-03-02T08:00:00Z",
    "email": "ann@shop.example",
    "subscriber_uuid": "8c1f2e3d-4b5a-4c6d-9e7f-0a1b2c3d4e5f",
    "campaign": {"id": 7, "name": "Spring"},
}


@pytest.mark.parametrize(
    ("more", "type_", "kind"),
    [
        ({}, EventType.BOUNCED, BounceKind.HARD),
        ({"type": "soft"}, EventType.BOUNCED, BounceKind.SOFT),
        ({"type": "complaint"}, EventType.COMPLAINED, None),
        ({"meta": {"diagnostic": "452 4.2.2 mailbox full"}}, EventType.BOUNCED, BounceKind.SOFT),
        ({"campaign": None}, EventType.BOUNCED, BounceKind.HARD),
    ],
)
@pytest.mark.parametrize("wrapped", ["page", "data", "array", "lines"])
def test_bounces_of_listmonk_are_read_from_what_they_were_made_of(
    tmp_path: Path, wrapped: str, more: dict[str, Any], type_: EventType, kind: BounceKind | None
) -> None:
    row = BOUNCE | more
    page: Any = {
        "page": {"data": {"results": [row], "total": 1}},
        "data": {"data": [row]},
        "array": [row],
        "lines": row,
    }
    [record], _ = read(tmp_path / "x.json", json.dumps(page[wrapped]), zone=None)
    assert (record.type, record.kind, record.ts) == (type_, kind, EIGHT)
    assert (record.campaign, record.identity) == ("Spring" if row["campaign"] else None, "bounces 12")
    assert record.source is Source.LISTMONK


def test_listmonks_bounces_as_a_table_have_no_identity_where_the_id_is_left_out(tmp_path: Path) -> None:
    text = (
        "email,type,source,meta,created_at,campaign_uuid\n"
        'ann@shop.example,soft,api,"{""diagnostic"": ""552 5.2.2 full""}",2026-03-02T08:00:00Z,u1\n'
    )
    [record], _ = read(tmp_path / "x.csv", text)
    assert (record.type, record.status, record.campaign, record.identity) == (EventType.BOUNCED, "5.2.2", "u1", None)


def test_listmonks_list_of_subscribers_is_no_feed(tmp_path: Path) -> None:
    text = "uuid,email,name,attributes,status,created_at,updated_at\n"
    with pytest.raises(BadInput, match="list of subscribers, which tells nothing of a sending; aftersend import"):
        read(tmp_path / "x.csv", text)


def test_an_id_of_a_thousand_digits_does_no_harm(tmp_path: Path) -> None:
    [record], _ = read(tmp_path / "x.json", json.dumps(BOUNCE | {"id": "9" * 5000}))
    assert record.identity is None
