from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.feeds.postfix import LINE, PostfixLog
from store.feeds.record import Record
from store.feeds.stamps import Clock
from store.vocabulary import BounceKind, EventType, Hop

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SENDER = "bounces+ann=shop.example@news.example"
SAID = "host mx.shop.example[203.0.113.5] said: "


def line(service: str, text: str, second: float = 0.0, host: str = "mx1") -> bytes:
    return f"2026-03-02T08:00:{second:09.6f}+01:00 {host} postfix/{service}[811]: {text}\n".encode()


def mail(
    queue_id: str, *, sender: str = SENDER, message_id: str = "c1.7@news.example", campaign: str = "spring-26"
) -> list[bytes]:
    header = (
        f"{queue_id}: info: header X-Campaign-ID: {campaign} from app[10.0.0.9]; from=<{sender}> to=<x> proto=ESMTP"
    )
    return [
        line("smtpd", f"{queue_id}: client=app[10.0.0.9]"),
        line("cleanup", f"{queue_id}: message-id=<{message_id}>"),
        *([line("cleanup", header)] if campaign else []),
        line("qmgr", f"{queue_id}: from=<{sender}>, size=822, nrcpt=1 (queue active)"),
    ]


def to(
    queue_id: str,
    status: str,
    said: str,
    *,
    address: str = "ann@shop.example",
    dsn: str = "2.0.0",
    relay: str = "mx.shop.example[203.0.113.5]:25",
    service: str = "smtp",
    orig: str = "",
    second: float = 1.0,
) -> bytes:
    alias = f"orig_to=<{orig}>, " if orig else ""
    fields = f"to=<{address}>, {alias}relay={relay}, delay=1.1, delays=0/0/0.4/0.7, dsn={dsn}, status={status} ({said})"
    return line(service, f"{queue_id}: {fields}", second)


def removed(queue_id: str) -> bytes:
    return line("qmgr", f"{queue_id}: removed")


def read(lines: Iterable[bytes]) -> list[Record]:
    return list(PostfixLog().records(lines, Clock(NOW, UTC)))


def test_a_delivery_carries_message_id_campaign_and_the_recipient_that_the_sender_names() -> None:
    [record] = read([*mail("4XabcdZzz1z"), to("4XabcdZzz1z", "sent", "250 2.0.0 Ok: queued as AC01")])
    assert record.type is EventType.DELIVERED
    assert record.ts == 1772434801000
    assert (record.address, record.verp) == ("ann@shop.example", "ann@shop.example")
    assert (record.message_id, record.campaign) == ("c1.7@news.example", "spring-26")
    assert (record.status, record.reply, record.hop) == ("2.0.0", 250, Hop.FINAL)


def test_a_bounce_keeps_the_servers_words_and_is_hard_by_its_reason() -> None:
    said = f"{SAID}550 5.1.1 <ann@shop.example>: User unknown (in reply to RCPT TO command)"
    [record] = read([*mail("A1B2C3D"), to("A1B2C3D", "bounced", said, dsn="5.1.1")])
    assert (record.type, record.kind, record.reason) == (EventType.BOUNCED, BounceKind.HARD, "userunknown")
    assert (record.diagnostic, record.reply, record.expired) == (said, 550, False)


def test_a_reply_of_several_lines_gives_its_code() -> None:
    said = f"{SAID}550-5.1.1 The account does not exist. Try 550-5.1.1 again 550 5.1.1 x (in reply to RCPT TO command)"
    [record] = read([*mail("A1B2C3D"), to("A1B2C3D", "bounced", said, dsn="5.1.1")])
    assert (record.reply, record.kind) == (550, BounceKind.HARD)


def test_expiry_applies_to_the_recipients_still_deferred_and_takes_their_last_words() -> None:
    full = f"{SAID}452 4.2.2 <ann@shop.example>: over quota (in reply to RCPT TO command)"
    lines = [
        *mail("A1B2C3D"),
        to("A1B2C3D", "deferred", full, dsn="4.2.2", address="ann@shop.example"),
        to("A1B2C3D", "deferred", "connect to mx[::1]:25: Connection refused", dsn="4.4.1", address="bo@shop.example"),
        to("A1B2C3D", "sent", "250 Ok", address="bo@shop.example", second=2),
        line("qmgr", f"A1B2C3D: from=<{SENDER}>, status=expired, returned to sender", 9),
        removed("A1B2C3D"),
    ]
    records = read(lines)
    expired = [record for record in records if record.expired]
    assert [(record.address, record.type, record.kind) for record in expired] == [
        ("ann@shop.example", EventType.BOUNCED, BounceKind.SOFT)
    ]
    assert (expired[0].status, expired[0].reply, expired[0].reason) == ("4.2.2", 452, "mailboxfull")
    assert expired[0].diagnostic == full
    assert expired[0].ts == 1772434809000


def test_an_alias_is_no_delivery_and_what_goes_on_inherits_campaign_and_message() -> None:
    lines = [
        *mail("A1B2C3D"),
        to("A1B2C3D", "sent", "forwarded as B1B2C3D", address="team@news.example", relay="local", service="local"),
        line("qmgr", f"B1B2C3D: from=<{SENDER}>, size=9, nrcpt=1 (queue active)"),
        removed("A1B2C3D"),
        to("B1B2C3D", "bounced", f"{SAID}550 5.1.1 unknown user", dsn="5.1.1", orig="team@news.example"),
    ]
    [record] = read(lines)
    assert (record.campaign, record.message_id) == ("spring-26", "c1.7@news.example")
    assert (record.address, record.original) == ("ann@shop.example", "team@news.example")


def test_the_posts_own_notices_are_left_out() -> None:
    lines = [
        line("cleanup", "D1B2C3D: message-id=<n1@mx1>"),
        line("qmgr", "D1B2C3D: from=<>, size=2749, nrcpt=1 (queue active)"),
        to("D1B2C3D", "sent", "delivered to maildir", address=SENDER, relay="local", service="local"),
    ]
    assert read(lines) == []


def test_address_probes_are_no_events() -> None:
    assert read([*mail("A1B2C3D"), to("A1B2C3D", "undeliverable", "550 no", dsn="5.1.1")]) == []


def test_a_content_filter_is_a_hop_and_its_second_queue_id_inherits_the_campaign() -> None:
    lines = [
        *mail("A1B2C3D"),
        line("cleanup", "B1B2C3D: message-id=<c1.7@news.example>"),
        line("qmgr", f"B1B2C3D: from=<{SENDER}>, size=9, nrcpt=1 (queue active)"),
        to("A1B2C3D", "sent", "250 2.0.0 Ok: queued as B1B2C3D", relay="127.0.0.1[127.0.0.1]:10024"),
        removed("A1B2C3D"),
        to("B1B2C3D", "sent", "250 2.0.0 Ok"),
    ]
    hop, final = read(lines)
    assert (hop.type, hop.hop) == (EventType.SENT, Hop.RELAY)
    assert (final.type, final.hop, final.campaign) == (EventType.DELIVERED, Hop.FINAL, "spring-26")


def test_a_smarthost_on_a_submission_port_still_has_to_deliver() -> None:
    lines = [*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 Ok", relay="smtp.provider.example[203.0.113.9]:587")]
    assert read(lines)[0].type is EventType.SENT


def test_delivery_into_a_local_box_is_a_delivery() -> None:
    lines = [*mail("A1B2C3D"), to("A1B2C3D", "sent", "delivered to maildir", relay="local", service="local")]
    assert read(lines)[0].type is EventType.DELIVERED


def test_a_campaign_header_on_incoming_mail_does_not_count() -> None:
    lines = [
        *mail("A1B2C3D", sender="fbl@isp.example", message_id="arf.1@isp.example"),
        to("A1B2C3D", "sent", "delivered to maildir", address="fbl@news.example", relay="local", service="local"),
    ]
    assert read(lines)[0].campaign is None


def test_mail_outside_a_campaign_is_told_too() -> None:
    lines = [*mail("A1B2C3D", sender="shop@news.example", campaign=""), to("A1B2C3D", "sent", "250 Ok")]
    assert [(record.campaign, record.verp) for record in read(lines)] == [(None, None)]


def test_a_reused_queue_id_belongs_to_its_new_mail() -> None:
    lines = [
        *mail("A1B2C3D"),
        removed("A1B2C3D"),
        *mail("A1B2C3D", sender="shop@news.example", message_id="t1@news.example", campaign=""),
        to("A1B2C3D", "sent", "250 Ok"),
    ]
    [record] = read(lines)
    assert (record.message_id, record.campaign, record.verp) == ("t1@news.example", None, None)


def test_a_reused_queue_id_belongs_to_its_new_mail_even_if_the_removal_was_not_logged() -> None:
    lines = [
        *mail("A1B2C3D"),
        to("A1B2C3D", "deferred", "452 4.2.2 full", dsn="4.2.2", address="old@shop.example"),
        *mail("A1B2C3D", sender="shop@news.example", message_id="t1@news.example", campaign=""),
        line("qmgr", "A1B2C3D: from=<shop@news.example>, status=expired, returned to sender", 9),
    ]
    assert [(record.message_id, record.expired) for record in read(lines)] == [("c1.7@news.example", False)]


def test_the_campaigns_header_may_be_logged_before_the_message_id() -> None:
    first, message_id, header, active = mail("A1B2C3D")
    [record] = read([first, header, message_id, active, to("A1B2C3D", "sent", "250 Ok")])
    assert (record.campaign, record.message_id) == ("spring-26", "c1.7@news.example")


@pytest.mark.parametrize("service", ["out/smtp", "relay/smtp", "submission/smtpd/smtp"])
@pytest.mark.parametrize("instance", ["postfix", "postfix-out"])
def test_syslog_names_of_every_sort_are_known(instance: str, service: str) -> None:
    lines = [*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 Ok", service=service)]
    lines = [text.replace(b" postfix/", f" {instance}/".encode()) for text in lines]
    [record] = read(lines)
    assert (record.type, record.campaign) == (EventType.DELIVERED, "spring-26")
    assert all(LINE.match(text) for text in lines)


def test_a_filter_that_takes_a_mail_and_throws_it_away_has_rejected_it() -> None:
    said = "250 2.7.0 Ok, discarded, id=09872-11 - spam"
    [record] = read([*mail("A1B2C3D"), to("A1B2C3D", "sent", said, relay="127.0.0.1[127.0.0.1]:10024")])
    assert (record.type, record.hop, record.reply) == (EventType.REJECTED, Hop.FINAL, 250)
    assert record.kind is not None


def traditional(stamps: Iterable[str]) -> Iterable[bytes]:
    for number, stamp in enumerate(stamps):
        text = to("A1B2C3D", "sent", "250 Ok", address=f"r{number}@shop.example")
        yield stamp.encode() + text[text.index(b" mx1 ") :]


def test_a_log_over_new_years_eve_keeps_its_order() -> None:
    log = traditional(["Dec 31 23:59:58", "Jan  1 00:00:02"])
    first, then = PostfixLog().records(log, Clock(datetime(2026, 1, 3, tzinfo=UTC), UTC))
    assert (first.ts, then.ts - first.ts) == (1767225598000, 4000)


def test_a_log_over_the_end_of_summer_time_keeps_its_order() -> None:
    log = traditional(["Oct 25 02:10:00", "Oct 25 02:50:00", "Oct 25 02:10:00", "Oct 25 03:00:00"])
    records = list(PostfixLog().records(log, Clock(datetime(2026, 11, 1, tzinfo=UTC), ZoneInfo("Europe/Berlin"))))
    assert [record.ts - records[0].ts for record in records] == [0, 2_400_000, 3_600_000, 6_600_000]


PIECES = st.sampled_from([
    "A1B2C3D: ",
    "NOQUEUE: ",
    "reject: RCPT from app[10.0.0.9]: ",
    "550 5.1.1 ",
    "from=<a@b.example>, ",
    "from=<",
    "status=expired",
    "to=<a@b.example>, ",
    "relay=127.0.0.1[127.0.0.1]:10024, ",
    "dsn=5.1.1, ",
    "status=bounced (",
    "status=sent (forwarded as ",
    "message-id=<",
    "info: header X-Campaign-ID: ",
    ")",
    ">",
    "removed",
    "\xff",
])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES, max_size=10),
    st.sampled_from(["smtp", "qmgr", "cleanup", "smtpd", "local"]),
    st.sampled_from(["2026-03-02T08:00:00Z", "Mar  2 08:00:00", "Feb 31 25:00:00", "0001-01-01T00:00:00", "x"]),
)
def test_broken_lines_are_read_without_an_exception(pieces: list[str], service: str, stamp: str) -> None:
    text = f"{stamp} mx1 postfix/{service}[1]: {''.join(pieces)}\n".encode("latin-1")
    read([*mail("A1B2C3D"), text, text[:40]])


def test_the_same_queue_id_on_two_hosts_is_two_mails() -> None:
    lines = [*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 Ok").replace(b" mx1 ", b" mx2 ")]
    assert read(lines)[0].message_id is None


def test_a_refusal_at_submission_is_rejected_with_its_kind() -> None:
    text = (
        "NOQUEUE: reject: RCPT from localhost[127.0.0.1]: 550 5.1.1 <ann@shop.example>: Recipient address rejected:"
        f" User unknown in local recipient table; from=<{SENDER}> to=<ann@shop.example> proto=ESMTP helo=<app>"
    )
    [record] = read([line("smtpd", text)])
    assert (record.type, record.kind, record.status, record.reply) == (
        EventType.REJECTED,
        BounceKind.HARD,
        "5.1.1",
        550,
    )
    assert record.verp == "ann@shop.example"


def test_a_temporary_refusal_at_submission_is_a_deferral() -> None:
    text = (
        "NOQUEUE: reject: RCPT from app[10.0.0.9]: 450 4.1.8 <ann@shop.example>: Sender address rejected: Domain not"
        f" found; from=<{SENDER}> to=<ann@shop.example> proto=ESMTP helo=<app>"
    )
    [record] = read([line("submission/smtpd", text)])
    assert (record.type, record.kind) == (EventType.DEFERRED, None)


def test_strangers_mail_that_was_turned_away_is_nobodys_event() -> None:
    text = (
        "NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 554 5.7.1 Service unavailable; Client host blocked using"
        " bl.example; from=<spam@elsewhere.example> to=<ann@news.example> proto=ESMTP helo=<x>"
    )
    assert read([line("smtpd", text)]) == []


def test_lines_of_other_programs_and_torn_lines_are_passed_over() -> None:
    torn = to("A1B2C3D", "sent", "250 Ok")[:90]
    lines = [b"\xff\x00\n", b"Mar  2 08:00:00 mx1 sshd[1]: postfix\n", b" postfix/smtp[1]: A: to=<\n", torn]
    assert read(lines) == []


def test_the_label_of_a_list_id_names_the_campaign_if_nothing_surer_does() -> None:
    header = line(
        "cleanup", f'A1B2C3D: info: header List-ID: "News" <spring-26.news.example> from local; from=<{SENDER}>'
    )
    lines = [line("cleanup", "A1B2C3D: message-id=<m@x>"), header, to("A1B2C3D", "sent", "250 Ok")]
    assert read(lines)[0].campaign == "spring-26"


def test_a_copy_of_a_line_gives_the_same_record() -> None:
    lines = [*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 Ok")]
    assert read(lines) == read(list(lines))
