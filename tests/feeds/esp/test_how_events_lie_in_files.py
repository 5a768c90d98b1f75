"""Events lie in files in many ways: as what was posted, as what a queue or a log made of it, mixed, broken, packed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from store.feeds.mapping import Mapping
from store.vocabulary import EventType
from tests.feeds.esp.payloads import (
    AT,
    BO,
    ISO,
    LINK,
    Event,
    brevo,
    mailersend,
    mailgun,
    mailgun_data,
    mailgun_form,
    mailjet,
    mandrill,
    postmark,
    read,
    records_of,
    resend,
    sendgrid,
    ses,
    ses_bounce,
    sns,
    sparkpost,
)
from tests.feeds.test_opening import split, write

SENT = ses("Send", send={})
GENERIC = {"event": "open", "email": "cy@shop.example", "timestamp": AT, "campaign": "spring-26"}
ONE_OF_EACH = [
    *(SENT, sns(SENT), sendgrid("open"), mailgun("opened"), postmark("Open"), sparkpost("open", "track")),
    *(mandrill("open"), brevo("opened"), mailjet("open"), resend("email.opened"), mailersend("opened"), GENERIC),
]


@pytest.mark.parametrize(
    "written",
    [
        json.dumps,
        lambda events: "\n".join(map(json.dumps, events)),
        lambda events: "".join(map(json.dumps, events)),
        lambda events: json.dumps(events, indent=2),
        lambda events: "\n".join(json.dumps(event, indent=4) for event in events),
    ],
)
@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_a_file_may_mix_providers_in_any_shape_of_json(
    tmp_path: Path, written: Callable[[list[Event]], str], pack: Callable[[str], bytes]
) -> None:
    records, defects = records_of(tmp_path / "x", pack(written(ONE_OF_EACH)))
    assert defects == []
    assert [record.type for record in records] == [EventType.SENT] * 2 + [EventType.OPENED] * 10


@pytest.mark.parametrize(
    "wrapped",
    [
        sns(SENT),
        {"Records": [{"EventSource": "aws:sns", "Sns": sns(SENT)}]},
        {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(sns(SENT))}]},
        {"Messages": [{"MessageId": "1", "Body": json.dumps(SENT)}]},
        {"messageId": "1", "body": json.dumps(SENT)},
        {"headers": {}, "body": base64.b64encode(json.dumps(SENT).encode()).decode(), "isBase64Encoded": True},
        {"version": "0", "detail-type": "Email Sent", "source": "aws.ses", "detail": SENT},
        {"items": [mailgun_data("accepted", message={"headers": {"message-id": "1@x"}})], "paging": {}},
        {"results": [sparkpost("injection")["msys"]["message_event"]]},
        {"mandrill_events": json.dumps([mandrill("send")])},
        {"mandrill_events": [mandrill("send")]},
        {"at": 1, "payload": sendgrid("processed")},
    ],
)
def test_what_an_event_is_wrapped_in_does_not_matter(wrapped: Event) -> None:
    [record] = read(wrapped)
    assert getattr(record, "type", None) in {EventType.SENT, EventType.QUEUED}, record


def test_the_time_of_an_event_is_its_own_not_that_of_its_envelope() -> None:
    [record] = read(sns(SENT))
    assert getattr(record, "ts", None) == 1772438401120


@pytest.mark.parametrize(
    "envelope",
    [
        sns("please confirm", Type="SubscriptionConfirmation"),
        sns("gone", Type="UnsubscribeConfirmation"),
        sns("Successfully validated SNS topic for Amazon SES event publishing."),
    ],
)
def test_the_talk_of_a_topic_about_itself_is_passed_over(envelope: Event) -> None:
    assert read(envelope) == []


def test_a_notification_of_something_else_is_a_defect() -> None:
    [found] = read(sns("disk full"))
    assert getattr(found, "sentence", "") == "the notification holds no event of a mail"


@pytest.mark.parametrize(
    "line",
    [
        urlencode({"mandrill_events": json.dumps([mandrill("click", url=LINK)])}),
        urlencode(mailgun_form("clicked", url=LINK)),
        f'203.0.113.9 [02/Mar/2026:08:00:02 +0000] "POST /hook" 200 {json.dumps([sendgrid("click", url=LINK)])}',
        f"2026-03-02T08:00:03Z POST /hook body={json.dumps(json.dumps(mailgun('clicked', url=LINK)))}",
        f"INFO got {json.dumps(postmark('Click', OriginalLink=LINK))} from 203.0.113.9",
        '203.0.113.9 "' + json.dumps(mailjet("click", url=LINK)).replace('"', "\\x22") + '"',
        json.dumps(json.dumps(brevo("click", link=LINK))),
        "2026-03-02 form=" + urlencode({"mandrill_events": json.dumps([mandrill("click", url=LINK)])}),
    ],
)
def test_forms_and_logs_of_requests_are_read_line_by_line(tmp_path: Path, line: str) -> None:
    records, defects = records_of(tmp_path / "requests.log", f"2026-03-02 started\n{line}\nstopped\n{line}\n")
    assert [(record.type, record.address, record.url) for record in records] == [(EventType.CLICKED, BO, LINK)] * 2
    assert (defects, records[1].where) == ([], "line 4")


def test_a_broken_body_in_a_log_is_told_with_its_place(tmp_path: Path) -> None:
    good = f"hook: {json.dumps(sendgrid('open'))}\n"
    records, defects = records_of(tmp_path / "x", f'{good}hook: {{"event": "op\n{good}')
    assert len(records) == 2
    assert [(defect.where, defect.sentence) for defect in defects] == [
        ("line 2, column 7", "the body of this request cannot be read")
    ]


def test_a_missing_comma_costs_one_event_and_is_told_by_line_and_column(tmp_path: Path) -> None:
    good = json.dumps(mailjet("open"), indent=2)
    broken = json.dumps(mailjet("bounce", hard_bounce=True), indent=2).replace(
        '"email": "bo@shop.example",', '"email": "x"'
    )
    records, defects = records_of(tmp_path / "x", f"{good}\n{broken}\n{good}\n")
    assert [record.type for record in records] == [EventType.OPENED] * 2
    [line] = [number for number, text in enumerate((good + "\n" + broken).split("\n"), 1) if '"email": "x"' in text]
    assert [defect.where for defect in defects] == [f"line {line}, column 15"]
    assert "no JSON" in defects[0].sentence


def test_the_inner_objects_of_a_broken_one_are_not_taken_for_events(tmp_path: Path) -> None:
    bad = json.dumps(ses_bounce("Permanent", "NoEmail"), indent=2).replace(
        '"timestamp": "2026-03-02T08:00:01.120Z",', "?"
    )
    good = json.dumps(SENT, indent=2)
    records, defects = records_of(tmp_path / "x", f"{good}\n{bad}\n{good}")
    assert (len(records), len(defects)) == (2, 1)


def test_a_first_object_longer_than_what_is_looked_at_first(tmp_path: Path) -> None:
    page = {"items": [mailgun_data("delivered", id=f"x{number}") for number in range(500)]}
    records, defects = records_of(tmp_path / "page.json", json.dumps(page))
    assert (len(records), defects) == (500, [])


def test_events_with_faults_are_told_and_the_rest_lands(tmp_path: Path) -> None:
    events = [
        postmark("Bounce", Email=None),
        sendgrid("open", timestamp="soon"),
        sendgrid("open", timestamp=None),
        {"event-data": "nothing"},
        sendgrid("open"),
    ]
    records, defects = records_of(tmp_path / "x", "\n".join(map(json.dumps, events)))
    assert len(records) == 1
    assert [(defect.where, defect.sentence) for defect in defects] == [
        ("line 1", "this event of Postmark names no recipient"),
        ("line 2", "'soon' is no time; ISO 8601 like 2026-03-02T08:00:00Z is best"),
        ("line 3", "the time is missing"),
        ("line 4", "an event of Mailgun was expected"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"_id": "5f", "ts": AT},
        {"message-id": "1@x", "date": ISO, "event": "view"},
        {"camp_id": "spring-26", "event": "view"},
        {"items": [{"sku": 1}], "data": {"colour": "red"}, "body": "Hello"},
    ],
)
def test_an_event_of_somebody_elses_make_is_read_by_its_columns(tmp_path: Path, more: Event) -> None:
    [record], defects = records_of(tmp_path / "x", json.dumps(GENERIC | more))
    assert (record.type, record.address, defects) == (EventType.OPENED, "cy@shop.example", [])


def test_a_mapping_of_columns_wins_over_the_tables(tmp_path: Path) -> None:
    path = write(tmp_path / "x", json.dumps(sendgrid("open", who="cy@shop.example")))
    [record], _ = split(path, Mapping.parse("address=who"))
    assert record.address == "cy@shop.example"
    [record], _ = split(path, Mapping.parse("campaign:=autumn"))
    assert (record.address, record.campaign, record.keys) == (BO, "autumn", ())


def test_a_time_without_a_zone_needs_one() -> None:
    event = brevo("opened", ts_epoch=None)
    [found] = read(event)
    assert getattr(found, "sentence", "") == "the time has no time zone: give --zone"
    [record] = read(event, zone=ZoneInfo("Europe/Berlin"))
    assert getattr(record, "ts", None) == AT * 1000


def test_seconds_micro_and_milliseconds_are_told_by_their_size() -> None:
    for factor in (1, 1000, 1_000_000):
        [record] = read(brevo("opened", ts_epoch=AT * factor))
        assert getattr(record, "ts", None) == AT * 1000
    [record] = read(sparkpost("open", "track", timestamp=ISO))
    assert getattr(record, "ts", None) == AT * 1000 + 500
