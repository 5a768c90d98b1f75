"""Bounce mailboxes on a real IMAP server."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store.errors import BadInput, StoreError, Unreachable
from store.feeds.bounces.reader import MAIL_BYTES
from store.feeds.imap import followed
from store.feeds.imap.access import Access, access
from store.feeds.imap.address import Mailbox, mailbox_of
from store.feeds.imap.connection import Connection
from store.feeds.imap.reading import Batch, Place, Reader
from store.feeds.imap.source import MailboxSource
from store.feeds.record import Defect, Record
from store.following.source import How, Saved, Step
from store.secrets import Secret
from tests.dovecot import PASSWORD, STRANGE_PASSWORD, STRANGE_USER, Dovecot, token
from tests.feeds.mails import block, report
from tests.proxy import line_to

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def bounce(number: int, more: str = "") -> bytes:
    """Return the notice that the mail to ann<number>@shop.example came back."""
    address = f"ann{number}@shop.example"
    return report(block(address), to="bounces@news.example", message_id=f"Message-ID: <dsn.{number}@mx>\n", words=more)


def reached(server: Dovecot, **other: Any) -> Access:
    return replace(Access(lambda user, host: Secret(PASSWORD), server.ca_file), **other)


class Box:
    """A user's mailbox on the server."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self.server = server
        self.user = user
        self.mailbox = Mailbox("imaps", user, "localhost", server.imaps, "INBOX")

    def put(self, *mails: bytes, folder: str = "INBOX", flags: tuple[bytes, ...] = ()) -> None:
        with self.server.client(self.user) as client:
            for mail in mails:
                client.append(folder, mail.replace(b"\n", b"\r\n"), flags)

    def flags(self) -> dict[int, tuple[bytes, ...]]:
        with self.server.client(self.user) as client:
            client.select_folder("INBOX", readonly=True)
            return {uid: said[b"FLAGS"] for uid, said in client.fetch(client.search(), ["FLAGS"]).items()}

    def files(self) -> list[str]:
        home = self.server.home / "mail" / self.user
        return sorted(path.relative_to(home).as_posix() for path in home.glob("[cn][ue][rw]/*"))

    def reader(self, place: Place | None = None, port: int | None = None, **other: Any) -> Reader:
        mailbox = replace(self.mailbox, port=port or self.mailbox.port)
        return Reader(lambda: Connection(mailbox, reached(self.server, **other)), place)


@pytest.fixture
def box(dovecot: Dovecot, imap_user: str) -> Box:
    return Box(dovecot, imap_user)


def read_all(reader: Reader, limit: int = 1000) -> Iterator[Batch]:
    """Read on to the end, as whoever reads for once does; the line may break in between."""
    more = True
    while more:
        batch = reader.read(limit)
        yield batch
        more = batch.more
    reader.close()


def places(batches: Iterator[Batch]) -> list[str]:
    return [item.where for batch in batches for item in batch.items]


def sentence(mailbox: Mailbox, how: Access) -> str:
    with pytest.raises(StoreError) as refused:
        Reader(lambda: Connection(mailbox, how), None).read(1)
    return str(refused.value)


def test_mails_are_records_with_the_number_by_which_they_are_found_again(box: Box) -> None:
    box.put(bounce(1), bounce(2))
    (batch,) = read_all(box.reader())
    records = [item for item in batch.items if isinstance(item, Record)]
    assert [(record.where, record.address) for record in records] == [
        ("uid 1", "ann1@shop.example"),
        ("uid 2", "ann2@shop.example"),
    ]
    assert batch.place.uid == 2


def test_nothing_is_marked_read_moved_or_deleted(box: Box) -> None:
    box.put(bounce(1))
    box.put(bounce(2), flags=(b"\\Flagged", b"urgent"))
    box.put(bounce(3), flags=(b"\\Seen",))
    box.put(bounce(4), flags=(b"\\Deleted",))
    before, files = box.flags(), box.files()
    assert places(read_all(box.reader())) == ["uid 1", "uid 2", "uid 3", "uid 4"]
    assert box.flags() == before
    assert box.files() == files


def test_only_new_mails_are_read_the_next_time(box: Box) -> None:
    box.put(bounce(1), bounce(2))
    (first,) = read_all(box.reader())
    assert places(read_all(box.reader(first.place))) == []
    box.put(bounce(3))
    assert places(read_all(box.reader(first.place))) == ["uid 3"]


def test_numbers_that_mean_other_mails_now_are_not_trusted(box: Box) -> None:
    box.put(bounce(1), folder="INBOX")
    with box.server.client(box.user) as client:
        client.create_folder("Bounces")
    box.mailbox = replace(box.mailbox, folder="Bounces")
    box.put(bounce(1), bounce(2), folder="Bounces")
    (first,) = read_all(box.reader())
    with box.server.client(box.user) as client:
        client.delete_folder("Bounces")
        client.create_folder("Bounces")
    box.put(bounce(3), folder="Bounces")
    (second,) = read_all(box.reader(first.place))
    assert second.anew
    assert second.place.validity != first.place.validity
    assert [item.where for item in second.items] == ["uid 1"]


def test_a_step_reads_no_more_than_it_may(box: Box) -> None:
    box.put(*map(bounce, range(7)))
    batches = list(read_all(box.reader(), limit=3))
    assert [len(batch.items) for batch in batches] == [3, 3, 1]
    assert [batch.behind for batch in batches] == [4, 1, 0]
    assert [batch.place.uid for batch in batches] == [3, 6, 7]


def test_a_thousand_mails_are_read_over_a_line_that_breaks_again_and_again(box: Box) -> None:
    box.put(*(bounce(number) for number in range(1000)))
    with line_to(box.server.imaps) as line:
        line.cut_after = 300_000
        found = places(read_all(box.reader(port=line.port)))
    assert found == [f"uid {number}" for number in range(1, 1001)]
    assert line.connections > 3


def test_every_place_that_was_given_is_one_to_go_on_from(box: Box) -> None:
    box.put(*(bounce(number) for number in range(25)))
    place, found = None, []
    for _ in range(9):
        reader = box.reader(place)
        batch = reader.read(3)
        reader.drop()
        place = batch.place
        found += [item.where for item in batch.items]
    assert found == [f"uid {number}" for number in range(1, 26)]


def test_a_line_that_lets_nothing_through_ends_the_step_with_a_sentence(box: Box) -> None:
    box.put(bounce(1))
    with line_to(box.server.imaps) as line:
        line.cut_after = 100
        with pytest.raises(Unreachable, match=f"localhost:{line.port} "):
            box.reader(port=line.port).read(10)


def test_mails_that_went_away_leave_holes_and_no_trouble(box: Box) -> None:
    box.put(*map(bounce, range(6)))
    reader = box.reader()
    assert [item.where for item in reader.read(2).items] == ["uid 1", "uid 2"]
    with box.server.client(box.user) as client:
        client.select_folder("INBOX")
        client.delete_messages([2, 3, 5])
        client.expunge()
    assert places(read_all(reader)) == ["uid 4", "uid 6"]


def test_a_large_mail_is_read_as_far_as_a_mail_is_read_anywhere(box: Box) -> None:
    box.put(bounce(1) + b"x" * 77 + b"\n" * MAIL_BYTES, bounce(2))
    connection = Connection(box.mailbox, reached(box.server))
    connection.examine()
    sizes = {uid: len(mail.data) for uid, mail in connection.mails(connection.envelopes([1])).items() if mail}
    connection.close()
    assert sizes == {1: MAIL_BYTES}
    assert places(read_all(box.reader())) == ["uid 1", "uid 2"]


def test_an_empty_folder_has_nothing_to_read(box: Box) -> None:
    (batch,) = read_all(box.reader())
    assert (batch.items, batch.more, batch.place.uid) == ([], False, 0)


def test_a_name_and_a_password_with_strange_characters_arrive_as_they_are(dovecot: Dovecot) -> None:
    mailbox = mailbox_of(f"imaps://s%C3%B8ren@localhost:{dovecot.imaps}/")
    assert mailbox.user == STRANGE_USER
    connection = Connection(mailbox, reached(dovecot, secret=lambda user, host: Secret(STRANGE_PASSWORD)))
    assert connection.examine().mails == 0
    connection.close()


def test_a_token_is_taken_in_place_of_a_password(box: Box) -> None:
    box.put(bounce(1))
    how = reached(box.server, secret=lambda user, host: Secret(token(user), token=True))
    connection = Connection(box.mailbox, how)
    assert connection.examine().mails == 1
    connection.close()
    other = reached(box.server, secret=lambda user, host: Secret(token("somebody else"), token=True))
    assert f"refuses the token of {box.user}" in sentence(box.mailbox, other)


def test_a_wrong_password_is_told_without_repeating_it(box: Box) -> None:
    said = sentence(box.mailbox, reached(box.server, secret=lambda user, host: Secret("failed")))
    assert said == f"localhost:{box.server.imaps} refuses the password of {box.user}."
    said = sentence(box.mailbox, reached(box.server, secret=lambda user, host: Secret("falsch")))
    assert f"refuses the password of {box.user}: " in said
    assert "falsch" not in said


def test_a_missing_folder_is_told_with_those_that_are_there(box: Box) -> None:
    with box.server.client(box.user) as client:
        client.create_folder("Müll")
    said = sentence(replace(box.mailbox, folder="Mull"), reached(box.server))
    assert said.startswith(f"{box.user} has no folder Mull on localhost")
    assert "INBOX" in said
    assert "Müll" in said


def test_a_certificate_of_an_unknown_authority_is_refused(box: Box) -> None:
    said = sentence(box.mailbox, reached(box.server, ca_file=None))
    assert said.startswith(f"The certificate of localhost:{box.server.imaps} is not trusted: ")
    assert "--ca-file" in said


def test_a_certificate_for_another_name_is_refused(box: Box) -> None:
    with line_to(box.server.imaps, "127.0.0.2") as line:
        said = sentence(replace(box.mailbox, host="127.0.0.2", port=line.port), reached(box.server))
    assert "is not trusted" in said
    assert "127.0.0.2" in said


def test_files_of_authorities_that_hold_none_are_told(box: Box, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate\n")
    assert "holds no certificate" in sentence(box.mailbox, reached(box.server, ca_file=tmp_path / "ca.pem"))
    assert "no such file" in sentence(box.mailbox, reached(box.server, ca_file=tmp_path / "none.pem"))


def test_a_server_that_is_not_there_is_told(dovecot: Dovecot) -> None:
    how = reached(dovecot)
    assert "connection refused" in sentence(mailbox_of("imaps://ann@127.0.0.1:1/"), how)
    assert "is not known" in sentence(mailbox_of("imaps://ann@no.such.host.invalid/"), how)
    assert "no name of a host" in sentence(mailbox_of(f"imaps://ann@{'x' * 70}.example/"), how)


def test_a_server_that_does_not_answer_is_not_waited_for_long(dovecot: Dovecot) -> None:
    with line_to(dovecot.imaps) as line:
        mailbox = mailbox_of(f"imap://ann@localhost:{line.port}/")
        assert "does not answer; if it speaks TLS" in sentence(mailbox, reached(dovecot, connect_s=0.2, answer_s=0.2))


def test_a_server_that_speaks_no_tls_or_no_imap_is_told(dovecot: Dovecot) -> None:
    assert "does not agree on TLS" in sentence(mailbox_of(f"imaps://ann@localhost:{dovecot.imap}/"), reached(dovecot))
    with line_to(dovecot.imap) as line:
        line.said = lambda said: b"220 mx.example ESMTP\r\n"
        assert "speaks no IMAP" in sentence(mailbox_of(f"imap://ann@localhost:{line.port}/"), reached(dovecot))


def test_without_tls_nothing_is_sent_to_another_machine(box: Box) -> None:
    mailbox = replace(box.mailbox, scheme="imap", port=box.server.imap)
    with line_to(box.server.imap) as line:
        line.said = lambda said: said.replace(b"STARTTLS", b"NOTHINGS")
        said = sentence(replace(mailbox, port=line.port), reached(box.server, plain=False))
    assert "offers no STARTTLS" in said
    connection = Connection(mailbox, reached(box.server, plain=False))
    connection.close()
    assert f"Login: user=<{box.user}>, TLS" in box.server.logged()


def test_on_this_machine_and_where_it_was_said_plain_connections_do(box: Box) -> None:
    mailbox = replace(box.mailbox, scheme="imap", port=box.server.imap)
    for how in (reached(box.server), reached(box.server, plain=True)):
        Connection(mailbox, how).close()
    assert box.server.logged().count(f"Login: user=<{box.user}>, secured") == 2
    assert access({}).plain is None
    assert access({"no-tls": "yes"}).plain is True


class Following:
    """A source at a clock that a test sets."""

    def __init__(self, box: Box, port: int | None = None, **other: Any) -> None:
        self.now = NOW
        mailbox = replace(box.mailbox, port=port or box.mailbox.port)
        self.source = MailboxSource(mailbox, reached(box.server, **other), lambda: self.now)

    def step(self) -> Step:
        self.now += timedelta(minutes=10)
        return self.source.step(100)


def test_a_source_takes_up_where_its_last_step_ended(box: Box) -> None:
    box.put(bounce(1))
    first = Following(box)
    first.source.resume(None)
    step = first.step()
    assert [item.where for item in step.items] == ["uid 1"]
    assert (step.more, first.source.where().behind, first.source.where().waiting) == (False, 0, None)
    first.source.close()
    box.put(bounce(2))
    second = Following(box)
    assert step.position is not None
    second.source.resume(Saved(step.position))
    assert [item.where for item in second.step().items] == ["uid 2"]
    second.source.close()


def test_a_source_says_when_the_server_has_numbered_its_mails_anew(box: Box) -> None:
    box.put(bounce(1))
    following = Following(box)
    following.source.resume(Saved({"validity": 1, "uid": 99}))
    step = following.step()
    following.source.close()
    assert [item.where for item in step.items] == ["uid 1"]
    assert step.note is not None
    assert "new numbers" in step.note


def test_a_step_that_finds_nothing_keeps_nothing(box: Box) -> None:
    box.put(bounce(1))
    following = Following(box)
    following.source.resume(None)
    assert following.step().position is not None
    step = following.step()
    assert (list(step.items), step.position, step.more) == ([], None, False)
    following.source.close()


def test_mails_that_are_no_bounces_are_passed_once(box: Box) -> None:
    box.put(*[b"From: ann@shop.example\nTo: bo@shop.example\nSubject: Lunch\n\nAt one?\n"] * 3)
    following = Following(box)
    following.source.resume(None)
    step = following.step()
    following.source.close()
    assert step.items == []
    assert step.position is not None
    assert step.position["uid"] == 3


def test_a_line_that_breaks_among_mails_that_are_no_bounces_is_taken_up_where_it_broke(box: Box) -> None:
    box.put(*[b"From: ann@shop.example\nTo: bo@shop.example\nSubject: Lunch\n\n" + b"At one?\n" * 500] * 50)
    with line_to(box.server.imaps) as line:
        line.cut_after = 60_000
        batches = list(read_all(box.reader(port=line.port)))
    assert batches[-1].place.uid == 50
    assert line.connections > 2


def test_a_server_that_is_not_asked_for_more_than_a_minute_has_rest(box: Box) -> None:
    with line_to(box.server.imaps) as line:
        following = Following(box, line.port)
        following.source.resume(None)
        following.step()
        box.put(bounce(1))
        following.now += timedelta(seconds=59)
        assert following.source.step(100).items == ()
        following.now += timedelta(seconds=2)
        assert len(following.source.step(100).items) == 1
        following.source.close()
        assert line.connections == 1


def test_a_connection_that_the_server_has_ended_is_made_anew_without_a_word(box: Box) -> None:
    with line_to(box.server.imaps) as line:
        following = Following(box, line.port)
        following.source.resume(None)
        following.step()
        line.cut()
        box.put(bounce(1))
        assert len(following.step().items) == 1
        assert following.source.where().waiting is None
        assert line.connections == 2
        following.source.close()


def test_a_lost_server_is_told_of_and_tried_again_more_and_more_seldom(box: Box) -> None:
    box.put(bounce(1))
    with line_to(box.server.imaps) as line:
        following = Following(box, line.port)
        following.source.resume(None)
        assert len(following.step().items) == 1
        line.cut_after = 0
        line.cut()
        pauses = []
        for _ in range(3):
            assert following.step() == Step()
            waiting = following.source.where().waiting
            assert waiting is not None
            assert f"localhost:{line.port}" in waiting
            pauses.append(following.source.every_s)
        assert pauses == [5, 10, 20]
        tried = line.connections
        assert following.source.step(100) == Step()
        assert line.connections == tried
        line.cut_after = None
        box.put(bounce(2))
        assert [item.where for item in following.step().items] == ["uid 2"]
        assert following.source.where().waiting is None
        following.source.close()


def test_a_server_that_is_away_at_the_start_is_waited_for(box: Box) -> None:
    box.put(bounce(1))
    with line_to(box.server.imaps) as line:
        line.cut_after = 0
        following = Following(box, line.port)
        following.source.resume(None)
        assert following.source.where().waiting is not None
        line.cut_after = None
        assert len(following.step().items) == 1
        following.source.close()


def test_a_login_that_never_worked_ends_the_following(box: Box) -> None:
    following = Following(box, secret=lambda user, host: Secret("falsch"))
    with pytest.raises(BadInput, match="refuses the password"):
        following.source.resume(None)


def test_a_login_that_worked_before_may_be_refused_for_a_while(box: Box) -> None:
    secrets = [Secret(PASSWORD), Secret("falsch"), Secret(PASSWORD)]
    with line_to(box.server.imaps) as line:
        following = Following(box, line.port, secret=lambda user, host: secrets.pop(0))
        following.source.resume(None)
        following.step()
        line.cut()
        assert following.step() == Step()
        assert "refuses the password" in (following.source.where().waiting or "")
        box.put(bounce(1))
        assert len(following.step().items) == 1
        following.source.close()


def test_the_server_tells_of_new_mail(box: Box) -> None:
    woken = threading.Semaphore(0)
    following = Following(box)
    following.source.resume(None)
    following.source.watch(woken.release)
    assert woken.acquire(timeout=30)
    following.step()
    box.put(bounce(1))
    assert woken.acquire(timeout=30)
    # No minute has passed: it is read because the server told of it.
    assert [item.where for item in following.source.step(100).items] == ["uid 1"]
    following.source.close()


def test_watching_goes_on_after_the_line_broke(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.feeds.imap.watching.FIRST_PAUSE_S", 0.0)
    woken = threading.Semaphore(0)
    with line_to(box.server.imaps) as line:
        following = Following(box, line.port)
        following.source.watch(woken.release)
        assert woken.acquire(timeout=30)
        line.cut()
        assert woken.acquire(timeout=30)
        box.put(bounce(1))
        assert woken.acquire(timeout=30)
        following.source.close()


def test_a_server_that_cannot_tell_of_new_mail_is_asked_every_minute(box: Box) -> None:
    woken = threading.Semaphore(0)
    box.mailbox = replace(box.mailbox, scheme="imap")
    with line_to(box.server.imap) as line:
        line.said = lambda said: said.replace(b" IDLE", b" SLOW")
        following = Following(box, line.port)
        following.source.resume(None)
        following.source.watch(woken.release)
        assert woken.acquire(timeout=30)
        following.step()
        assert following.source.every_s == 60
        following.source.close()


def test_a_url_opens_a_source_by_its_scheme(box: Box, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "password").chmod(0o600)
    options = {"password-file": str(tmp_path / "password"), "ca-file": str(box.server.ca_file)}
    box.put(bounce(1))
    source = followed(box.mailbox.url, How(lambda: NOW, options=options))
    source.resume(None)
    step = source.step(10)
    source.close()
    assert (source.name, source.format) == (box.mailbox.url, "bounce mailbox")
    assert len(step.items) == 1


def test_a_mail_that_the_server_cannot_hand_out_is_a_defect_and_the_others_are_read(box: Box) -> None:
    box.put(*map(bounce, range(9)))
    (broken,) = (
        mail for mail in (box.server.home / "mail" / box.user / "new").iterdir() if b"ann4@" in mail.read_bytes()
    )
    broken.chmod(0)
    items = [item for batch in read_all(box.reader()) for item in batch.items]
    assert [item.where for item in items] == [f"uid {number}" for number in range(1, 10)]
    assert [item.where for item in items if isinstance(item, Defect)] == ["uid 5"]


def test_a_server_that_hands_out_no_mail_is_not_taken_for_one_with_broken_mails(box: Box) -> None:
    box.put(*map(bounce, range(9)))
    for mail in (box.server.home / "mail" / box.user / "new").iterdir():
        mail.chmod(0)
    reader = box.reader()
    with pytest.raises(Unreachable):
        reader.read(100)
    assert reader.place is not None
    assert reader.place.uid == 0


def test_files_are_read_for_every_login_and_pipes_once(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("first\n")
    path.chmod(0o600)
    how = access({"password-file": str(path)})
    assert how.secret("ann", "mx.example").value == "first"
    path.write_text("second\n")
    assert how.secret("ann", "mx.example").value == "second"
    read, write = os.pipe()
    os.write(write, b"once\n")
    os.close(write)
    how = access({"password-file": f"/dev/fd/{read}"})
    assert [how.secret("ann", "mx.example").value for _ in range(2)] == ["once", "once"]
    os.close(read)
