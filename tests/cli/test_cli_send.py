from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.cli.conftest import CAMPAIGN
from tests.smtp_server import SmtpServer, running
from tui.cli import aftersend

Run = Callable[..., Result]
FRONT = """\
subject = "Hello {{ name }}"
from = "Ann <ann@shop.example>"
return-path = "bounces+{recipient}@shop.example"
unsubscribe = "https://shop.example/u/{token}"
"""
TEXT = "Dear {{ name }},\n\nhello.\n\nLeave: {{ unsubscribe }}\n"
READY = ("bo@north.example", "cleo@south.example", "eve@north.example")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A folder with a message."""
    folder = tmp_path / "letter"
    folder.mkdir()
    (folder / "message.toml").write_text(FRONT)
    (folder / "text.txt").write_text(TEXT)
    return folder


def ticked(run: Run, world: Path, letter: Path, port: int) -> None:
    """Set the relay up, have a colleague tick what a person ticks."""
    assert run("relay", "set", "local", f"smtp://127.0.0.1:{port}").exit_code == 0
    ticks = ["check", str(letter), "--campaign", CAMPAIGN, "--tick", "proof-read", "--tick", "test-mail"]
    env = {"AFTERSEND_STORE": str(world), "USER": "otto", "SUDO_USER": None}
    result = CliRunner().invoke(aftersend, ticks, env=env, prog_name="aftersend")
    assert result.exit_code == 0, result.output


def to_send(letter: Path, *more: str) -> list[str]:
    return ["send", str(letter), "--campaign", CAMPAIGN, "--state", "delivered", "--name", "Again", *more]


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_dry_run_prints_who_gets_it_who_does_not_and_why(run: Run, letter: Path) -> None:
    result = run("send", str(letter), "--campaign", CAMPAIGN, "--dry-run")
    assert result.exit_code == 0
    rows = [line.split("\t")[:3] for line in result.stdout.splitlines()]
    assert ["bo@north.example", "yes", ""] in rows
    assert ["bo@north.example", "no", "duplicate"] in rows
    assert ["anna@gamil.example", "no", "blocked"] in rows
    assert ["finn@north.example", "no", "no consent"] in rows
    assert "nothing was sent" in result.stderr
    objects = lines(run("send", str(letter), "--campaign", CAMPAIGN, "--dry-run", "--json"))
    assert {row["address"]: row["because"] for row in objects}["anna@gamil.example"] == "blocked"
    assert run("send", "status").stdout == ""


def test_nothing_is_sent_before_somebody_has_looked_at_it(run: Run, letter: Path) -> None:
    with running(SmtpServer()) as server:
        run("relay", "set", "local", f"smtp://127.0.0.1:{server.port}")
        result = run(*to_send(letter, "--yes"))
    assert (result.exit_code, server.mails) == (1, [])
    assert "Nothing is sent" in result.stderr
    assert run("send", "status").stdout == ""


def test_a_message_goes_to_people_once_and_all_of_it_can_be_read(run: Run, world: Path, letter: Path) -> None:
    with running(SmtpServer()) as server:
        ticked(run, world, letter, server.port)
        result = run(*to_send(letter, "--yes", "--start-in", "0s"))
    assert result.exit_code == 0, result.output
    assert result.stdout == "Again: 3 accepted\n"
    assert server.taken() == dict.fromkeys(READY, 1)
    assert {sender for sender, _, _ in server.mails} == {f"bounces+{to.replace('@', '=')}@shop.example" for to in READY}
    result = run("send", "status", "Again", "--json")
    assert result.exit_code == 0, result.output
    (row,) = lines(result)
    assert (row["state"], row["accepted"], row["waiting"], row["follows_up"]) == ("done", 3, 0, CAMPAIGN)
    mails = lines(run("send", "mails", "Again", "--state", "accepted", "--json"))
    assert {mail["address"] for mail in mails} == set(READY)
    assert all(mail["message_id"].startswith("again.") for mail in mails)
    assert run("send", "pause", "Again").exit_code == 1
    assert run("send", "resume", "Again").exit_code == 1
    assert run("send", "unsure", "Again").stdout == ""
    assert run("reconcile").exit_code == 0


def test_a_test_mail_goes_to_the_operator_and_counts_nowhere(run: Run, letter: Path) -> None:
    with running(SmtpServer()) as server:
        run("relay", "set", "local", f"smtp://127.0.0.1:{server.port}")
        before = run("status", "--json").stdout
        result = run(*to_send(letter, "--test-to", "me@home.example"))
    assert result.exit_code == 0, result.output
    ((_, recipient, mail),) = server.mails
    assert recipient == "me@home.example"
    assert b"[Test]" in mail
    assert b"X-Campaign-ID" not in mail
    assert run("status", "--json").stdout == before
    assert "Test mail" in run("journal").stdout


def test_ctrl_c_pauses_and_resume_goes_on_where_it_stopped(run: Run, world: Path, letter: Path) -> None:
    gate = threading.Event()
    with running(SmtpServer(gate=gate)) as server:
        ticked(run, world, letter, server.port)
        run("relay", "set", "local", "--connections", "1")
        environment = {**os.environ, "AFTERSEND_STORE": str(world), "USER": "ines"}
        command = [sys.executable, "-m", "tui.cli", *to_send(letter, "--yes", "--start-in", "0s")]
        with subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) as process:
            assert process.stderr is not None
            while not server.has_in_hand():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            gate.set()
            said = process.communicate(timeout=60)
        assert process.returncode == 130, said
        assert "paused: ended by ines; `aftersend send resume again` goes on." in said[1]
        before = lines(run("send", "status", "Again", "--json"))[0]
        assert (before["state"], before["alive"], before["unsure"]) == ("paused", False, 0)
        result = run("send", "resume", "Again", "--yes")
    assert result.stdout == "Again: 3 accepted\n"
    assert server.taken() == dict.fromkeys(READY, 1)


def test_a_tripwire_ends_it_with_3_and_so_does_starting_it_again(run: Run, world: Path, letter: Path) -> None:
    plan = lambda stage, recipient: "450 4.2.0 Later" if stage == "rcpt" else None  # noqa: E731
    with running(SmtpServer(plan)) as server:
        ticked(run, world, letter, server.port)
        run("relay", "set", "local", "--retry", "1h")
        assert run("tripwire", "set", "least=1").exit_code == 0
        result = run(*to_send(letter, "--yes", "--start-in", "0s"))
        assert (result.exit_code, result.stdout) == (3, "Again: 3 waiting\n")
        assert "tripwire" in result.stderr
        assert run("send", "resume", "Again", "--yes").exit_code == 3
    assert not server.taken()


def test_relays_are_set_up_shown_tried_and_forgotten(run: Run) -> None:
    with running(SmtpServer()) as server:
        assert run("relay", "set", "main", f"smtp://127.0.0.1:{server.port}", "--rate", "20").exit_code == 0
        result = run("relay", "test", "main")
    assert result.exit_code == 0
    assert "takes us" in result.stdout
    assert run("relay", "set", "main", "--verp", "bounces+{recipient}@shop.example").exit_code == 0
    (relay,) = lines(run("relay", "list", "--json"))
    assert (relay["rate"], relay["verp"], relay["security"]) == (20, "bounces+{recipient}@shop.example", "none")
    assert run("relay", "test", "main").exit_code == 1
    assert run("relay", "delete", "main").exit_code == 0
    assert run("undo").exit_code == 0
    assert len(lines(run("relay", "list", "--json"))) == 1


def test_a_password_in_an_address_is_refused_and_not_repeated(run: Run) -> None:
    result = run("relay", "set", "main", "smtp://ann:s3cret@mail.shop.example")
    assert result.exit_code == 1
    assert "s3cret" not in result.output
    result = run("relay", "set", "main", "smtp://ann@mail.shop.example", "--security", "none")
    assert result.exit_code == 1
    assert "in the clear" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["send", "status", "Nothing"], 1),
        (["send", "stop", "Nothing"], 1),
        (["relay", "test", "nowhere"], 1),
        (["send", "mails", "x", "--state", "gone"], 2),
        (["send", "{letter}"], 2),
        (["send", "{letter}", "--campaign", CAMPAIGN, "--start-in", "soon"], 2),
        (["send", "{letter}/nowhere", "--campaign", CAMPAIGN, "--dry-run"], 1),
    ],
)
def test_what_cannot_be_is_one_sentence(run: Run, letter: Path, arguments: list[str], code: int) -> None:
    result = run(*[argument.format(letter=letter) for argument in arguments])
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.stderr
