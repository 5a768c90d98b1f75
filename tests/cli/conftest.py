from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tui.cli import aftersend

LIST = """\
id,name,email,company,language,responsible,consent,tracking consent
1,Anna Berg,anna@gamil.example,Berg GmbH,de,ms,yes,yes
2,Bo Ek,bo@north.example,Norrland AB,sv,ms,yes,yes
3,Cleo Diaz,cleo@south.example,Sur SA,es,kl,yes,no
4,Dan Fox,dan@full.example,Fox Ltd,en,kl,yes,yes
5,Eve Gray,eve@north.example,Gray Ltd,en,kl,yes,yes
6,Finn Hall,finn@north.example,Hall Ltd,en,kl,no,yes
7,Bo Ek again,bo@north.example,Norrland AB,sv,ms,yes,yes
8,Gil,not an address,Gil Ltd,en,kl,yes,yes
"""
CAMPAIGN = "Autumn newsletter"

_MAIL = """\
2026-09-01T08:00:{s:02d}.000000+00:00 mx postfix/cleanup[2]: {q}: message-id=<{n}@news.example>
2026-09-01T08:00:{s:02d}.000000+00:00 mx postfix/cleanup[2]: {q}: info: header X-Campaign-ID: autumn from localhost\
[127.0.0.1]; from=<bounces@news.example> to=<{to}> proto=ESMTP helo=<app>
2026-09-01T08:00:{s:02d}.100000+00:00 mx postfix/qmgr[3]: {q}: from=<bounces@news.example>, size=800, nrcpt=1 \
(queue active)
2026-09-01T08:00:{s:02d}.900000+00:00 mx postfix/smtp[4]: {q}: to=<{to}>, relay=mx.example[192.0.2.1]:25, delay=0.9, \
delays=0/0/0/0, dsn={dsn}, status={status} ({words})
2026-09-01T08:00:{s:02d}.950000+00:00 mx postfix/qmgr[3]: {q}: removed
"""
_SENT = ("2.0.0", "sent", "250 2.0.0 Ok: queued as 77")
_FATES = {
    "anna@gamil.example": ("5.1.1", "bounced", "host mx said: 550 5.1.1 <anna@gamil.example>: User unknown"),
    "bo@north.example": _SENT,
    "cleo@south.example": _SENT,
    "dan@full.example": ("5.2.2", "bounced", "host mx said: 552 5.2.2 Mailbox is full"),
    "eve@north.example": _SENT,
    "stray@elsewhere.example": ("5.1.1", "bounced", "host mx said: 550 5.1.1 nobody here"),
}
EVENTS = """\
{"type": "clicked", "ts": "2026-09-01T09:00:00Z", "address": "bo@north.example", "campaign": "autumn", \
"url": "https://shop.example/a"}
{"type": "opened", "ts": "2026-09-01T08:01:00Z", "address": "eve@north.example", "campaign": "autumn", \
"machine": true}
"""

Run = Callable[..., Result]
Outside = Callable[..., subprocess.CompletedProcess[str]]


def mail_log() -> str:
    """Return a Postfix log of the campaign: three delivered, two bounced, one stranger."""
    return "".join(
        _MAIL.format(s=at, q=f"4bT{at:03d}", n=f"m{at}", to=to, dsn=dsn, status=status, words=words)
        for at, (to, (dsn, status, words)) in enumerate(_FATES.items(), 1)
    )


def _here(*args: str, store: Path | None = None, stdin: str | None = None) -> Result:
    env = {"AFTERSEND_STORE": str(store) if store else None, "USER": "ines", "SUDO_USER": None}
    return CliRunner().invoke(aftersend, list(args), env=env, input=stdin, prog_name="aftersend")


@pytest.fixture(scope="session")
def here() -> Run:
    """Run the command in this process on ``store``."""
    return _here


@pytest.fixture(scope="session")
def outside() -> Outside:
    """Run the command in a process of its own on ``store``; further arguments go to ``subprocess.run``."""

    def call(*args: str, store: Path, **more: Any) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "AFTERSEND_STORE": str(store), "USER": "ines"}
        command = [sys.executable, "-m", "tui.cli", *args]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60, **more)

    return call


@pytest.fixture(scope="session")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with list.csv, mail.log and events.ndjson of one small campaign."""
    folder = tmp_path_factory.mktemp("feeds")
    (folder / "list.csv").write_text(LIST)
    (folder / "mail.log").write_text(mail_log())
    (folder / "events.ndjson").write_text(EVENTS)
    return folder


@pytest.fixture(scope="session")
def _built(feeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("built") / "store.db"
    steps = (
        ("import", "recipients", str(feeds / "list.csv"), "--campaign", CAMPAIGN, "--key", "autumn"),
        ("ingest", str(feeds / "mail.log"), str(feeds / "events.ndjson")),
    )
    for step in steps:
        result = _here(*step, store=path)
        assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def world(_built: Path, tmp_path: Path) -> Path:
    """A store of its own with the small campaign in it; returns its path."""
    path = tmp_path / "store.db"
    shutil.copy(_built, path)
    return path


@pytest.fixture
def run(world: Path) -> Run:
    """Run the command on ``world``."""

    def call(*args: str, stdin: str | None = None) -> Result:
        return _here(*args, store=world, stdin=stdin)

    return call
