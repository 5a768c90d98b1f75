"""What has cost others a wrong number: how each provider's events really come, field by field."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from store.feeds.record import Record
from store.feeds.storing import dedupe_key
from store.vocabulary import Actor, BounceKind, EventType
from tests.feeds.esp.payloads import (
    ANN,
    AT,
    BO,
    ISO,
    LINK,
    Event,
    brevo,
    brevo_marketing,
    defect,
    mailersend,
    mailgun,
    mailgun_form,
    mailjet,
    mandrill,
    postmark,
    read,
    record,
    records_of,
    resend,
    sendgrid,
    ses,
    ses_bounce,
    sns,
    sparkpost,
)

MACHINES: list[tuple[Event, Actor]] = [
    (ses("Open", open={"timestamp": ISO, "userAgent": "Mozilla/5.0", "ipAddress": "104.28.30.1"}), Actor.MACHINE),
    (ses("Open", open={"timestamp": ISO, "userAgent": "YahooMailProxy; x"}), Actor.HUMAN),
    (sendgrid("open", sg_machine_open=True, useragent="Mozilla/5.0 (GoogleImageProxy)"), Actor.MACHINE),
    (sendgrid("open", sg_machine_open=False, useragent="Mozilla/5.0"), Actor.UNKNOWN),
    (sendgrid("click", url=LINK, useragent="Mozilla/5.0", ip="17.58.0.9"), Actor.UNKNOWN),
    *(
        (mailgun(kind, **{"client-info": {"bot": bot}}), Actor.MACHINE)
        for kind in ("opened", "clicked")
        for bot in "ag"
    ),
    (mailgun_form("opened", bot="apple"), Actor.MACHINE),
    (postmark("Open", UserAgent="Mozilla/5.0", Geo={"IP": "17.58.0.9"}), Actor.MACHINE),
    (postmark("Open", UserAgent="", Geo={"IP": "17.58.0.9"}), Actor.MACHINE),
    (sparkpost("initial_open", "track", user_agent_parsed={"is_prefetched": True}), Actor.MACHINE),
    (sparkpost("amp_click", "track", user_agent_parsed={"is_prefetched": True}), Actor.MACHINE),
    (mandrill("open", user_agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)"), Actor.HUMAN),
    (brevo("unique_proxy_open", user_agent="Mozilla/5.0 (iPhone)"), Actor.MACHINE),
    (brevo("opened", user_agent="Mozilla/5.0"), Actor.MACHINE),
    (brevo_marketing("unique_proxy_open"), Actor.MACHINE),
    (mailjet("open", agent="Mozilla/5.0", ip="17.58.0.9"), Actor.MACHINE),
    (resend("email.opened", open={"userAgent": "Mozilla/5.0", "ipAddress": "17.58.0.9"}), Actor.MACHINE),
    (mailersend("opened", {"ip": "17.58.0.9"}), Actor.MACHINE),
    (mailersend("clicked", {"url": LINK, "ip": "17.58.0.9"}), Actor.UNKNOWN),
]


@pytest.mark.parametrize(("event", "actor"), MACHINES)
def test_who_opened_or_clicked(event: Event, actor: Actor) -> None:
    assert record(event).actor is actor


SUPPRESSED = {"complaintSubType": "OnAccountSuppressionList", "complainedRecipients": [{"emailAddress": BO}]}
REFUSED = {"reason": "Sandbox subdomains are for test purposes only", "description": ""}
FAILURES: list[tuple[Event, str]] = [
    (ses("Complaint", complaint=SUPPRESSED | {"timestamp": ISO}), "rejected block"),
    (ses_bounce("Transient", "ContentRejected"), "bounced content"),
    (ses_bounce("Permanent", "Suppressed", diagnosticCode="Amazon SES has suppressed sending"), "rejected hard"),
    (sendgrid("bounce", type="bounce", reason="550 5.1.1 no such user", **{"smtp-id": None}), "bounced hard"),
    (sendgrid("dropped", reason="Spam Reporting Address"), "rejected block"),
    (sendgrid("dropped", reason="Invalid"), "rejected hard"),
    (mailgun("failed", severity="permanent", reason="bounce", **{"delivery-status": {"code": 605}}), "bounced hard"),
    (mailgun("rejected", recipient=None, reject=REFUSED), "rejected undetermined"),
    (mailgun_form("dropped", code="550", reason="hardfail", description="550 5.1.1 no such user"), "rejected hard"),
    (mailgun_form("dropped", reason="old", description="gave up"), "bounced soft"),
    (postmark("Bounce", Type="Blocked", TypeCode=100006, Details="smtp;550 5.7.1 blocked"), "rejected block"),
    (postmark("Bounce", Type=None, TypeCode=100009), "rejected block"),
    (postmark("Bounce", Type=None, TypeCode="4096", Details="smtp;452 4.2.2 full"), "bounced soft"),
    (postmark("Bounce", Type="SomethingNew", TypeCode=77), "bounced undetermined"),
    (sparkpost("out_of_band", bounce_class="10", raw_reason="550 5.1.1 unknown"), "bounced hard"),
    (sparkpost("bounce", bounce_class="25"), "bounced block"),
    *((sparkpost("bounce", bounce_class=number), "bounced soft") for number in ("20", "23", "40", "70")),
    *((sparkpost("bounce", bounce_class=number), "bounced block") for number in ("50", "52", "53", "54")),
    *((sparkpost("bounce", bounce_class=number), "bounced hard") for number in ("30",)),
    (mandrill("reject", {"reject": {"reason": "hard-bounce"}}), "rejected hard"),
    (mandrill("reject", {"reject": {"reason": "unsub"}}), "rejected block"),
    (brevo("hard_bounce", reason=" RecipientError: 550 5.5.0 mailbox unavailable."), "bounced hard"),
    (brevo("soft_bounce", reason="undefined Unable to find MX of domain"), "bounced soft"),
    (brevo("blocked", reason="blocked : due to blacklist user"), "rejected block"),
    (mailjet("bounce", blocked=True, hard_bounce=True, error="invalid domain", customcampaign=""), "bounced hard"),
    (mailjet("blocked", error="typofix", mj_campaign_id=0), "rejected hard"),
    (
        resend("email.bounced", bounce={"message": "The provider sent a hard bounce message, but no reason"}),
        "bounced hard",
    ),
    (
        resend("email.bounced", bounce={"message": "You might be able to send to the same recipient in the future"}),
        "bounced soft",
    ),
    (resend("email.bounced", bounce={"type": "Undetermined", "subType": "Undetermined"}), "bounced undetermined"),
    (mailersend("hard_bounced", {"reason": "Unknown reason"}, email={"recipient": {"email": BO}}), "bounced hard"),
]


@pytest.mark.parametrize(("event", "said"), FAILURES, ids=lambda value: value if isinstance(value, str) else "")
def test_why_it_failed(event: Event, said: str) -> None:
    found = record(event)
    assert [str(found.type), str(found.kind)] == said.split()


IN_SILENCE: list[Event] = [
    sns({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have successfully subscribed"}),
    {"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have successfully subscribed"},
    {"Type": "SubscriptionConfirmation", "MessageId": "1", "Message": "You have chosen", "SubscribeURL": "https://x"},
    {"Records": [{"Sns": sns("Successfully validated SNS topic for Amazon SES event publishing.")}]},
    {"event": "account_status_change", "type": "compliance_suspend", "sg_event_id": "e", "timestamp": AT},
    {"type": "blacklist", "action": "add", "reject": {"email": BO, "reason": "manual edit"}},
    {"type": "whitelist", "action": "add", "entry": {"email": BO, "detail": "manual edit"}},
    {"mandrill_events": json.dumps([{"type": "blacklist", "action": "remove", "reject": {"email": BO}}])},
    {"event": "inbound", "ts": AT, "msg": {"email": BO, "raw_msg": "Subject: Re"}},
    {"event": "list_addition", "id": 1, "email": [BO], "list_id": [8], "date": "2026-03-02 09:00:02", "ts": AT},
    {"event": "contact_updated", "id": 1, "email": BO, "content": [{"name": "x"}], "ts": AT},
    {"event": "contact_deleted", "id": 1, "email": [BO, ANN], "date": "2026-03-02 09:00:02", "ts": AT},
    {"type": "maintenance.start", "created_at": ISO, "data": {"id": "m"}},
    {"type": "sender_identity.verified", "created_at": ISO, "data": {"email": BO}},
    {"type": "domain.created", "created_at": ISO, "data": {"id": "d", "name": "shop.example"}},
    {"msys": {"ab_test_event": {"type": "ab_test_completed"}}},
    {"msys": {"ingest_event": {"type": "success", "event_id": "1", "timestamp": str(AT)}}},
    *({"msys": {"relay_event": {"type": f"relay_{kind}", "event_id": "1"}}} for kind in ("delivery", "permfail")),
    mailgun("list_member_uploaded", recipient=None),
    postmark("SubscriptionChange", SuppressSending=False, SuppressionReason=None),
]


@pytest.mark.parametrize("event", IN_SILENCE)
def test_what_is_none_of_a_sending_is_passed_over_as_it_really_comes(event: Event) -> None:
    assert read(event) == []


def test_an_event_in_a_notification_without_any_time_has_that_of_the_notification() -> None:
    bounce = ses_bounce("Permanent", "General", BO, ANN)
    del bounce["bounce"]["timestamp"], bounce["mail"]["timestamp"]
    found = read(sns(bounce))
    assert [(getattr(r, "address", ""), getattr(r, "ts", 0)) for r in found] == [
        (BO, 1772442000000),
        (ANN, 1772442000000),
    ]
    assert defect(bounce | {"bounce": bounce["bounce"] | {"bouncedRecipients": [BO]}}) == "the time is missing"


@pytest.mark.parametrize(
    ("event", "ts"),
    [
        (postmark("Delivery", DeliveredAt="2026-03-02T03:00:02.2735393-05:00"), AT * 1000 + 273),
        (postmark("Bounce", BouncedAt="2026-03-02T08:00:02Z"), AT * 1000),
        (mailgun("opened", timestamp=AT + 0.523), AT * 1000 + 523),
        (mailgun("opened", timestamp=f"{AT}.523"), AT * 1000 + 523),
        (sparkpost("generation_failure", "gen", timestamp="2026-03-02T08:00:02.000+00:00"), AT * 1000),
        *((brevo("opened", ts_epoch=AT * factor), AT * 1000) for factor in (1, 1000, 1_000_000)),
        (brevo("opened", ts_epoch=str(AT)), AT * 1000),
        (mailersend("opened", created_at="2026-03-02T08:00:02.025000Z"), AT * 1000 + 25),
        (resend("email.sent") | {"created_at": "2026-03-02T08:00:02.126719+00:00"}, AT * 1000 + 126),
        (mandrill("open", {"ts": AT - 86400}), AT * 1000),
    ],
)
def test_the_time_is_that_of_the_event_in_whatever_form(event: Event, ts: int) -> None:
    assert record(event).ts == ts


def test_the_address_keeps_its_letters_and_loses_its_name() -> None:
    assert record(sparkpost("delivery")).address == "Bo@shop.example"
    assert record(resend("email.sent", f"Bo Holm <{BO}>")).address == BO
    assert record(resend("email.sent") | {"data": {"email_id": "1", "to": BO}}).address == BO
    assert record(mailgun("rejected", recipient=None, message={"headers": {"to": f'"Holm, Bo" <{BO}>'}})).address == BO


def test_a_campaign_of_mailgun_may_be_named_by_an_object() -> None:
    assert record(mailgun("opened", tags=[], campaigns=[{"id": "fb", "name": "spring-26"}])).campaign == "spring-26"


def test_events_of_sendgrid_without_ids_of_their_own_are_known() -> None:
    old = sendgrid("bounce", type="blocked", reason="554 5.7.1 refused")
    del old["sg_event_id"], old["sg_message_id"]
    found = record(old)
    assert (found.type, found.kind, found.message_id) == (EventType.BOUNCED, BounceKind.BLOCK, "c1.7@news.example")


def test_ids_that_a_provider_repeats_do_not_make_two_events_one() -> None:
    same = {"sg_event_id": "sg_event_id", "sg_message_id": "sg_message_id"}
    events = [sendgrid(kind, **same) for kind in ("processed", "delivered", "open")]
    events += [sendgrid("open", **same | {"email": ANN}), sendgrid("open", **same | {"timestamp": AT + 1})]
    events += [sendgrid("click", **same | {"url": url}) for url in (LINK, LINK + "2")]
    assert len({dedupe_key(record(event)) for event in events}) == len(events)


def multipart(fields: Event, boundary: str = "xYzZY") -> str:
    parts = (f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    return "".join(parts) + f"--{boundary}--\r\n"


def rows(*cells: Any) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([["id", "payload"], *enumerate(cells)])
    return written.getvalue()


FORM, HOOK = mailgun_form("clicked", url=LINK), mailgun("clicked", url=LINK, note='it\'s "so"')
PRETTY = json.dumps([HOOK], indent=2)
REQUEST = "POST /hook HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\n\r\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (multipart(FORM), ["line 1"]),
        (multipart(FORM) + multipart(FORM, "other-9"), ["line 1", "line 34"]),
        (REQUEST.format("multipart/form-data") + multipart(FORM), ["line 5"]),
        (f"POST /hook body={json.dumps(multipart(FORM))}\n", ["line 1"]),
        (json.dumps({"path": "/hook", "body": multipart(FORM)}), ["line 1"]),
        (urlencode(FORM) + "\n" + urlencode([*FORM.items(), ("tag", "b")]), ["line 1", "line 2"]),
        (REQUEST.format("application/json") + PRETTY + "\r\n" + REQUEST.format("x") + PRETTY, ["line 5", None]),
        (f"2026-03-02 got {json.dumps(HOOK).encode()!r}\n", ["line 1"]),
        (f"2026-03-02 got {PRETTY!r}\n", ["line 1"]),
        (f"2026-03-02 got {json.dumps(PRETTY)}\n", ["line 1"]),
        (json.dumps(json.dumps(HOOK)) + "\n" + json.dumps(json.dumps([HOOK])), ["line 1", "line 2"]),
        (json.dumps([json.dumps(HOOK), json.dumps([HOOK])]), ["line 1", "line 1"]),
        (json.dumps([json.dumps(HOOK)] * 2, indent=1), ["line 1", "line 1"]),
        (rows(json.dumps(HOOK), json.dumps([HOOK])), ["line 2", "line 3"]),
    ],
)
def test_bodies_lie_in_files_however_they_were_quoted(tmp_path: Path, text: str, lines: list[str | None]) -> None:
    records, defects = records_of(tmp_path / "requests.log", text.encode())
    assert [(found.type, found.address, found.url) for found in records] == [(EventType.CLICKED, BO, LINK)] * len(lines)
    assert [found.where for found, line in zip(records, lines, strict=True) if line] == [line for line in lines if line]
    assert defects == []


ONE_BAD: list[tuple[Event, Event]] = [
    (ses("Send", send={}), ses("Danced")),
    (sendgrid("open"), sendgrid("danced")),
    (mailgun("opened"), mailgun("danced")),
    (postmark("Open"), postmark("Danced")),
    (sparkpost("open", "track"), sparkpost("danced", "track")),
    (mandrill("open"), mandrill("danced")),
    (brevo("opened"), brevo("danced")),
    (mailjet("open"), mailjet("danced")),
    (resend("email.opened"), resend("email.danced")),
    (mailersend("opened"), mailersend("danced")),
]


@pytest.mark.parametrize(("good", "bad"), ONE_BAD)
@pytest.mark.parametrize("written", ["[{}, {}, {}]", "{}\n{}\n{}\n", "{}{}{}"])
def test_an_unknown_event_is_one_defect_with_its_place_and_the_rest_lands(
    tmp_path: Path, good: Event, bad: Event, written: str
) -> None:
    text = written.format(json.dumps(good), json.dumps(bad), json.dumps(good))
    records, defects = records_of(tmp_path / "x", text)
    assert [found.type for found in records] == [found.type for found in read(good) if isinstance(found, Record)] * 2
    [found] = defects
    assert "is no known event of" in found.sentence
    column = text.split("\n")[0].find(json.dumps(bad)) + 1
    assert found.where == (f"line 1, column {column}" if column else "line 2")
