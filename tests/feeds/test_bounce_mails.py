from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.feeds.bounces.reader import read_mail
from store.feeds.record import Defect, Record
from store.vocabulary import BounceKind, EventType, Hop, Source
from tests.feeds.mails import RETURNED, block, complaint, plain, report

ARRIVED = 1772000000000
SENT_AT = 1772434805000
VERP = "Delivered-To: bounces+ann=shop.example@news.example"


def read(data: bytes) -> list[Record]:
    found = read_mail(data, "1.eml", ARRIVED)
    assert all(isinstance(record, Record) for record in found), found
    return [record for record in found if isinstance(record, Record)]


def one(data: bytes) -> Record:
    [record] = read(data)
    return record


def test_a_failure_report_gives_recipient_cause_and_the_mail_it_is_about() -> None:
    record = one(report(block(diagnostic="550 5.1.1 <ann@shop.example>: User unknown")))
    assert (record.type, record.kind, record.reason) == (EventType.BOUNCED, BounceKind.HARD, "userunknown")
    assert (record.address, record.verp, record.original) == ("ann@shop.example", "ann@shop.example", None)
    assert (record.message_id, record.campaign) == ("c1.7@news.example", "spring-26")
    assert (record.status, record.reply, record.expired) == ("5.1.1", 550, False)
    assert record.diagnostic == "550 5.1.1 <ann@shop.example>: User unknown"
    assert (record.ts, record.source) == (SENT_AT, Source.BOUNCE_MAIL)
    assert record.identity == "dsn.1@mx.example/ann@shop.example/failed"


def test_one_report_can_name_several_recipients() -> None:
    records = read(report(block(), block("bo@shop.example", status="5.2.2", diagnostic="552 5.2.2 mailbox full")))
    assert [(record.address, str(record.kind)) for record in records] == [
        ("ann@shop.example", "hard"),
        ("bo@shop.example", "soft"),
    ]
    assert len({record.identity for record in records}) == 2


def test_a_failed_report_with_a_temporary_code_is_an_expiry() -> None:
    record = one(report(block(status="4.4.1", diagnostic="connect to mx: Connection refused")))
    assert (record.type, record.kind, record.expired) == (EventType.BOUNCED, BounceKind.SOFT, True)


def test_the_servers_words_correct_a_status_that_says_nothing() -> None:
    record = one(report(block(status="5.0.0", diagnostic="452 4.2.2 over quota: retry timeout exceeded")))
    assert (record.status, record.reply, record.expired, record.kind) == ("4.2.2", 452, True, BounceKind.SOFT)


@pytest.mark.parametrize(
    ("action", "status", "expected", "hop"),
    [
        ("delayed", "4.2.0", EventType.DEFERRED, Hop.FINAL),
        ("delivered", "2.0.0", EventType.DELIVERED, Hop.FINAL),
        ("relayed", "2.0.0", EventType.SENT, Hop.RELAY),
    ],
)
def test_the_action_tells_what_happened(action: str, status: str, expected: EventType, hop: Hop) -> None:
    record = one(report(block(action=action, status=status)))
    assert (record.type, record.hop, record.kind) == (expected, hop, None)


def test_an_expanded_list_is_no_event() -> None:
    assert read(report(block(action="expanded", status="2.0.0"))) == []


def test_a_delay_without_further_tries_is_an_expiry() -> None:
    data = report(
        block(action="delayed", status="4.4.7"), container="mixed", words="ann@shop.example: Envelope expired"
    )
    record = one(data)
    assert (record.type, record.expired, record.diagnostic) == (EventType.BOUNCED, True, "Envelope expired")


def test_a_report_without_diagnostic_takes_the_words_of_its_human_part() -> None:
    record = one(report(block(status="5.0.0"), words="Sorry.\n\nann@shop.example: 550 no such user\n\nBye."))
    assert (record.diagnostic, record.reason, record.reply) == ("550 no such user", "userunknown", 550)


def test_an_alias_is_kept_as_the_original_recipient() -> None:
    record = one(report(block("bo@else.example", more="Original-Recipient: rfc822;ann@shop.example\n")))
    assert (record.address, record.original) == ("bo@else.example", "ann@shop.example")


def test_headers_alone_are_enough_of_the_returned_mail() -> None:
    record = one(report(block(), returned=RETURNED.split("\n\n")[0], returned_kind="text/rfc822-headers"))
    assert (record.message_id, record.campaign) == ("c1.7@news.example", "spring-26")


@pytest.mark.parametrize("ends", [b"\r\n", b"\r", b"\n"])
def test_line_ends_make_no_difference(ends: bytes) -> None:
    data = report(block(diagnostic="550 5.1.1 no such user"))
    assert read(data.replace(b"\n", ends)) == read(data)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Date: rubbish\n", 1772434740000),
        ("", 1772434740000),
        ("Date: Thu, 01 Jan 1970 00:00:00 +0000\n", 1772434740000),
    ],
)
def test_a_broken_date_falls_back_to_the_arrival(date: str, expected: int) -> None:
    assert one(report(block(), date=date)).ts == expected


def test_without_any_date_the_mailbox_tells_the_time() -> None:
    assert one(report(block(), date="").replace(b"Arrival-Date", b"X-Date")).ts == ARRIVED


def test_an_abuse_report_is_a_complaint_of_the_recipient() -> None:
    fields = "Feedback-Type: abuse\nOriginal-Rcpt-To: <ann@shop.example>\nUser-Agent: X/1\n"
    record = one(complaint(fields))
    assert (record.type, record.source) == (EventType.COMPLAINED, Source.FEEDBACK_LOOP)
    assert (record.address, record.message_id, record.campaign) == (
        "ann@shop.example",
        "c1.7@news.example",
        "spring-26",
    )


def test_a_redacted_complaint_falls_back_to_the_envelope_sender() -> None:
    fields = (
        "Feedback-Type: fraud\nOriginal-Rcpt-To: redacted@shop.example\n"
        "Original-Mail-From: <bounces+ann=shop.example@news.example>\n"
    )
    record = one(complaint(fields, returned="Subject: x\n\n"))
    assert (record.address, record.verp) == ("", "ann@shop.example")


def test_a_complaint_without_any_address_takes_the_returned_to() -> None:
    record = one(complaint("Feedback-Type: abuse\n", returned="To: Ann <ann@shop.example>\nSubject: x\n\n"))
    assert record.address == "ann@shop.example"


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_reports_that_complain_of_nothing_are_none(kind: str) -> None:
    assert read(complaint(f"Feedback-Type: {kind}\nOriginal-Rcpt-To: <ann@shop.example>\n")) == []


def test_an_absence_note_is_an_automatic_answer() -> None:
    headers = f"{VERP}\nFrom: Ann <ann@shop.example>\nSubject: Automatic reply: Spring\nAuto-Submitted: auto-replied"
    record = one(plain(f"{headers}\nIn-Reply-To: <c1.7@news.example>", "Back on Monday. Error 550."))
    assert (record.type, record.verp) == (EventType.AUTOREPLIED, "ann@shop.example")
    assert (record.address, record.message_id) == ("ann@shop.example", "c1.7@news.example")


def test_a_persons_answer_is_a_reply_whatever_it_quotes() -> None:
    headers = f"{VERP}\nFrom: Ann <ann@shop.example>\nSubject: Re: Spring\nIn-Reply-To: <c1.7@news.example>"
    record = one(plain(headers, "Your link says 550 user unknown for me."))
    assert (record.type, record.message_id) == (EventType.REPLIED, "c1.7@news.example")


@pytest.mark.parametrize(
    "headers",
    [
        "From: Shop <news@other.example>\nTo: me@x.example\nSubject: Sale\nList-Unsubscribe: <https://x>",
        f"{VERP}\nFrom: Shop <news@other.example>\nSubject: Sale\nPrecedence: bulk",
        "From: Ann <ann@shop.example>\nTo: boss@x.example\nSubject: Re: lunch\nIn-Reply-To: <p@x>",
        "From: Cron <root@x.example>\nTo: root@x.example\nSubject: Cron job\nAuto-Submitted: auto-generated",
    ],
)
def test_other_mail_says_nothing(headers: str) -> None:
    assert read(plain(headers, "Hello")) == []


def test_a_notice_in_prose_names_the_recipient_and_quotes_the_mail() -> None:
    body = (
        "Hi. I could not deliver your message.\n\n<ann@shop.example>:\nNo mailbox of that name here. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n" + RETURNED
    )
    record = one(plain(f"Return-Path: <>\n{VERP}\nFrom: MAILER-DAEMON@old.example\nSubject: failure notice", body))
    assert (record.type, record.kind, record.status) == (EventType.BOUNCED, BounceKind.HARD, "5.1.1")
    assert (record.address, record.message_id) == ("ann@shop.example", "c1.7@news.example")
    assert record.diagnostic == "No mailbox of that name here. (#5.1.1)"


def test_the_header_for_failed_recipients_is_enough() -> None:
    headers = "From: Mail <mailer-daemon@old.example>\nX-Failed-Recipients: ann@shop.example,\n bo@shop.example"
    records = read(plain(f"{headers}\nSubject: Mail delivery failed", "  ann@shop.example\n    mailbox is full\n"))
    assert [record.address for record in records] == ["ann@shop.example", "bo@shop.example"]
    assert records[0].kind is BounceKind.SOFT


def test_a_delay_warning_in_prose_is_a_deferral() -> None:
    headers = f"{VERP}\nFrom: MAILER-DAEMON@old.example\nSubject: Warning: message delayed 24 hours"
    record = one(plain(headers, "ann@shop.example\n  connection timed out"))
    assert (record.type, record.kind) == (EventType.DEFERRED, None)


def test_a_failure_notice_without_any_recipient_is_a_defect() -> None:
    data = plain("From: MAILER-DAEMON@old.example\nTo: x\nSubject: failure notice", "Sorry.")
    assert read_mail(data, "1.eml", ARRIVED) == [
        Defect("1.eml", "a failure notice should name a recipient, this one names none")
    ]


def test_a_report_in_base64_is_read() -> None:
    status = base64.b64encode(f"Reporting-MTA: dns; x\n\n{block()}".encode()).decode()
    data = report(block()).replace(
        b"Content-Type: message/delivery-status\n\n",
        f"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n{status}\n\n".encode(),
    )
    assert one(data).address == "ann@shop.example"


@pytest.mark.parametrize(
    "subject",
    [b"=?iso-2022-jp\xff;?b?GyRC?=", b"=?utf-8?b?/w==?=", b"=?utf-8?b?a?=", b"=?none?q?x?=", b"=?utf-8?q?=ff?="],
)
def test_a_subject_that_cannot_be_decoded_is_taken_as_it_stands(subject: bytes) -> None:
    headers = f"{VERP}\nFrom: Ann <ann@shop.example>\nSubject: SUBJECT"
    assert one(plain(headers, "Hi").replace(b"SUBJECT", subject)).type is EventType.REPLIED


def test_a_huge_diagnostic_is_cut_and_classified_at_once() -> None:
    record = one(report(block(diagnostic="550 user unknown " + "x" * 2_000_000)))
    assert (record.reason, len(record.diagnostic or "")) == ("userunknown", 1 << 14)


def test_a_subject_of_100000_encoded_words_is_no_trap() -> None:
    headers = f"{VERP}\nFrom: Ann <ann@shop.example>\nSubject: " + "=?utf-8?q?a?= " * 100_000
    assert one(plain(headers, "Hi")).type is EventType.REPLIED


WHOLE = report(block(diagnostic="550 5.1.1 no"), block("bo@shop.example"))


@given(st.integers(0, len(WHOLE)))
def test_a_mail_cut_anywhere_is_read_without_an_exception(size: int) -> None:
    read_mail(WHOLE[:size], "1.eml", ARRIVED)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=6)
)
def test_a_mail_broken_anywhere_is_read_without_an_exception(cuts: list[tuple[int, int, bytes]]) -> None:
    data = WHOLE
    for at, length, instead in cuts:
        data = data[:at] + instead + data[at + length :]
    for found in read_mail(data, "1.eml", ARRIVED):
        assert isinstance(found, Record | Defect)


@given(st.binary(max_size=400))
def test_random_bytes_are_read_without_an_exception(data: bytes) -> None:
    read_mail(data, "1.eml", ARRIVED)


FIELD = st.sampled_from([
    "From",
    "To",
    "Date",
    "Subject",
    "Content-Type",
    "Content-Transfer-Encoding",
    "X-Failed-Recipients",
    "Return-Path",
])
VALUE = st.one_of(
    st.sampled_from([
        "MAILER-DAEMON@x",
        "=?utf-8?b?/w==?=",
        "=?x?q?a?=",
        "multipart/report; boundary=",
        "base64",
        "<>",
        "failure notice",
    ]),
    st.text(max_size=30),
)


@settings(max_examples=300)
@given(st.lists(st.tuples(FIELD, VALUE), max_size=8), st.text(max_size=80))
def test_strange_headers_are_read_without_an_exception(fields: list[tuple[str, str]], body: str) -> None:
    head = "\n".join(f"{name}: {value}" for name, value in fields)
    read_mail(f"{head}\n\n{body}".encode("utf-8", "surrogatepass"), "1.eml", ARRIVED)
