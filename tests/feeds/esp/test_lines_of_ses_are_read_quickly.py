"""What is read from a line of SES at once is what the reader of all providers reads there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.feeds.esp.reader import ProviderReader
from store.feeds.esp.ses_lines import SesLines
from store.feeds.record import Record
from store.vocabulary import Actor, EventType
from tests.feeds.esp.payloads import BO, ISO, LINK, Event, ses
from tests.feeds.esp.test_any_json_is_read import changed
from tests.feeds.esp.test_what_each_provider_says import SES

HEADERS = [{"name": "From", "value": "news@shop.example"}, {"name": "Subject", "value": "Autumn"}]
SEEN = {"timestamp": ISO, "userAgent": "Mozilla/5.0 (iPhone)", "ipAddress": "192.0.2.1"}
PLAIN = [
    ses("Send", send={}, mail={"headers": HEADERS, "commonHeaders": {"messageId": "0100018f-aa", "to": [BO]}}),
    ses("Delivery", delivery={"timestamp": ISO, "recipients": [BO], "smtpResponse": "250 ok"}),
    ses("Open", open=SEEN),
    ses("Open", open=SEEN | {"userAgent": "Mozilla/5.0"}),
    ses(
        "Click",
        click=SEEN | {"link": LINK, "linkTags": None},
        mail={"commonHeaders": {"messageId": "<a@shop.example>"}},
    ),
]
MORE = [
    *PLAIN,
    ses("Send", mail={"headers": [*HEADERS, {"name": "MESSAGE-ID", "value": "<b@shop.example>"}]}, send={}),
    ses("Send", mail={"headers": [{"name": "X-Campaign-ID", "value": "autumn"}], "tags": {"kind": ["news"]}}, send={}),
    ses("Send", mail={"destination": [BO, "ann@shop.example"]}, send={}),
    ses("Delivery", delivery={"timestamp": ISO, "recipients": [f"Bo <{BO}>, ann@shop.example"]}),
    ses("Open", open=SEEN, click=SEEN),
    ses("Send", mail={"messageId": "00000000-0000-0000-0000-000000000000"}, send={}),
]


def line_of(event: Event) -> bytes:
    return json.dumps(event).encode() + b"\n"


@pytest.mark.parametrize("event", PLAIN)
def test_a_plain_line_is_read_at_once(event: Event) -> None:
    assert [SesLines(ProviderReader()).read(line_of(event), "line 7")] == ProviderReader().records(event, "line 7")


def test_what_a_plain_line_says() -> None:
    lines = SesLines(ProviderReader())
    found = [lines.read(line_of(event), "line 1") for event in PLAIN]
    told = [(one.type, one.actor, one.campaign, one.message_id) for one in found if one is not None]
    assert told == [
        (EventType.SENT, Actor.UNKNOWN, "spring-26", "0100018f-aa"),
        (EventType.DELIVERED, Actor.UNKNOWN, "spring-26", "0100018f-aa"),
        (EventType.OPENED, Actor.UNKNOWN, "spring-26", "0100018f-aa"),
        (EventType.OPENED, Actor.MACHINE, "spring-26", "0100018f-aa"),
        (EventType.CLICKED, Actor.UNKNOWN, "spring-26", "a@shop.example"),
    ]
    assert found[-1] is not None
    assert found[-1].url == LINK


@settings(max_examples=400, deadline=None)
@given(st.data(), st.lists(st.sampled_from([*MORE, *(event for event, _ in SES)]), min_size=1, max_size=4))
def test_whatever_stands_in_them_both_readers_agree(data: st.DataObject, events: list[Event]) -> None:
    campaign = data.draw(st.sampled_from([None, "autumn"]))
    lines = SesLines(ProviderReader(campaign))
    for event in [each for one in events for each in (one, changed(one, data.draw), one)]:
        quick = lines.read(line_of(event), "line 1")
        if quick is not None:
            assert ProviderReader(campaign).records(json.loads(line_of(event)), "line 1") == [quick]


def test_a_file_of_other_lines_is_soon_left_alone() -> None:
    lines = SesLines(ProviderReader())
    other: list[Any] = [lines.read(b'{"event": "open"}\n', "line 1") for _ in range(200)]
    assert not any(isinstance(one, Record) for one in other)
    assert lines.read(line_of(PLAIN[0]), "line 201") is None
