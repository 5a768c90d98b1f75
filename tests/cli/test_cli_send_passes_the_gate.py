"""What `aftersend send` sends has passed the gate; nothing is prepared and nobody gets anything before that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CAMPAIGN, Run
from tests.outbox.writing import FRONT, TEXT, folder
from tests.smtp_server import SmtpServer, running


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    return folder(tmp_path / "letter", f'author = "zoe"\n{FRONT}')


def send(run: Run, letter: Path, *more: str) -> tuple[int, str, str]:
    ended = run("send", str(letter), "--campaign", CAMPAIGN, "--start-in", "0s", "--yes", *more)
    return ended.exit_code, ended.stdout, ended.stderr


def test_nothing_is_prepared_before_it_is_ticked(run: Run, letter: Path) -> None:
    with running(SmtpServer()) as server:
        run("relay", "set", "own", f"smtp://127.0.0.1:{server.port}")
        code, out, said = send(run, letter)
        assert (code, out) == (1, "")
        assert "Proof-read · Has somebody else than zoe, who wrote it, read it? Then they tick it" in said
        assert "Nothing is sent: Has somebody else" in said
        assert run("send", "status", "--json").stdout == ""
        run("check", str(letter), "--tick", "proof-read", "--tick", "test-mail")
        code, out, said = send(run, letter)
        assert (code, "4 accepted" in out) == (0, True), said
        assert len(server.taken()) == 4


def test_a_changed_letter_and_people_who_got_it_already_stop_it(run: Run, letter: Path) -> None:
    with running(SmtpServer()) as server:
        run("relay", "set", "own", f"smtp://127.0.0.1:{server.port}")
        run("check", str(letter), "--tick", "proof-read", "--tick", "test-mail")
        assert send(run, letter)[0] == 0
        code, _, said = send(run, letter, "--name", "Once more")
        assert code == 1
        assert "Once only · 4 people got this message before, in letter" in said
        (letter / "text.txt").write_text(TEXT + "\n")
        code, _, said = send(run, letter, "--name", "Once more")
        assert code == 1
        assert "Test mail · Has anybody looked at a test mail" in said
        assert len(server.taken()) == 4


def test_the_words_in_the_links_are_told_apart_afterwards(run: Run, letter: Path, tmp_path: Path) -> None:
    with running(SmtpServer()) as server:
        run("relay", "set", "own", f"smtp://127.0.0.1:{server.port}")
        run("check", str(letter), "--tick", "proof-read", "--tick", "test-mail")
        assert send(run, letter)[0] == 0
    told = run("send", "tokens", "letter").stdout
    words = dict(line.split(",")[::-1] for line in told.splitlines()[1:])
    assert sorted(words) == sorted(server.taken())
    (tmp_path / "tokens.csv").write_text(told)
    log = tmp_path / "access.log"
    line = '192.0.2.1 - - [05/Mar/2027:08:00:00 +0000] "POST /u/{} HTTP/1.1" 200 0 "-" "Mozilla/5.0"\n'
    log.write_text(line.format(words["bo@north.example"]))
    paths = ("--map", "unsubscribe=/u/{recipient}", "--campaign", "letter", "--tokens", str(tmp_path / "tokens.csv"))
    ended = run("ingest", str(log), *paths)
    assert ended.exit_code == 0, ended.stderr
    assert "unsubscribed" in run("recipients", "letter", "--state", "unsubscribed").output.casefold()
