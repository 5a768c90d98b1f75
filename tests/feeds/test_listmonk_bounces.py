from __future__ import annotations

import json
from typing import Any

import pytest

from store.feeds.esp.reader import ProviderReader
from store.feeds.listmonk.bounces import BounceRow, bounce_records
from store.feeds.record import Record
from store.feeds.storing import dedupe_key
from store.vocabulary import BounceKind, EventType, Source

SPRING = "11111111-1111-4111-8111-111111111111"
AT = 1_772_438_430_000


def said(
    meta: object, type_: str = "hard", address: str = "bo@shop.example", campaign: str | None = SPRING
) -> list[Record]:
    row = BounceRow(7, address, "Bo", AT, type_, campaign, ("Spring 26",) if campaign else ())
    return bounce_records(row, meta if isinstance(meta, str) else json.dumps(meta))


def one(meta: object, type_: str = "hard", **more: Any) -> Record:
    (record,) = said(meta, type_, **more)
    return record


def ses(kind: str = "Bounce", **bounce: Any) -> dict[str, Any]:
    told = {"bounceType": "Permanent", "bounceSubType": "NoEmail", "timestamp": "2026-03-02T08:00:02.500Z"} | bounce
    who = [
        {
            "emailAddress": "bo@shop.example",
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 no",
        }
    ]
    mail = {
        "timestamp": "2026-03-02T08:00:01.120Z",
        "messageId": "0100-aa",
        "destination": ["ann@shop.example", "bo@shop.example"],
    }
    return {"notificationType": kind, "mail": mail, "bounce": {"bouncedRecipients": who, "feedbackId": "fb-1"} | told}


def test_a_row_without_any_words_keeps_listmonks_own_hard_or_soft() -> None:
    for type_, kind in (("hard", BounceKind.HARD), ("soft", BounceKind.SOFT)):
        record = one({}, type_)
        assert (record.type, record.kind, record.ts, record.address) == (EventType.BOUNCED, kind, AT, "bo@shop.example")
        assert (record.source, record.where, record.identity) == (Source.LISTMONK, "bounces 7", "bounces 7")
        assert (record.campaign, record.keys, record.status, record.diagnostic) == (SPRING, ("Spring 26",), None, None)


@pytest.mark.parametrize(
    ("meta", "kind", "reason", "status", "reply"),
    [
        ({"classify_reason": "smtp_status=5.1.1"}, BounceKind.HARD, "userunknown", "5.1.1", None),
        # listmonk's scanner calls this one hard.
        ({"classify_reason": "smtp_status=4.2.2"}, BounceKind.SOFT, "mailboxfull", "4.2.2", None),
        ({"classify_reason": "body_match=user unknown"}, BounceKind.HARD, "userunknown", None, None),
        (
            {
                "classify_reason": "smtp_status=5.0.0",
                "bounce_details": ["smtp; 552 5.2.2 Mailbox is full", "Remote-MTA: mx.example"],
            },
            BounceKind.SOFT,
            "mailboxfull",
            "5.2.2",
            552,
        ),
        (
            {"bounce": {"category": "spam", "message": "Message rejected as spam", "code": 554}, "response_code": 554},
            BounceKind.BLOCK,
            "spamdetected",
            None,
            554,
        ),
        (
            {"eventType": "Microsoft.Communication.EmailDeliveryReportReceived", "data": {
                "status": "Bounced", "deliveryStatusDetails": {"statusMessage": "550 5.1.10 Recipient not found"}}},
            BounceKind.HARD,
            "userunknown",
            "5.1.10",
            550,
        ),
        (
            {"event": "message.hard_bounced", "data": {"recipient": "bo@shop.example", "response": {
                "status_code": 550, "enhanced_status_code": "5.1.1", "content": "no such user"}}},
            BounceKind.HARD,
            "userunknown",
            "5.1.1",
            550,
        ),
    ],
)  # fmt: skip
def test_the_servers_words_tell_more_than_listmonks_own_class(
    meta: dict[str, Any], kind: BounceKind, reason: str, status: str | None, reply: int | None
) -> None:
    record = one(meta)
    assert (record.kind, record.reason, record.status, record.reply) == (kind, reason, status, reply)


def test_a_mail_that_waited_too_long_is_expired() -> None:
    record = one({"classify_reason": "smtp_status=4.4.7"})
    assert (record.kind, record.expired) == (BounceKind.SOFT, True)


def test_the_host_that_refused_and_its_words_are_kept() -> None:
    record = one({"bounce_details": ["smtp; 550 5.1.1 no", "Remote-MTA: mx.example"], "classify_reason": "x"})
    assert (record.remote, record.diagnostic) == ("mx.example", "smtp; 550 5.1.1 no")


@pytest.mark.parametrize(("type_", "meta"), [("complaint", {}), ("hard", {"classify_reason": "rfc5965 abuse report"})])
def test_complaints_are_complaints_even_where_listmonk_calls_them_hard_bounces(type_: str, meta: object) -> None:
    record = one(meta, type_)
    assert (record.type, record.kind, record.feedback) == (EventType.COMPLAINED, None, "abuse")


class TestEventsOfProviders:
    def test_are_read_as_such_and_keep_listmonks_campaign(self) -> None:
        record = one(ses(), "soft")
        assert (record.type, record.kind, record.status) == (EventType.BOUNCED, BounceKind.HARD, "5.1.1")
        assert (record.campaign, record.keys, record.where) == (SPRING, ("Spring 26",), "bounces 7")
        assert record.ts == 1_772_438_402_500

    def test_are_the_same_events_as_in_a_file_of_the_providers_own(self) -> None:
        event = ses()
        (own,) = ProviderReader().records(event, "line 1") or []
        assert isinstance(own, Record)
        assert dedupe_key(one(event)) == dedupe_key(own)

    def test_without_an_id_are_known_by_the_row(self) -> None:
        event = ses()
        del event["mail"]["messageId"], event["bounce"]["feedbackId"]
        assert one(event).identity == "bounces 7"

    def test_name_the_recipient_better_than_the_first_one_of_the_mail(self) -> None:
        assert one(ses(), address="ann@shop.example").address == "bo@shop.example"

    def test_of_a_complaint_that_listmonk_takes_for_a_soft_bounce(self) -> None:
        event = ses("Complaint") | {
            "complaint": {
                "complainedRecipients": [{"emailAddress": "bo@shop.example"}],
                "complaintFeedbackType": "abuse",
                "timestamp": "2026-03-02T09:00:00Z",
            }
        }
        del event["bounce"]
        assert one(event, "soft").type is EventType.COMPLAINED
        event["complaint"]["complaintFeedbackType"] = "not-spam"
        assert said(event, "soft") == []

    def test_in_one_post_are_each_taken_from_the_row_of_their_own(self) -> None:
        post = [
            {
                "email": name,
                "event": "bounce",
                "type": "bounce",
                "timestamp": 1772438402,
                "sg_event_id": name,
                "status": "5.1.1",
            }
            for name in ("ann@shop.example", "bo@shop.example")
        ]
        assert one(post).address == "bo@shop.example"
        assert one(post, address="Ann@Shop.example").identity == "ann@shop.example"
        assert one(post, address="new@shop.example").source is Source.LISTMONK

    def test_that_are_broken_leave_the_row_itself(self) -> None:
        event = ses(timestamp="nonsense")
        event["mail"]["timestamp"] = "nonsense"
        record = one(event, "soft")
        assert (record.source, record.kind, record.ts) == (Source.LISTMONK, BounceKind.SOFT, AT)

    def test_keep_their_own_campaign_where_listmonk_knows_none(self) -> None:
        event = ses()
        event["mail"]["tags"] = {"campaign": ["autumn"]}
        assert one(event, campaign=None).campaign == "autumn"
        assert one(event).keys == ("Spring 26", "autumn")


@pytest.mark.parametrize(
    "meta",
    [
        "",
        "null",
        "7",
        '"words"',
        "[]",
        "[1, null, []]",
        "{",
        '{"a":' * 50_000,
        "[" * 50_000,
        json.dumps({"bounce_details": {"a": 1}, "classify_reason": ["x"], "bounce": "y", "data": 3, "status": {}}),
        json.dumps({"notificationType": "Bounce", "mail": None, "bounce": 3}),
        json.dumps({"message": "550 5.1.1 \x1b]0;x\x07\u202e" + "long " * 20_000}),
    ],
    ids=range(12),
)  # fmt: skip
def test_whatever_stands_in_meta_the_row_is_a_bounce(meta: str) -> None:
    record = one(meta)
    assert (record.type, record.kind) == (EventType.BOUNCED, BounceKind.HARD)
