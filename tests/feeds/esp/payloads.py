"""Events as the providers send them: one function for each provider, with what differs from event to event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from store.feeds.esp.reader import ProviderReader
from store.feeds.record import Defect, Record

AT = 1_772_438_402
"""2026-03-02 08:00:02 UTC."""

ISO = "2026-03-02T08:00:02.500Z"
BO = "bo@shop.example"
ANN = "ann@shop.example"
LINK = "https://shop.example/a?b=1"
Event = dict[str, Any]


def read(event: Event, campaign: str | None = None, zone: ZoneInfo | None = None) -> list[Record | Defect]:
    found = ProviderReader(campaign, zone).records(event, "line 1")
    assert found is not None, "no provider claims it"
    return found


def record(event: Event) -> Record:
    [found] = read(event)
    assert isinstance(found, Record), found
    return found


def defect(event: Event) -> str:
    [found] = read(event)
    assert isinstance(found, Defect), found
    return found.sentence


def records_of(path: Path, data: str | bytes) -> tuple[list[Record], list[Defect]]:
    from tests.feeds.test_opening import split, write

    return split(write(path, data))


def ses(kind: str, *to: str, typed: str = "eventType", mail: Event | None = None, **more: Any) -> Event:
    about = {
        "timestamp": "2026-03-02T08:00:01.120Z",
        "messageId": "0100018f-aa",
        "destination": list(to or [BO]),
        "tags": {"ses:configuration-set": ["main"], "campaign": ["spring-26"]},
    }
    return {typed: kind, "mail": about | (mail or {})} | more


def ses_bounce(kind: str, sub: str, *to: str, **each: str) -> Event:
    recipients = [{"emailAddress": address} | each for address in to or (BO,)]
    bounce = {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": recipients, "timestamp": ISO}
    return ses("Bounce", *(to or (BO,)), "other@shop.example", bounce=bounce | {"feedbackId": "fb-1"})


def sns(event: Event | str, **more: Any) -> Event:
    message = event if isinstance(event, str) else json.dumps(event)
    topic = "arn:aws:sns:eu-west-1:1:mail"
    envelope = {"Type": "Notification", "MessageId": "sns-1", "TopicArn": topic, "Timestamp": "2026-03-02T09:00:00Z"}
    return envelope | {"Message": message} | more


def sendgrid(kind: str, **more: Any) -> Event:
    about = {"email": BO, "timestamp": AT, "event": kind, "sg_event_id": "ev1", "sg_message_id": "AbC.recvd-1-0"}
    return about | {"smtp-id": "<c1.7@news.example>", "category": ["spring-26"]} | more


def mailgun_data(kind: str, **more: Any) -> Event:
    message = {"headers": {"message-id": "c1.7@news.example", "to": BO}}
    about = {"event": kind, "id": "x1", "timestamp": AT + 0.51, "recipient": BO, "tags": ["spring-26"]}
    return about | {"log-level": "info", "user-variables": {}, "message": message} | more


def mailgun(kind: str, **more: Any) -> Event:
    signature = {"timestamp": str(AT + 1), "token": "t1", "signature": "0a"}
    return {"signature": signature, "event-data": mailgun_data(kind, **more)}


def mailgun_form(kind: str, **more: Any) -> Event:
    signed = {"token": "t1", "signature": "0a", "timestamp": str(AT)}
    return {"event": kind, "recipient": BO, "Message-Id": "<c1.7@news.example>", "tag": "spring-26"} | signed | more


def postmark(kind: str, **more: Any) -> Event:
    times = {"Delivery": "DeliveredAt", "Bounce": "BouncedAt", "SpamComplaint": "BouncedAt", "Open": "ReceivedAt"}
    times |= {"Click": "ReceivedAt", "SubscriptionChange": "ChangedAt"}
    who = "Email" if kind in {"Bounce", "SpamComplaint"} else "Recipient"
    about = {"RecordType": kind, "MessageID": "883953f4-0000-42a2-a16a-77a8eac79483", "Tag": "spring-26"}
    return about | {who: BO, times.get(kind, "At"): "2026-03-02T09:00:02.5003933+01:00"} | more


def sparkpost(kind: str, family: str = "message", **more: Any) -> Event:
    about = {"type": kind, "event_id": "91", "timestamp": str(AT), "raw_rcpt_to": "Bo@shop.example", "rcpt_to": BO}
    about |= {"message_id": "m65", "transmission_id": "65", "campaign_id": "spring-26"}
    return {"msys": {f"{family}_event": about | more}}


def mandrill(kind: str, msg: Event | None = None, **more: Any) -> Event:
    about = {"_id": "ab12", "ts": AT - 100, "email": BO, "tags": ["spring-26"], "metadata": {"cid": "7"}}
    return {"event": kind, "_id": "ab12", "ts": AT, "msg": about | (msg or {})} | more


def brevo(kind: str, **more: Any) -> Event:
    about = {"event": kind, "email": BO, "id": 9, "ts_epoch": AT * 1000, "ts": AT + 3600, "ts_event": AT + 3600}
    return about | {"date": "2026-03-02 09:00:02", "message-id": "<c1.7@relay.example>", "tags": ["spring-26"]} | more


def brevo_marketing(kind: str, **more: Any) -> Event:
    about = {"event": kind, "email": BO, "id": 9, "camp_id": 5, "campaign name": "spring-26", "ts": AT + 3600}
    return about | {"ts_event": AT, "ts_sent": AT - 60, "date_event": "2026-03-02 09:00:02"} | more


def mailjet(kind: str, **more: Any) -> Event:
    about = {"event": kind, "time": AT, "MessageID": 19421777835146490, "Message_GUID": "1ab2", "email": BO}
    return about | {"mj_campaign_id": 7257, "customcampaign": "spring-26", "CustomID": "7", "Payload": ""} | more


def resend(kind: str, *to: str, **data: Any) -> Event:
    about = {"email_id": "aa-1", "to": list(to or [BO]), "created_at": "2026-03-02T07:59:00Z"}
    return {"type": kind, "created_at": ISO, "data": about | {"tags": {"campaign": "spring-26"}} | data}


def mailersend(kind: str, morph: Event | None = None, **data: Any) -> Event:
    email = {"id": "e0", "message": {"id": "m1"}, "tags": ["spring-26"], "recipient": {"email": BO}}
    about = {"id": "e1", "type": kind, "created_at": "2026-03-02T08:00:02.500000Z", "email": email, "morph": morph}
    return {"type": f"activity.{kind}", "created_at": "2026-03-02T08:00:03Z", "data": about | data}
