"""The mail or the log lines behind an event are found again where they lie, or one sentence says why not."""

from __future__ import annotations

import base64
import gzip
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.actions.imports import import_recipients
from store.database import Store
from store.errors import NotFound
from store.feeds.showing import readable_lines
from store.ingest import ingest
from store.journal import Operator
from store.queries.mails import raw_mail, raw_record
from store.vocabulary import EventType
from tests.store.plan import happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")
PEOPLE = ("anna@x.example", "bo@x.example")


def notice(to: str, words: str = "could not be delivered") -> bytes:
    text = base64.encodebytes(f"Grüße: {words}\n".encode()).decode()
    return f"""\
Return-Path: <>
Date: Mon, 2 Mar 2026 08:00:09 +0000
From: MAILER-DAEMON@ours.example
To: news@ours.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn-{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

{text}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; ours.example

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: User unknown

--b
Content-Type: text/rfc822-headers

To: {to}
Message-ID: <spring.{to}>
X-Campaign-ID: spring

--b--
""".encode()


def log_lines(queue: str, to: str) -> str:
    at = "2026-03-02T08:00:01.100000+00:00 mx1 postfix"
    return (
        f"{at}/cleanup[2]: {queue}: message-id=<spring.{to}>\n"
        f"{at}/qmgr[3]: {queue}: from=<news@ours.example>, size=822, nrcpt=1 (queue active)\n"
        f"{at}/qmgr[3]: 4zzzzz: from=<else@ours.example>, size=822, nrcpt=1 (queue active)\n"
        f"{at}/smtp[4]: {queue}: to=<{to}>, relay=mx.x.example[203.0.113.5]:25, delay=1, delays=0/0/0/1, dsn=5.1.1,"
        f" status=bounced (host mx.x.example[203.0.113.5] said: 550 5.1.1 <{to}>: User unknown (in reply to RCPT TO"
        " command))\n"
        f"{at}/qmgr[3]: {queue}: removed\n"
    )


@pytest.fixture
def events_of(store: Store, tmp_path: Path) -> Callable[[Path], dict[str, int]]:
    """Plan the campaign; what is returned reads a feed and tells the newest event of each recipient."""
    file = tmp_path / "list.csv"
    file.write_text("email\n" + "".join(f"{address}\n" for address in PEOPLE))
    import_recipients(store, file, "Spring", WHO, NOW)

    def read(path: Path) -> dict[str, int]:
        ingest(store, [path], NOW)
        return dict(
            store.rows(
                "SELECT r.address, max(e.id) FROM event AS e JOIN recipient AS r ON r.id = e.recipient_id GROUP BY 1"
            )
        )

    return read


def maildir(folder: Path, *mails: bytes) -> Path:
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"177243840{number}.M1.host").write_bytes(mail)
    return folder


def mbox(*mails: bytes) -> bytes:
    return b"".join(b"From MAILER-DAEMON Mon Mar  2 08:00:09 2026\n" + mail + b"\n" for mail in mails)


def test_a_mail_of_a_maildir_is_found_after_it_was_read_and_flagged(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    box = maildir(tmp_path / "box", *(notice(address) for address in PEOPLE))
    events = events_of(box)
    os.rename(box / "new" / "1772438401.M1.host", box / "cur" / "1772438401.M1.host:2,RS")
    os.rename(box / "new" / "1772438400.M1.host", box / "cur" / "1772438400.M1.host:2,")
    for at, address in enumerate(PEOPLE):
        found = raw_mail(store, events[address])
        assert found.lines[0] == "Return-Path: <>"
        assert f"Final-Recipient: rfc822; {address}" in found.lines
        assert "Grüße: could not be delivered" in found.lines
        assert found.path.startswith(str(box / "cur" / f"177243840{at}.M1.host:2,"))
        assert not found.cut


def test_a_mail_that_is_gone_is_said_to_be_gone(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    box = maildir(tmp_path / "box", notice(PEOPLE[0]))
    (event,) = events_of(box).values()
    (box / "new" / "1772438400.M1.host").unlink()
    with pytest.raises(NotFound, match=r"1772438400\.M1\.host is no longer in .*box; it was moved or deleted"):
        raw_mail(store, event)


def test_mails_of_an_mbox_are_found_by_number_and_no_other_mail_is_taken_for_them(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(mbox(*(notice(address) for address in PEOPLE)))
    events = events_of(path)
    for address in PEOPLE:
        found = raw_mail(store, events[address])
        assert f"Message-ID: <dsn-{address}>" in found.lines
    assert found.where == "mail 2"
    path.write_bytes(mbox(notice(PEOPLE[1])))
    assert raw_mail_refused(store, events[PEOPLE[0]]).startswith(f"{path} no longer holds it at mail 1;")
    assert raw_mail_refused(store, events[PEOPLE[1]]).startswith(f"{path} no longer holds it at mail 2;")
    path.unlink()
    assert raw_mail_refused(store, events[PEOPLE[1]]) == f"{path} is gone; it was there at mail 2."


def raw_mail_refused(store: Store, event: int) -> str:
    with pytest.raises(NotFound) as told:
        raw_mail(store, event)
    return str(told.value)


def test_a_single_mail_is_shown_up_to_64_kilobytes(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(notice(PEOPLE[0]) + b"x" * 79 + b"\n" * 2 + b"long enough to be cut here\n" * 9000)
    (event,) = events_of(path).values()
    found = raw_mail(store, event)
    assert found.cut
    assert sum(len(line) + 1 for line in found.lines) <= 66_000


def test_a_log_gives_the_lines_of_the_queue_id_alone(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    path = tmp_path / "mail.log"
    path.write_text(log_lines("4bT001", PEOPLE[0]) + log_lines("4bT002", PEOPLE[1]))
    found = raw_mail(store, events_of(path)[PEOPLE[1]])
    assert len(found.lines) == 4
    assert all("4bT002: " in line for line in found.lines)
    assert found.where == "line 9"


@pytest.mark.parametrize("name", ["mail.log.1", "mail.log.2.gz", "mail.log-20260302"])
def test_a_log_that_was_rotated_is_followed(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]], name: str
) -> None:
    path = tmp_path / "mail.log"
    path.write_text(log_lines("4bT001", PEOPLE[0]) + log_lines("4bT002", PEOPLE[1]))
    event = events_of(path)[PEOPLE[0]]
    (tmp_path / name).write_bytes(gzip.compress(path.read_bytes()) if name.endswith("gz") else path.read_bytes())
    path.write_text(log_lines("4cT001", "other@y.example") * 3)
    found = raw_mail(store, event)
    assert found.path == str(tmp_path / name)
    assert "4bT001: " in found.lines[0]


def test_an_event_of_an_event_file_is_the_line_itself(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    path = tmp_path / "opens.csv"
    path.write_text(f"email,event,time,campaign\n{PEOPLE[0]},opened,2026-03-02 10:00:00Z,spring\n")
    (event,) = events_of(path).values()
    assert raw_mail(store, event).lines == (f"{PEOPLE[0]},opened,2026-03-02 10:00:00Z,spring",)


def test_a_strangers_mail_is_found_too(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(notice("nobody@y.example"))
    assert events_of(path) == {}
    (number,) = store.row("SELECT id FROM stranger") or ()
    assert "To: nobody@y.example" in raw_record(store, number).lines
    with pytest.raises(NotFound, match="may have been assigned"):
        raw_record(store, number + 1)


def test_what_came_from_no_file_says_so(store: Store) -> None:
    ids = plan(store, "Spring", ["anna@x.example"])
    happen(store, ids["anna@x.example"], EventType.BOUNCED)
    (event,) = store.row("SELECT id FROM event") or ()
    with pytest.raises(NotFound, match="read from no file"):
        raw_mail(store, event)
    with pytest.raises(NotFound, match="no event with the number 99"):
        raw_mail(store, 99)


def test_what_a_terminal_would_obey_is_shown_and_not_done(
    store: Store, tmp_path: Path, events_of: Callable[[Path], dict[str, int]]
) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(notice(PEOPLE[0], "\x1b]0;pwn\x07\u202e") + b"\xe9t\xe9\tend\n")
    (event,) = events_of(path).values()
    text = "\n".join(raw_mail(store, event).lines)
    assert "\u241b]0;pwn\u2407\ufffd" in text
    assert "été end" in text
    assert not set(text) & {"\x1b", "\x07", "\u202e", "\t", "\r"}


def test_encoded_parts_are_decoded_where_they_stand() -> None:
    mail = b"Content-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: quoted-printable\n\n"
    assert readable_lines(mail + b"Gr=FC=\n=DFe\n")[-1] == "Grüße"
    assert readable_lines(mail.replace(b"latin-1", b"klingon") + b"Gr=FCn\n")[-1] == "Grün"
    assert readable_lines(b"a: b\r\n\r\nc\rd") == ["a: b", "", "c", "d"]


@given(st.binary(max_size=400))
def test_any_bytes_give_lines(data: bytes) -> None:
    head = b"Content-Type: text/plain; charset=utf-7\nContent-Transfer-Encoding: base64\n\n"
    for text in (data, head + data, head + base64.b64encode(data)):
        assert all("\n" not in line for line in readable_lines(text))


def test_mails_within_mails_without_end_are_shown_as_they_are() -> None:
    data = b"Content-Type: message/rfc822\n\n" * 2000 + b"the end\n"
    assert readable_lines(data)[-1] == "the end"
