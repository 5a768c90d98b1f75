"""What a log's reader remembers outlives a restart: cut anywhere, a log says what it says as a whole."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from store.feeds.exim import EximLog
from store.feeds.kumomta import KumoMtaLog
from store.feeds.logs import LineReader
from store.feeds.opensmtpd import OpenSmtpdLog
from store.feeds.postfix import PostfixLog
from store.feeds.stamps import Clock
from tests.following.logs import lines

NOW = datetime(2026, 3, 10, tzinfo=UTC)
EXIM = """\
2026-03-02 08:00:00 1tABCD-000123-4f <= bounces+ann=shop.example@news.example H=(app) [10.0.0.9] P=esmtp id=m1@ours
2026-03-02 08:00:00 1tABCD-000123-4f X-Campaign-ID: spring
2026-03-02 08:00:02 1tABCD-000123-4f == ann@shop.example R=dnslookup T=remote_smtp defer (-44) H=mx.shop.example \
[203.0.113.5]: SMTP error from remote mail server after RCPT TO:<ann@shop.example>: 452 4.2.2 mailbox full
2026-03-02 08:00:03 1tABCD-000124-4f >> bo@shop.example R=dnslookup T=remote_smtp H=mx.shop.example [203.0.113.5]
2026-03-02 08:00:03 1tABCD-000124-4f <= bounces+bo=shop.example@news.example H=(app) [10.0.0.9] P=esmtp id=m2@ours
2026-03-02 08:00:03 1tABCD-000124-4f Completed
2026-03-06 08:00:02 1tABCD-000123-4f ** ann@shop.example: retry timeout exceeded
2026-03-06 08:00:02 1tABCD-000123-4f Completed
2026-03-06 08:00:05 H=(app) [203.0.113.77] F=<news@news.example> rejected RCPT <cy@shop.example>: Unrouteable address
"""
_SENT = "from=<bounces+ann=shop.example@news.example> to=<ann@shop.example> rcpt=<->"
OPENSMTPD = f"""\
Mar  2 08:00:00 mx smtpd[7]: 5df87c9b982c840c smtp connected address=local host=mx
Mar  2 08:00:01 mx smtpd[7]: 5df87c9b982c840c smtp message msgid=1935f7a2 size=486 nrcpt=1 proto=ESMTP
Mar  2 08:00:01 mx smtpd[7]: 5df87c9b982c840c smtp failed-command command="RCPT TO:<x@y.example>" result="550 Invalid"
Mar  2 08:00:02 mx smtpd[7]: 5df87c9b982c840d mta delivery evpid=1935f7a2211b3785 {_SENT} source="10.0.0.1" \
relay="203.0.113.5 (mx)" delay=0s result="TempFail" stat="452 4.2.2 mailbox full"
Mar  2 09:00:02 mx smtpd[7]: relay: Expire for 1935f7a2211b3785: from=<bounces+ann=shop.example@news.example>, \
to=<ann@shop.example>, rcpt=<->, delay=1h, stat=Envelope expired
Mar  2 09:00:03 mx smtpd[7]: 5df87c9b982c840e mta delivery evpid=2935f7a2211b3785 {_SENT} source="10.0.0.1" \
relay="127.0.0.1 (proxy)" delay=0s result="Ok" stat="250 2.0.0 1935f7a2 Message accepted for delivery"
"""
TRADITIONAL = b"".join(b"Mar  2 " + line[11:19] + line[32:] for line in lines(40, random.Random(3)))


@pytest.mark.parametrize(
    ("make", "content", "records"),
    [
        (PostfixLog, b"".join(lines(40, random.Random(2))), 58),
        (PostfixLog, TRADITIONAL, 58),
        (EximLog, EXIM.encode(), 4),
        (OpenSmtpdLog, OPENSMTPD.encode(), 4),
    ],
)
def test_a_log_cut_anywhere(make: Callable[[], LineReader], content: bytes, records: int) -> None:
    told = content.splitlines(keepends=True)
    whole = list(make().records(told, Clock(NOW, UTC)))
    assert len(whole) == records
    for cut in range(len(told)):
        first, clock = make(), Clock(NOW, UTC)
        found = list(first.records(told[:cut], clock))
        second, later = make(), Clock(NOW, UTC)
        second.from_json(json.loads(json.dumps(first.to_json())))
        later.from_json(json.loads(json.dumps(clock.to_json())))
        assert found + list(second.records(told[cut:], later, cut + 1)) == whole


def test_segments_of_kumomta_cut_anywhere() -> None:
    base: dict[str, Any] = {"id": "1", "nodeid": "n", "sender": "b@news.example", "queue": "spring:t@x.example"}
    told = [
        {**base, "type": name, "recipient": "a@x.example", "timestamp": 1772438400 + at, "response": response}
        for at, (name, response) in enumerate([
            ("Reception", {}),
            ("TransientFailure", {"code": 452, "content": "4.2.2 mailbox full"}),
            ("Expiration", {"code": 551, "content": "expired"}),
        ])
    ]
    log = KumoMtaLog()
    whole = [record for found in told for record in log.records(found, "line 1")]
    assert getattr(whole[-1], "reply", None) == 452
    for cut in range(len(told)):
        first, second = KumoMtaLog(), KumoMtaLog()
        found = [record for one in told[:cut] for record in first.records(one, "line 1")]
        second.from_json(json.loads(json.dumps(first.to_json())))
        assert found + [record for one in told[cut:] for record in second.records(one, "line 1")] == whole
