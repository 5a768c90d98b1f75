"""A mailbox on a server, on the command line."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.dovecot import PASSWORD, Dovecot
from tests.feeds.mails import block, report
from tests.proxy import line_to

Run = Callable[..., Result]
DEAD = "anna@gamil.example"


def notice(address: str, number: int, message_id: str, status: str = "5.1.1") -> bytes:
    """Return the notice that a mail of the campaign came back."""
    returned = f"From: <news@news.example>\nTo: {address}\nMessage-ID: <{message_id}>\nX-Campaign-ID: autumn\n\nHi\n"
    return report(
        block(address, status=status, diagnostic=f"550 {status} User unknown"),
        to="bounces@news.example",
        date=f"Date: Tue, 01 Sep 2026 08:05:{number % 60:02d} +0000\n",
        message_id=f"Message-ID: <dsn.{number}@mx.example>\n",
        returned=returned,
    )


class Box:
    """A mailbox on the server, and how it is named on the command line."""

    def __init__(self, server: Dovecot, user: str, password_file: Path) -> None:
        self.server = server
        self.user = user
        self.url = f"imaps://{user}@localhost:{server.imaps}/INBOX"
        self.options = ("--password-file", str(password_file), "--ca-file", str(server.ca_file))

    def put(self, *mails: bytes) -> None:
        with self.server.client(self.user) as client:
            for mail in mails:
                client.append("INBOX", mail.replace(b"\n", b"\r\n"))


@pytest.fixture
def box(dovecot: Dovecot, imap_user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.delenv("AFTERSEND_IMAP_PASSWORD", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o600)
    return Box(dovecot, imap_user, path)


def asked(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(store) as connection:
        found = connection.execute(sql).fetchall()
    connection.close()
    return found


def counts(result: Result) -> list[str]:
    """Return the figures of the only feed: records, new, known, strangers, bad."""
    _, line = result.stdout.splitlines()
    return line.split()[-5:]


def test_bounces_of_a_mailbox_land_once_and_new_ones_the_next_time(run: Run, box: Box) -> None:
    box.put(notice("eve@north.example", 1, "m5@news.example"), notice("finn@north.example", 2, "m9@news.example"))
    first = run("ingest", *box.options, box.url)
    assert first.exit_code == 0, first.output
    assert counts(first) == ["2", "2", "0", "0", "0"]
    again = run("ingest", *box.options, box.url)
    assert "nothing new" in again.stdout
    box.put(notice("bo@north.example", 3, "m2@news.example"))
    assert counts(run("ingest", *box.options, box.url)) == ["1", "1", "0", "0", "0"]
    assert counts(run("ingest", "--reread", *box.options, box.url)) == ["3", "0", "3", "0", "0"]


def test_a_bounce_that_stands_in_the_log_and_in_the_mailbox_is_one(run: Run, box: Box, world: Path) -> None:
    before = run("status", "Autumn newsletter", "--json").stdout
    box.put(notice(DEAD, 1, "m1@news.example"))
    assert run("ingest", *box.options, box.url).exit_code == 0
    assert run("status", "Autumn newsletter", "--json").stdout == before
    types = asked(
        world,
        "SELECT DISTINCT e.outcome FROM event e JOIN recipient r ON r.id = e.recipient_id"
        f" WHERE r.address = '{DEAD}' AND e.type = (SELECT type FROM event WHERE location = 'uid 1')",
    )
    assert len(types) == 1


def test_numbers_given_anew_are_told_and_nothing_is_counted_twice(run: Run, box: Box) -> None:
    with box.server.client(box.user) as client:
        client.create_folder("Bounces")
        client.append("Bounces", notice("eve@north.example", 1, "m5@news.example"))
    url = box.url.replace("INBOX", "Bounces")
    assert counts(run("ingest", *box.options, url)) == ["1", "1", "0", "0", "0"]
    with box.server.client(box.user) as client:
        client.rename_folder("Bounces", "Old")
        client.create_folder("Bounces")
        client.append("Bounces", notice("eve@north.example", 1, "m5@news.example"))
    again = run("ingest", *box.options, url)
    assert counts(again) == ["1", "0", "1", "0", "0"]
    assert "new numbers (UIDVALIDITY)" in again.stderr


def test_mails_read_over_a_breaking_line_are_those_of_a_good_one(run: Run, box: Box) -> None:
    box.put(*(notice(f"p{number}@new.example", number, f"n{number}@news.example") for number in range(300)))
    with line_to(box.server.imaps) as line:
        line.cut_after = 100_000
        result = run("ingest", *box.options, box.url.replace(str(box.server.imaps), str(line.port)))
    assert counts(result) == ["300", "0", "0", "300", "0"]
    assert line.connections > 3


def test_follow_reads_a_mailbox_and_ingest_goes_on_from_there(run: Run, box: Box) -> None:
    box.put(notice("eve@north.example", 1, "m5@news.example"))
    followed = run("follow", "--exit-when-idle", *box.options, box.url)
    assert followed.exit_code == 0, followed.output
    assert "nothing new" in run("ingest", *box.options, box.url).stdout
    box.put(notice("bo@north.example", 2, "m2@news.example"))
    assert counts(run("ingest", *box.options, box.url)) == ["1", "1", "0", "0", "0"]


def test_several_files_and_mailboxes_are_read_in_one_go(run: Run, box: Box, feeds: Path) -> None:
    box.put(notice("eve@north.example", 1, "m5@news.example"))
    result = run("ingest", *box.options, str(feeds / "mail.log"), box.url, str(feeds / "events.ndjson"))
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 4


def test_the_password_lands_nowhere(run: Run, box: Box, world: Path, tmp_path: Path) -> None:
    secret = tmp_path / "other"
    secret.write_text("wrong-and-secret\n")
    secret.chmod(0o600)
    wrong = run("ingest", "--password-file", str(secret), *box.options[2:], box.url)
    assert wrong.exit_code == 1
    assert "refuses the password" in wrong.stderr
    assert "wrong-and-secret" not in wrong.output
    assert run("ingest", *box.options, box.url).exit_code == 0
    data = b"".join(path.read_bytes() for path in world.parent.glob("store.db*"))
    assert b"wrong-and-secret" not in data
    assert PASSWORD.encode() not in data


@pytest.mark.parametrize("command", ["ingest", "follow"])
@pytest.mark.parametrize(
    "url",
    [
        "imaps://ann:hushhush@mx.example/INBOX",
        "imap://ann:hushhush@mx.example",
        "imaps://ann@our.example:hush/hush@mx.example/INBOX",
        "imapz://ann:hushhush@mx.example/INBOX",
    ],
)
def test_a_password_in_a_url_is_refused_and_not_repeated(run: Run, world: Path, command: str, url: str) -> None:
    result = run(command, url)
    assert result.exit_code == 1
    assert "hush" not in result.output
    assert len(result.stderr.splitlines()) == 1
    assert asked(world, "SELECT * FROM feed WHERE path LIKE '%mx.example%'") == []


def test_without_a_password_the_ways_to_give_one_are_told(run: Run, box: Box) -> None:
    result = run("ingest", *box.options[2:], box.url)
    assert result.exit_code == 1
    assert "--password-file" in result.stderr
    assert "AFTERSEND_IMAP_PASSWORD" in result.stderr


def test_the_environment_does(run: Run, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSEND_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setenv("AFTERSEND_CA_FILE", str(box.server.ca_file))
    assert run("ingest", box.url).exit_code == 0


def test_one_password_is_not_sent_to_two_accounts(run: Run, box: Box) -> None:
    result = run("ingest", *box.options, box.url, "imaps://somebody@else.example/")
    assert result.exit_code == 1
    assert "--password-file is of one account" in result.stderr
    assert run("ingest", *box.options, box.url, box.url).exit_code == 0


def test_a_mailbox_that_cannot_be_read_does_not_keep_files_from_being_read(run: Run, box: Box, feeds: Path) -> None:
    result = run("ingest", *box.options[:2], box.url, str(feeds / "mail.log"))
    assert result.exit_code == 1
    assert "is not trusted" in result.stderr
    assert "mail.log" in result.stdout


def test_a_mail_is_fetched_again_to_be_shown(run: Run, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put(notice("eve@north.example", 1, "m5@news.example"))
    run("ingest", *box.options, box.url)
    refused = run("history", "eve@north.example", "--raw")
    assert f"uid 1 of {box.url} cannot be fetched: There is no password for {box.user}@localhost" in refused.stderr
    monkeypatch.setenv("AFTERSEND_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setenv("AFTERSEND_CA_FILE", str(box.server.ca_file))
    shown = run("history", "eve@north.example", "--raw")
    assert f"== {box.url} · uid 1" in shown.stdout
    assert "Message-ID: <dsn.1@mx.example>" in shown.stdout
    with box.server.client(box.user) as client:
        client.select_folder("INBOX")
        client.delete_messages([1])
        client.expunge()
    assert "it was moved or deleted" in run("history", "eve@north.example", "--raw").stderr


@pytest.mark.parametrize("command", [["ingest", "FILE"], ["status"], ["--help"]])
def test_what_reads_no_mailbox_loads_nothing_of_imap(world: Path, feeds: Path, command: list[str]) -> None:
    words = [str(feeds / "mail.log") if word == "FILE" else word for word in command]
    code = (
        "import sys\nfrom tui.cli import main\n"
        f"sys.argv = ['aftersend', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'imaplib', 'imapclient', 'keyring', 'getpass'} & set(sys.modules)), file=sys.stderr)\n"
    )
    env = {**os.environ, "AFTERSEND_STORE": str(world)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.splitlines()[-1] == "[]"
