"""Whom an event is about, which mail and campaign it belongs to, and by what it is known again."""

from __future__ import annotations

import json

import pytest

from store.feeds.record import Defect, Record
from store.feeds.storing import dedupe_key, record_from_json, record_to_json
from store.vocabulary import Actor, Attribution, EventType
from tests.feeds.esp.payloads import (
    ANN,
    BO,
    ISO,
    LINK,
    Event,
    brevo,
    defect,
    mailersend,
    mailgun,
    mailgun_data,
    mailgun_form,
    mailjet,
    postmark,
    read,
    record,
    resend,
    sendgrid,
    ses,
    ses_bounce,
    sns,
    sparkpost,
)


def keys(*events: Event) -> set[bytes]:
    return {dedupe_key(found) for event in events for found in read(event) if isinstance(found, Record)}


def test_a_bounce_is_of_those_it_names_not_of_all_whom_the_mail_went_to() -> None:
    found = read(ses_bounce("Permanent", "NoEmail", BO, "cy@shop.example", status="5.1.1"))
    assert [(getattr(r, "address", ""), getattr(r, "status", ""), getattr(r, "attribution", "")) for r in found] == [
        (BO, "5.1.1", Attribution.EXACT),
        ("cy@shop.example", "5.1.1", Attribution.EXACT),
    ]


def test_an_open_that_names_nobody_fans_out_to_all_whom_the_mail_went_to() -> None:
    found = read(ses("Open", ANN, BO, open={"timestamp": ISO}))
    assert [(getattr(r, "address", ""), getattr(r, "attribution", "")) for r in found] == [
        (ANN, Attribution.FAN_OUT),
        (BO, Attribution.FAN_OUT),
    ]
    assert {getattr(r, "attribution", "") for r in read(ses("Send", ANN, BO, send={}))} == {Attribution.EXACT}
    assert record(ses("Open", ANN, open={"timestamp": ISO})).attribution is Attribution.EXACT


def test_who_of_several_clicked_is_only_inferred_and_who_bounced_is_not_guessed() -> None:
    clicked = resend("email.clicked", f"Ann Lund <{ANN}>", BO, click={"link": LINK})
    assert [(getattr(r, "address", ""), getattr(r, "attribution", "")) for r in read(clicked)] == [
        (ANN, Attribution.INFERRED),
        (BO, Attribution.INFERRED),
    ]
    assert "does not tell which of its 2 recipients" in defect(resend("email.bounced", ANN, BO, bounce={}))
    assert record(resend("email.bounced", f"Bo <{BO}>", bounce={})).attribution is Attribution.EXACT


def test_a_rejection_of_mailgun_finds_its_recipient_in_the_header() -> None:
    rejected = mailgun("rejected", recipient=None, message={"headers": {"to": f"Bo <{BO}>", "message-id": "1@x"}})
    assert record(rejected).address == BO


@pytest.mark.parametrize(
    ("event", "message_id"),
    [
        (ses("Send", mail={"commonHeaders": {"messageId": "<c1.7@news.example>"}}), "c1.7@news.example"),
        (ses("Send", mail={"commonHeaders": {"messageId": "0100018f-aa"}}), "0100018f-aa"),
        (ses("Send", mail={"headers": [{"name": "Message-ID", "value": "<c1.7@news.example>"}]}), "c1.7@news.example"),
        (ses("Send"), "0100018f-aa"),
        (sendgrid("open"), "c1.7@news.example"),
        (mailgun("opened"), "c1.7@news.example"),
        (mailgun_form("opened"), "c1.7@news.example"),
        (brevo("opened", **{"message-id": "c1.7@relay.example"}), "c1.7@relay.example"),
        (brevo("opened"), "c1.7@relay.example"),
        (mailjet("open"), "19421777835146490"),
        (postmark("Open"), "883953f4-0000-42a2-a16a-77a8eac79483"),
        (postmark("SubscriptionChange", MessageID="00000000-0000-0000-0000-000000000000"), None),
        (resend("email.sent", message_id="<c1.7@news.example>"), "c1.7@news.example"),
        (resend("email.sent"), "aa-1"),
        (mailersend("sent"), "m1"),
    ],
)
def test_the_message_id_is_that_of_the_mail_else_the_providers_own(event: Event, message_id: str | None) -> None:
    assert record(event).message_id == message_id


HEADERS = [{"name": "Subject", "value": "Hi"}, {"name": "X-Listmonk-Campaign", "value": "spring-26"}]


@pytest.mark.parametrize(
    "event",
    [
        ses("Send", mail={"tags": {"X-Campaign-ID": ["spring-26"], "team": ["blue"]}}),
        ses("Send", mail={"tags": {}, "headers": HEADERS}),
        sendgrid("open", category="spring-26"),
        sendgrid("open", category=["newsletter"], XListmonkCampaign="spring-26"),
        sendgrid("open", category=["newsletter"], campaign="spring-26"),
        sendgrid("open", category=[], marketing_campaign_name="spring-26", marketing_campaign_id=12),
        mailgun("opened", tags=["newsletter"], **{"user-variables": {"campaign_id": "spring-26"}}),
        mailgun("opened", tags=["x"], **{"user-variables": json.dumps({"campaign": "spring-26"})}),
        mailgun_form("opened", **{"message-headers": json.dumps([["X-Campaign-ID", "spring-26"]])}),
        postmark("Open", Tag="", Metadata={"campaign": "spring-26", "cid": "7"}),
        sparkpost("open", campaign_id="", rcpt_meta={"campaign": "spring-26"}),
        sparkpost("open", campaign_id="", rcpt_tags=["spring-26"]),
        brevo("opened", tags=None, tag='["spring-26"]'),
        brevo("opened", tags=None, tag="spring-26"),
        brevo("opened", tags=["a", "b"], **{"X-Mailin-custom": '{"campaign": "spring-26"}'}),
        mailjet("open", customcampaign="", Payload='{"campaign": "spring-26"}'),
        resend("email.sent", tags=[{"name": "campaign", "value": "spring-26"}, {"name": "a", "value": "b"}]),
        resend("email.sent", tags=None, headers=[{"name": "X-Campaign-ID", "value": "spring-26"}]),
    ],
)
def test_the_campaign_is_what_is_called_so_before_any_tag(event: Event) -> None:
    assert record(event).campaign == "spring-26"


def test_several_tags_are_all_kept_for_the_plan_to_decide() -> None:
    found = record(sendgrid("open", category=["newsletter", "spring-26"], sg_template_id="d-1"))
    assert (found.campaign, found.keys) == ("newsletter", ("newsletter", "spring-26", "d-1"))
    found = record(sendgrid("open", category=["newsletter", "spring-26"], campaign="s"))
    assert (found.campaign, found.keys) == ("s", ("newsletter", "spring-26"))
    found = record(resend("email.sent", tags=None, broadcast_id="b7"))
    assert (found.campaign, found.keys) == (None, ("b7",))
    found = record(ses("Send"))
    assert (found.campaign, found.keys) == ("spring-26", ("main",))


def test_fields_that_sendgrid_adds_are_no_campaign() -> None:
    found = record(
        sendgrid("open", category=None, sg_content_type="html", sg_template_name="spring", sg_machine_open=True)
    )
    assert (found.campaign, found.actor) == (None, Actor.MACHINE)


def test_the_same_bounce_by_two_ways_of_ses_is_one_event() -> None:
    bounce = ses_bounce("Permanent", "NoEmail")
    notified = {"notificationType": "Bounce", **{key: bounce[key] for key in ("bounce", "mail")}}
    assert (
        len(keys(bounce, sns(bounce), sns(notified, MessageId="sns-2"), {"Messages": [{"Body": json.dumps(bounce)}]}))
        == 1
    )


def test_the_webhook_and_the_api_of_mailgun_tell_the_same_event() -> None:
    again = mailgun("clicked", url=LINK)
    again["signature"] = {"timestamp": "1772438999", "token": "t2", "signature": "1b"}
    assert len(keys(mailgun("clicked", url=LINK), again, {"items": [mailgun_data("clicked", url=LINK)]})) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (brevo("opened"), brevo("unique_opened", **{"message-id": "c1.7@relay.example"})),
        (brevo("proxy_open"), brevo("unique_proxy_open")),
        (sparkpost("initial_open", event_id="1"), sparkpost("open", event_id="2")),
        (mailersend("opened"), mailersend("opened_unique", id="e2")),
    ],
)
def test_the_first_reading_that_is_told_twice_is_one_event(one: Event, other: Event) -> None:
    assert len(keys(one, other)) == 1


def test_events_without_an_id_of_their_own_are_told_apart_by_what_they_say() -> None:
    one = mailjet("click", url=LINK)
    others = [mailjet("click", url=LINK + "2"), mailjet("click", url=LINK, email=ANN), mailjet("open")]
    others += [mailjet("click", url=LINK, time=1772438403), mailjet("click", url=LINK, MessageID=8)]
    assert len(keys(one, one, *others)) == 1 + len(others)


def test_a_record_with_its_candidates_comes_back_from_json_as_it_was() -> None:
    found = Record(
        EventType.OPENED, 1, BO, record(sendgrid("open")).source, attribution=Attribution.FAN_OUT, keys=("a", "b")
    )
    assert record_from_json(record_to_json(found)) == found


def test_an_address_that_is_none_is_a_defect() -> None:
    assert defect(sendgrid("open", email="nobody")) == "this event of SendGrid names no recipient"
    assert isinstance(read(ses("Open", "nobody", open={}))[0], Defect)
