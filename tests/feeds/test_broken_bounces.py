from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.feeds.bounces.reader import read_mail
from store.feeds.bounces.reading import reading
from store.feeds.record import Defect, Record
from tests.feeds.mails import RETURNED, block, complaint, plain, report

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
fuzzed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PROSE = plain(
    "Return-Path: <>\nFrom: MAILER-DAEMON@old.example\nSubject: failure notice\nX-Failed-Recipients: ann@shop.example",
    "I could not deliver this:\n\n  ann@shop.example (expanded from: <all@shop.example>)\n"
    ">>> RCPT TO:<ann@shop.example>\n<<< 550 5.1.1 no such user\n\n--- Original message ---\n\n" + RETURNED,
)
SNS = plain(
    "From: no-reply@sns.amazonaws.com\nSubject: Notification",
    '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"ann@shop.example",'
    '"status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 no such user"}]}}',
)
SEEDS = (
    report(block(diagnostic="550 5.1.1 no"), block("bo@shop.example")),
    complaint("Feedback-Type: abuse\nOriginal-Rcpt-To: <ann@shop.example>\n"),
    PROSE,
    SNS,
)
PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([
        b"\r", b"\r\n", b"\n\n", b"--b=1\n", b"=?utf-8?b?/w==?=", b"\x00", b"\xff\xfe", b"@", b"<", b">", b'"', b"=\n",
        b"Content-Transfer-Encoding: base64\n", b"Content-Type: text/html; charset=utf-7\n\n<p", b"Final-Recipient: ",
        b"Content-Type: multipart/mixed; boundary=b1\n\n", b"Status: 9.9.9\n", b"charset*=x'y'%zz",
        b"{" * 40, b"[" * 40,
    ]),
)  # fmt: skip


def check(data: bytes) -> None:
    for found in read_mail(data, "1.eml", 0, strangers=True):
        assert isinstance(found, Record | Defect)
    reading(data, "1.eml", 0)


@fuzzed
@given(st.sampled_from(SEEDS), st.data())
def test_a_mail_cut_at_any_byte_raises_nothing(seed: bytes, data: st.DataObject) -> None:
    check(seed[: data.draw(st.integers(0, len(seed)))])


@fuzzed
@given(st.sampled_from(SEEDS), st.data())
def test_a_mail_with_any_bit_flipped_raises_nothing(seed: bytes, data: st.DataObject) -> None:
    at, bit = data.draw(st.integers(0, len(seed) - 1)), data.draw(st.integers(0, 7))
    check(seed[:at] + bytes([seed[at] ^ (1 << bit)]) + seed[at + 1 :])


@fuzzed
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 60), PIECES), max_size=8))
def test_a_mail_with_anything_put_into_it_raises_nothing(seed: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    for at, length, piece in cuts:
        seed = seed[:at] + piece + seed[at + length :]
    check(seed)


@pytest.mark.parametrize("ends", [b"\r\n", b"\r", b"\r\r\n"])
@pytest.mark.parametrize("seed", SEEDS)
def test_twins_with_other_line_ends_give_the_same_answer(seed: bytes, ends: bytes) -> None:
    assert read_mail(seed.replace(b"\n", ends), "1.eml", 0) == read_mail(seed, "1.eml", 0)


def nested(depth: int) -> bytes:
    head = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n"
    return head + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )


HOSTILE = {
    "nested": nested(1000),
    "one long line": plain("From: MAILER-DAEMON@x.example\nSubject: failure notice", "a" * 1_000_000),
    "a long line of addresses": plain(
        "From: MAILER-DAEMON@x.example\nSubject: failure notice", "a@b.example " * 90_000
    ),
    "at signs": plain("From: MAILER-DAEMON@x.example\nSubject: failure notice", "@" * 1_000_000),
    "angles": plain("From: MAILER-DAEMON@x.example\nSubject: failure notice", "<" * 500_000 + ">" * 500_000),
    "tags": plain(
        "From: MAILER-DAEMON@x.example\nContent-Type: text/html\nSubject: failure notice", "<style " * 100_000
    ),
    "blanks": plain("From: MAILER-DAEMON@x.example\nSubject: failure notice", " \t" * 500_000),
    "blank lines": plain("From: MAILER-DAEMON@x.example\nSubject: failure notice", "\n \n" * 300_000),
    "marks": plain(
        "From: MAILER-DAEMON@x.example\nSubject: failure notice", "-" * 500_000 + "original message " * 9_000
    ),
    "codes": plain("From: MAILER-DAEMON@x.example\nSubject: failure notice", "550 5.1.1 " * 90_000),
    "recipients": report("Final-Recipient: rfc822; a@b.example\n" * 20_000),
    "a huge subject": plain("From: MAILER-DAEMON@x.example\nSubject: " + "deliver" * 100_000, "x"),
    "a huge From": plain('From: "' + "a," * 300_000 + "\nSubject: failure notice", "x"),
    "json": plain("From: MAILER-DAEMON@x.example\nSubject: failure notice", '{"Type":' + "[" * 60_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_takes_bounded_work(name: str) -> None:
    # Each is read in a blink; work that grows with the square of the size would take minutes and be seen.
    check(HOSTILE[name])
