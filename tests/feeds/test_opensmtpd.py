from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.feeds.opensmtpd import LINE, UNTIMED, OpenSmtpdLog
from store.feeds.record import Record
from store.feeds.stamps import Clock
from store.vocabulary import BounceKind, EventType, Hop

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SENDER = "bounces+ann=shop.example@news.example"
EVPID = "1935f7a2211b3785"
SESSION = "5df87c9b982c840c"


def line(text: str, second: int = 0) -> bytes:
    return f"Mar  2 08:00:{second:02} mx1 smtpd[811]: {text}\n".encode()


def mta(result: str, stat: str, *, evpid: str = EVPID, rcpt: str = "-", sender: str = SENDER) -> str:
    return (
        f'{SESSION} mta delivery evpid={evpid} from=<{sender}> to=<ann@shop.example> rcpt=<{rcpt}> source="10.0.0.1"'
        f' relay="203.0.113.5 (mx.shop.example)" delay=0s result="{result}" stat="{stat}"'
    )


def read(lines: Iterable[bytes]) -> list[Record]:
    return list(OpenSmtpdLog().records(lines, Clock(NOW, UTC)))


def test_a_delivery_names_its_recipient_by_itself() -> None:
    [record] = read([line(mta("Ok", "250 2.0.0 Ok: queued as A1"), 1)])
    assert (record.type, record.hop, record.ts) == (EventType.DELIVERED, Hop.FINAL, 1772438401000)
    assert (record.address, record.original, record.verp) == ("ann@shop.example", None, "ann@shop.example")
    assert (record.status, record.reply, record.message_id) == ("2.0.0", 250, None)


def test_an_alias_stands_beside_the_address_it_leads_to() -> None:
    [record] = read([line(mta("Ok", "250 Ok", rcpt="team@news.example"), 1)])
    assert (record.address, record.original) == ("ann@shop.example", "team@news.example")


def test_delivery_into_a_box_is_a_delivery() -> None:
    text = (
        f"{SESSION} mda delivery evpid={EVPID} from=<{SENDER}> to=<bo@news.example> rcpt=<bo@news.example> user=bo"
        " delay=1s result=Ok stat=Delivered"
    )
    [record] = read([line(text, 1)])
    assert (record.type, record.address, record.original) == (EventType.DELIVERED, "bo@news.example", None)


def test_a_bounce_keeps_the_servers_words_and_is_hard_by_its_reason() -> None:
    [record] = read([line(mta("PermFail", "550 5.1.1 <ann@shop.example>: User unknown"), 1)])
    assert (record.type, record.kind, record.reason) == (EventType.BOUNCED, BounceKind.HARD, "userunknown")
    assert (record.status, record.reply, record.remote) == ("5.1.1", 550, "mx.shop.example")


def test_an_expiry_takes_its_codes_from_the_last_deferral() -> None:
    ended = (
        f"relay: Expire for {EVPID}: from=<{SENDER}>, to=<ann@shop.example>, rcpt=<->, delay=4d, stat=Envelope expired"
    )
    deferred, expired = read([line(mta("TempFail", "452 4.2.2 over quota"), 1), line(ended, 9)])
    assert (deferred.type, deferred.kind) == (EventType.DEFERRED, None)
    assert (expired.type, expired.kind, expired.expired) == (EventType.BOUNCED, BounceKind.SOFT, True)
    assert (expired.status, expired.reply, expired.reason) == ("4.2.2", 452, "mailboxfull")
    [alone] = read([line(ended, 9)])
    assert (alone.kind, alone.expired, alone.status) == (BounceKind.SOFT, True, "4.4.7")


def test_what_comes_back_to_the_same_server_was_only_passed_through_a_proxy() -> None:
    lines = [
        line(f"{SESSION} smtp message msgid=f6e94209 size=802 nrcpt=1 proto=ESMTP"),
        line(f"{SESSION} smtp envelope evpid=f6e94209918f7e7b from=<{SENDER}> to=<ann@shop.example>"),
        line(mta("Ok", "250 2.0.0: f6e94209 Message accepted for delivery"), 1),
        line(mta("Ok", "250 2.0.0: 0a0b0c0d Message accepted for delivery", evpid="f6e94209918f7e7b"), 2),
    ]
    assert [(record.type, record.hop) for record in read(lines)] == [
        (EventType.SENT, Hop.RELAY),
        (EventType.DELIVERED, Hop.FINAL),
    ]


def test_the_posts_own_notices_are_left_out() -> None:
    assert read([line(mta("Ok", "250 Ok", sender=""), 1)]) == []


@pytest.mark.parametrize(
    ("client", "result", "kind"),
    [
        ("local", "550 Invalid recipient: <ann@shop.example>", EventType.REJECTED),
        ("10.0.0.9", "550 Invalid recipient: <ann@shop.example>", EventType.REJECTED),
        ("127.0.0.1", "421 4.3.0 Temporary failure", EventType.DEFERRED),
        ("198.51.100.7", "550 Invalid recipient: <ann@shop.example>", None),
    ],
)
def test_a_refused_recipient_counts_where_the_client_is_inside(
    client: str, result: str, kind: EventType | None
) -> None:
    lines = [
        line(f"{SESSION} smtp connected address={client} host=app"),
        line(f'{SESSION} smtp failed-command command="RCPT TO:<ann@shop.example> " result="{result}"', 1),
    ]
    assert [(record.type, record.address) for record in read(lines)] == ([(kind, "ann@shop.example")] if kind else [])


def test_lines_are_told_from_postfix_and_from_what_was_printed_without_a_time() -> None:
    assert LINE.match(line(f"{SESSION} smtp connected address=local host=app"))
    assert not LINE.match(b"Mar  2 08:00:00 mx1 postfix/smtpd[811]: connect from app[10.0.0.9]\n")
    assert UNTIMED.search(f"info: started\n{SESSION} smtp connected address=local\n".encode())


PIECES = st.sampled_from([
    SESSION,
    " mta delivery evpid=",
    EVPID,
    " from=<",
    "> to=<",
    "a@b.example",
    "> rcpt=<->",
    ' result="PermFail"',
    " result=Ok",
    " stat=",
    '"',
    "550 5.1.1 x",
    "relay: Expire for ",
    ": from=<",
    ' smtp failed-command command="RCPT TO:<',
    " smtp connected address=[",
    "\xff",
])


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_broken_lines_are_read_without_an_exception(pieces: list[str]) -> None:
    text = "".join(pieces)
    read([line(text), text.encode("latin-1"), f"Feb 31 25:00:00 mx1 smtpd[1]: {text}".encode("latin-1")])
