from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.feeds.exim import EximLog
from store.feeds.record import Record
from store.feeds.stamps import Clock
from store.vocabulary import BounceKind, EventType, Hop

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SENDER = "bounces+ann=shop.example@news.example"
OLD, NEW = "1tABCD-000123-4f", "1tABCD-00000001Xyz-4fGh"
AT_HOST = "R=dnslookup T=remote_smtp H=mx.shop.example [203.0.113.5]"
SAID = "SMTP error from remote mail server after RCPT TO:<ann@shop.example>: "


def line(text: str, second: float = 0, exim_id: str = OLD) -> bytes:
    return f"2026-03-02 08:00:{second:02} {exim_id} {text}\n".encode()


def mail(*, sender: str = SENDER, exim_id: str = OLD, message_id: str = "spring-26.7@news.example") -> bytes:
    text = f'<= {sender} H=(app) [10.0.0.9] P=esmtp S=536 id={message_id} T="Offer id=1" for ann@shop.example'
    return line(text, exim_id=exim_id)


def read(lines: Iterable[bytes], zone: str = "UTC") -> list[Record]:
    return list(EximLog().records(lines, Clock(NOW, ZoneInfo(zone))))


@pytest.mark.parametrize("exim_id", [OLD, NEW])
def test_a_delivery_carries_the_message_id_and_the_recipient_that_the_sender_names(exim_id: str) -> None:
    text = f'=> ann@shop.example {AT_HOST} X=TLS1.3:AES:256 CV=yes C="250 2.0.0 Ok: queued as \\"A1\\"" QT=1s DT=0s'
    [record] = read([mail(exim_id=exim_id), line(text, 1, exim_id)])
    assert (record.type, record.hop, record.ts) == (EventType.DELIVERED, Hop.FINAL, 1772438401000)
    assert (record.address, record.original, record.verp) == ("ann@shop.example", None, "ann@shop.example")
    assert (record.message_id, record.status, record.reply) == ("spring-26.7@news.example", "2.0.0", 250)
    assert record.diagnostic == '250 2.0.0 Ok: queued as "A1"'


@pytest.mark.parametrize(
    "stamp",
    ["2026-03-02 08:00:01", "2026-03-02 08:00:01.000", "2026-03-02 08:00:01 [811]", "2026-03-02 09:00:01 +0100 [811]"],
)
def test_stamps_may_have_milliseconds_a_zone_and_a_process(stamp: str) -> None:
    [record] = read([f"{stamp} {OLD} => ann@shop.example R=a T=b\n".encode()])
    assert record.ts == 1772438401000


@pytest.mark.parametrize(
    "prefix",
    [
        "Mar  2 08:00:01 mx1 exim[811]: ",
        "Mar  2 08:00:01 mx1 exim4[811]: [811] ",
        "2026-03-02T08:00:01+00:00 mx1 exim[811]: 2026-03-02 08:00:01 ",
    ],
)
def test_the_system_log_may_hold_the_lines(prefix: str) -> None:
    [record] = read([f"{prefix}{OLD} => ann@shop.example R=a T=b\n".encode()])
    assert record.ts == 1772438401000


def test_the_hour_that_an_autumn_night_repeats_is_told_by_the_jump_back() -> None:
    stamps = ["2025-10-26 02:30:00", "2025-10-26 02:59:00", "2025-10-26 02:30:00", "2025-10-26 03:00:00"]
    records = read((f"{stamp} {OLD} => a@b.example R=a T=b\n".encode() for stamp in stamps), "Europe/Berlin")
    assert [record.ts - records[0].ts for record in records] == [0, 1_740_000, 3_600_000, 5_400_000]


def test_a_bounce_keeps_the_servers_words_and_is_hard_by_its_reason() -> None:
    [record] = read([mail(), line(f"** ann@shop.example {AT_HOST}: {SAID}550 5.1.1 User unknown DT=0s", 1)])
    assert (record.type, record.kind, record.reason) == (EventType.BOUNCED, BounceKind.HARD, "userunknown")
    assert (record.status, record.reply, record.expired) == ("5.1.1", 550, False)
    assert (record.command, record.remote) == ("RCPT", "mx.shop.example")
    assert record.diagnostic == f"{SAID}550 5.1.1 User unknown"


def test_a_reply_of_several_lines_gives_its_codes() -> None:
    said = f"{SAID}550-5.1.1 The account does not exist.\\n550-5.1.1 Try again.\\n550 5.1.1 x"
    [record] = read([mail(), line(f"** ann@shop.example {AT_HOST}: {said}", 1)])
    assert (record.reply, record.status, record.kind) == (550, "5.1.1", BounceKind.HARD)


def test_old_versions_name_the_host_in_the_words() -> None:
    said = "SMTP error from remote mailer after RCPT TO:<ann@shop.example>: host mx [203.0.113.5]: 550 No such user"
    [record] = read([mail(), line(f"** ann@shop.example R=lookuphost T=smtp: {said}", 1)])
    assert (record.reply, record.status, record.kind) == (550, None, BounceKind.HARD)


def test_a_mail_given_up_takes_its_codes_from_the_last_deferral() -> None:
    full = f"== ann@shop.example R=mx T=out defer (-44) H=mx [203.0.113.5] DT=0s: {SAID}452 4.2.2 over quota"
    lines = [mail(), line(full, 1), line("** ann@shop.example: retry timeout exceeded", 9), line("Completed", 9)]
    deferred, expired = read(lines)
    assert (deferred.type, deferred.kind, deferred.reason) == (EventType.DEFERRED, None, "mailboxfull")
    assert (expired.type, expired.kind, expired.expired) == (EventType.BOUNCED, BounceKind.SOFT, True)
    assert (expired.status, expired.reply, expired.reason) == ("4.2.2", 452, "mailboxfull")
    assert expired.diagnostic == f"{SAID}452 4.2.2 over quota"


@pytest.mark.parametrize(
    "words",
    [
        "R=mx T=out: all hosts for 'shop.example' have been failing for a long time (and retry time not reached) DT=0s",
        f"R=mx T=out: {SAID}450 4.2.0 greylisted: retry timeout exceeded",
    ],
)
def test_every_way_of_giving_up_is_an_expiry(words: str) -> None:
    [record] = read([mail(), line(f"** ann@shop.example {words}", 9)])
    assert (record.type, record.expired, record.kind) == (EventType.BOUNCED, True, BounceKind.SOFT)


@pytest.mark.parametrize(
    "text",
    [
        "== ann@shop.example routing defer (-51): retry time not reached",
        "== ann@shop.example R=mx T=out defer (-54) DT=0s: retry time not reached for any host for 'shop.example'",
        "== www@shop.example R=local T=spool defer (-52): Retry time not yet reached",
        "*> ann@shop.example R=mx T=out H=mx [203.0.113.5]",
        "SMTP connection outbound 1772438401 1tABCD-000123-4f news.example ann@shop.example",
        "H=mx.shop.example [203.0.113.5] Connection refused",
        "Frozen",
    ],
)
def test_lines_without_an_attempt_are_no_events(text: str) -> None:
    assert read([mail(), line(text, 1)]) == []


@pytest.mark.parametrize("notice", ["<= <> R=1tABCC-000001-00 U=exim P=local S=99", "<= <> H=mx [203.0.113.5] P=esmtp"])
def test_the_posts_own_notices_are_left_out(notice: str) -> None:
    assert read([line(notice), line(f"=> bounces <{SENDER}> R=locals T=box", 1), line("Completed", 1)]) == []


def test_several_recipients_of_one_delivery_each_have_theirs() -> None:
    lines = [mail(), line(f"=> ann@shop.example {AT_HOST}", 1), line(f"-> bo@shop.example {AT_HOST}", 1)]
    assert [record.address for record in read(lines)] == ["ann@shop.example", "bo@shop.example"]


@pytest.mark.parametrize(
    ("who", "address", "original"),
    [
        ("alice <alice@news.example>", "alice@news.example", None),
        ("alice <Alice@news.example>", "Alice@news.example", None),
        ("alice <team@news.example>", "alice@news.example", "team@news.example"),
        ("bo@x.example <team@news.example>", "bo@x.example", "team@news.example"),
        ("bo@x.example (all@news.example, bo@n.example) <team@news.example>", "bo@x.example", "team@news.example"),
        ("|/usr/bin/procmail -d a (b@news.example) <b@news.example>", "b@news.example", None),
        ("/var/mail/b <b@news.example>", "b@news.example", None),
        ('"a b"@x.example', '"a b"@x.example', None),
        ("samvid++Sent@x.example", "samvid++Sent@x.example", None),
    ],
)
def test_the_address_asked_for_stands_behind_the_final_one(who: str, address: str, original: str | None) -> None:
    [record] = read([mail(sender="shop@news.example"), line(f"=> {who} R=locals T=box", 1)])
    assert (record.address, record.original) == (address, original)


@pytest.mark.parametrize(
    ("fields", "relay"),
    [
        ("R=smarthost T=remote_smtp_smarthost H=smtp.isp.example [203.0.113.9]", True),
        ('R=send_out T=remote_smtp H=smtp.isp.example [203.0.113.9] A=plain C="250 Ok"', True),
        ("R=send_out T=remote_smtp H=smtp.isp.example [203.0.113.9]:587", True),
        ("R=scanned T=amavis H=127.0.0.1 [127.0.0.1]:10024", True),
        ("R=spamcheck_router T=spamcheck", True),
        ("R=dnslookup_relay_to_domains T=remote_smtp H=mx.shop.example [203.0.113.5]", False),
        ("R=mx T=out H=127.0.0.11 [127.0.0.11]", False),
        ("R=virtuser T=remote_lmtp H=be5 [10.0.0.5]:24", False),
        ("R=mail4root T=address_pipe", False),
    ],
)
def test_a_smarthost_and_a_filter_still_have_to_deliver(fields: str, relay: bool) -> None:
    [record] = read([mail(), line(f"=> ann@shop.example {fields}", 1)])
    assert (record.type, record.hop) == ((EventType.SENT, Hop.RELAY) if relay else (EventType.DELIVERED, Hop.FINAL))


def test_a_delivery_during_reception_gets_the_sender_that_is_named_after_it() -> None:
    lines = [line(f'>> ann@shop.example {AT_HOST} C="250 OK"'), mail(), line("Completed")]
    [record] = read(lines)
    assert (record.type, record.verp, record.message_id) == (
        EventType.DELIVERED,
        "ann@shop.example",
        "spring-26.7@news.example",
    )


@pytest.mark.parametrize("words", ["X-Campaign-ID: spring-26", "H=(app) [10.0.0.9] Warning: X-Campaign-ID: spring-26"])
def test_an_acl_can_have_the_campaign_logged(words: str) -> None:
    lines = [line("List-ID: <other.news.example>"), line(words), mail(), line(f"=> ann@shop.example {AT_HOST}", 1)]
    assert read(lines)[0].campaign == "spring-26"


def test_a_campaign_header_on_incoming_mail_does_not_count() -> None:
    lines = [line("X-Campaign-ID: spring-26"), mail(sender="fbl@isp.example"), line("=> fbl <fbl@news.example> T=box")]
    assert read(lines)[0].campaign is None


REFUSED = "rejected RCPT <ann@shop.example>: Unrouteable address"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"H=(app) [203.0.113.7] F=<{SENDER}> {REFUSED}", EventType.REJECTED),
        (f"H=(app) [10.0.0.9]:4711 I=[10.0.0.1]:25 F=<shop@news.example> {REFUSED}", EventType.REJECTED),
        (f"H=(app) [203.0.113.7] X=TLS1.3 A=plain:shop F=<shop@news.example> {REFUSED}", EventType.REJECTED),
        (f"H=(app) [203.0.113.7] F=<{SENDER}> temporarily {REFUSED}", EventType.DEFERRED),
        (f"H=(x) [203.0.113.7] F=<spam@elsewhere.example> {REFUSED}", None),
        (f"H=(x) [10.0.0.9] F=<> {REFUSED}", None),
    ],
)
def test_what_is_refused_at_the_door_counts_where_the_sender_is_ours(text: str, kind: EventType | None) -> None:
    records = read([f"2026-03-02 08:00:01 {text}\n".encode()])
    assert [record.type for record in records] == ([kind] if kind else [])
    assert all(record.address == "ann@shop.example" and record.diagnostic for record in records)


def test_the_senders_name_on_a_delivery_serves_where_the_arrival_was_rotated_away() -> None:
    records = read([line(f"=> ann@shop.example F=<{SENDER}> P=<{SENDER}> {AT_HOST}", 1)])
    assert records[0].verp == "ann@shop.example"
    assert read([line(f"=> bounces <{SENDER}> F=<> P=<> R=a T=b", 1)]) == []


def test_a_copy_of_a_line_gives_the_same_record() -> None:
    lines = [mail(), line(f"=> ann@shop.example {AT_HOST}", 1)]
    assert read(lines) == read(list(lines))


PIECES = st.sampled_from([
    OLD,
    NEW,
    "<=",
    "=>",
    "->",
    ">>",
    "==",
    "**",
    "Completed",
    "<>",
    "<",
    ">",
    "a@b.example",
    "|/x",
    ":",
    "R=",
    "H=x [",
    "]:25",
    'C="',
    "id=",
    ' T="',
    "F=<a@b> rejected RCPT <",
    "X-Campaign-ID:",
    "retry timeout exceeded",
    "550 5.1.1",
    "\xff",
])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(PIECES, st.sampled_from(["", " "])), max_size=14), st.booleans())
def test_broken_lines_are_read_without_an_exception(pieces: list[tuple[str, str]], stamped: bool) -> None:
    text = "".join(piece + gap for piece, gap in pieces)
    head = f"2026-03-02 08:00:01 {OLD} " if stamped else "2026-13-99 08:00:61 "
    read([mail(), f"{head}{text}\n".encode("latin-1"), text.encode("latin-1"), b"0001-01-01 00:00:00 " + text.encode()])
