"""Events of Amazon SES as Firehose leaves them: one JSON object a line, with the headers that SES repeats in each."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.material import CAMPAIGN, STARTED, made, people

_KINDS = ("Open", "Click", "Delivery", "Bounce", "DeliveryDelay", "Complaint")
_SHARES = (58, 22, 12, 4, 3, 1)
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
)
_LINKS = 12


def ses_ndjson(size: int, count: int) -> Path:
    """Return ``count`` events of random recipients of ``recipients_csv(size)``, in order of time, as NDJSON.

    More than half are opens, some are deliveries, delays, bounces and complaints; a line has about 1.3 kB.
    """
    return made(f"ses-{size}-{count}.ndjson", lambda path: _write(path, _random(size, count)))


def ses_sending(size: int, count: int) -> Path:
    """Return the Send and the Delivery event of the first recipients of the list, in the order of sending."""
    return made(f"ses-sending-{size}-{count}.ndjson", lambda path: _write(path, _sending(size, count)))


def own_id(number: int, back: int = 0) -> str:
    """Return the id that SES gives the mail to the recipient ``number`` of the campaign ``back`` before the newest."""
    return f"0100019a{number:08x}-5d3f8b20-0b5b-4b0e-{back:04x}-{number:012x}-000000"


def _write(path: Path, events: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as handle:
        for event in events:
            handle.write(json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n")


def _random(size: int, count: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(count + 3)
    addresses = [one.address for one in people(size)]
    for number in range(count):
        chosen = dice.randrange(size)
        at = STARTED + timedelta(hours=3, milliseconds=number * 25)
        kind = dice.choices(_KINDS, _SHARES)[0]
        yield _event(kind, chosen, addresses[chosen], at, dice)


def _sending(size: int, count: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(count + 4)
    for number, one in zip(range(count // 2), people(size), strict=False):
        at = STARTED + timedelta(milliseconds=number * 25)
        yield _event("Send", number, one.address, at, dice)
        yield _event("Delivery", number, one.address, at + timedelta(milliseconds=10), dice)


def _event(kind: str, number: int, address: str, at: datetime, dice: random.Random) -> dict[str, Any]:
    key = kind[0].lower() + kind[1:]
    return {"eventType": kind, "mail": _mail(number, address), key: _details(kind, number, address, _stamp(at), dice)}


def _mail(number: int, address: str) -> dict[str, Any]:
    sent = STARTED + timedelta(milliseconds=number * 25)
    own = own_id(number)
    headers = {
        "From": "News <news@news.example>",
        "To": address,
        "Subject": "Autumn is here",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="----=_Part_{number}_1190846239.1763456400000"',
        "List-Unsubscribe": f"<https://news.example/u/{number:x}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return {
        "timestamp": _stamp(sent),
        "source": "News <news@news.example>",
        "sendingAccountId": "123456789012",
        "messageId": own,
        "destination": [address],
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": {
            "from": ["News <news@news.example>"],
            "to": [address],
            "messageId": own,
            "subject": "Autumn is here",
        },
        "tags": {
            "ses:operation": ["SendRawEmail"],
            "ses:configuration-set": ["news"],
            "ses:source-ip": ["192.0.2.10"],
            "ses:from-domain": ["news.example"],
            "ses:caller-identity": ["mailer"],
            "campaign": [CAMPAIGN],
        },
    }


def _details(kind: str, number: int, address: str, stamp: str, dice: random.Random) -> dict[str, Any]:
    seen = {"timestamp": stamp, "userAgent": dice.choice(_AGENTS), "ipAddress": f"192.0.2.{number % 250}"}
    if kind == "Open":
        return seen
    if kind == "Click":
        return seen | {"link": f"https://news.example/offer/{dice.randrange(_LINKS)}", "linkTags": None}
    if kind == "Bounce":
        words = "smtp; 550 5.1.1 user unknown"
        failed = {"emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": words}
        about = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [failed]}
        return about | {"timestamp": stamp, "feedbackId": f"fb-{number:x}-{stamp}", "reportingMTA": "dns; a8-70.ses"}
    if kind == "DeliveryDelay":
        waits = {"emailAddress": address, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}
        return {"timestamp": stamp, "delayType": "TransientCommunicationFailure", "delayedRecipients": [waits]}
    if kind == "Complaint":
        about = {"complainedRecipients": [{"emailAddress": address}], "complaintFeedbackType": "abuse"}
        return about | {"timestamp": stamp, "feedbackId": f"cb-{number:x}-{stamp}", "userAgent": "Amazon SES Mailbox"}
    if kind == "Delivery":
        reply = "250 2.0.0 OK 1763456400 d9443c01a7336-29"
        took = {"timestamp": stamp, "processingTimeMillis": 812, "reportingMTA": "a8-53.smtp-out.amazonses.com"}
        return took | {"recipients": [address], "smtpResponse": reply}
    return {}


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
