"""A password comes in by every way there is, everything goes wrong, and then all that was written is searched."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from textual.app import App

from store.secrets import Secret
from tests.cli.conftest import LIST
from tui.cli import aftersend
from tui.cli.group import COMPLETE_VARIABLE
from tui.crash import told
from tui.launching import start
from tui.output.drawn import DrawnApp

NEEDLE = "gEh31m-n33dl3"
CLOSED = "127.0.0.1:1"
"""Where nobody listens."""

ENVIRONMENT = {
    name: NEEDLE
    for name in (
        "AFTERSEND_IMAP_PASSWORD",
        "AFTERSEND_IMAP_TOKEN",
        "AFTERSEND_SMTP_PASSWORD",
        "AFTERSEND_SMTP_TOKEN",
        "PGPASSWORD",
    )
}
WAYS = f"""
ingest imap://ann:{NEEDLE}@{CLOSED}/INBOX
ingest imaps://ann:{NEEDLE}@{CLOSED}
ingest imaps://:{NEEDLE}@{CLOSED}/INBOX
ingest imaps://ann@{CLOSED}/INBOX
ingest imap://ann@{CLOSED}/INBOX --no-tls
ingest imaps://ann@{CLOSED}/INBOX --password-file {{file}}
ingest imaps://ann@{CLOSED}/INBOX --oauth2-token {{file}}
ingest imaps://ann@{CLOSED}/INBOX --password-file {{open}}
ingest imaps://ann@{CLOSED}/INBOX --password-file {{broken}}
ingest {{file}}
read {{file}}
follow imaps://ann:{NEEDLE}@{CLOSED}/INBOX --exit-when-idle
follow postgresql://ann:{NEEDLE}@{CLOSED}/listmonk?source=listmonk --exit-when-idle
ingest postgresql://ann:{NEEDLE}@{CLOSED}/listmonk?source=listmonk
ingest postgresql://{CLOSED}/listmonk?source=listmonk&user=ann&password={NEEDLE}
ingest postgresql://{CLOSED}/listmonk?source=listmonk&sslpassword={NEEDLE}
ingest postgresql://ann@{CLOSED}/listmonk?source=listmonk
import recipients postgresql://ann:{NEEDLE}@{CLOSED}/listmonk?source=listmonk --campaign Autumn
relay set one smtp://ann:{NEEDLE}@{CLOSED}
relay set two smtps://ann:{NEEDLE}@{CLOSED} --password-file {{file}}
relay set three smtp://ann@{CLOSED} --password-file {{file}}
relay set four smtp://ann@{CLOSED}
relay list --json
relay test three
relay test four
--store postgresql://ann:{NEEDLE}@{CLOSED}/store status
--store postgresql://{CLOSED}/store?user=ann&password={NEEDLE} status
--store postgresql://ann:{NEEDLE}@{CLOSED}:x/store status
--store postgres://ann:{NEEDLE}@[::1/store status
--store mysql://ann:{NEEDLE}@{CLOSED}/store status
--store postgresql://ann:{NEEDLE}@{CLOSED}/store import recipients {{list}} --campaign Autumn
--store postgresql://ann:{NEEDLE}@{CLOSED}/store doctor
--store postgresql://ann:{NEEDLE}@{CLOSED}/store backup copy.db
journal --json
journal --to journal.csv
doctor
backup copy.db
"""

Run = Callable[..., Result]


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """Files that hold the password: one for its owner, one that others can read, one that is no text."""
    folder = tmp_path / "given"
    folder.mkdir()
    found = {}
    for name, mode, content in (
        ("file", 0o600, NEEDLE.encode()),
        ("open", 0o644, NEEDLE.encode()),
        ("broken", 0o600, NEEDLE.encode() + b"\xff\xfe"),
        ("list", 0o600, LIST.encode()),
    ):
        path = folder / name
        path.write_bytes(content)
        path.chmod(mode)
        found[name] = str(path)
    return found


def test_no_way_in_leads_out(tmp_path: Path, given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.chdir(out)
    monkeypatch.setattr("tempfile.tempdir", str(out))
    env = ENVIRONMENT | {"AFTERSEND_STORE": str(out / "store.db"), "USER": "ann"}
    said: list[str] = []
    for line in ("import recipients {list} --campaign Autumn", *WAYS.strip().splitlines()):
        result = CliRunner().invoke(aftersend, line.format(**given).split(), env=env, prog_name="aftersend")
        said.append(f"{line}\n{result.output}{result.stderr}".split("\n", 1)[1])
        if result.exception is not None:
            assert isinstance(result.exception, SystemExit), line
            said.append(told(result.exception))
        assert NEEDLE not in said[-1] + said[-2 if len(said) > 1 else -1], line
    for path in out.rglob("*"):
        assert not path.is_file() or NEEDLE.encode() not in path.read_bytes(), path.name
        assert NEEDLE not in path.name


def test_a_shell_that_completes_says_nothing_of_a_store_that_cannot_be_opened() -> None:
    url = f"postgresql://ann:{NEEDLE}@{CLOSED}/store"
    env = {
        "AFTERSEND_STORE": url,
        COMPLETE_VARIABLE: "bash_complete",
        "COMP_WORDS": "aftersend status ",
        "COMP_CWORD": "2",
    }
    result = CliRunner().invoke(aftersend, [], env=env, prog_name="aftersend", complete_var=COMPLETE_VARIABLE)
    assert NEEDLE not in result.output + result.stderr


def test_a_send_that_goes_on_by_itself_gets_the_store_where_ps_does_not_show_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("subprocess.Popen", lambda program, **more: started.append(program))
    start(f"postgresql://ann:{NEEDLE}@{CLOSED}/store", "autumn", 30)
    assert NEEDLE not in " ".join(started[0])


def test_a_hook_gets_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.hooks import run

    seen = tmp_path / "seen"
    program = [
        sys.executable,
        "-c",
        f"import os, sys; open({str(seen)!r}, 'w').write(f'{{os.environ}}{{sys.stdin.read()}}')",
    ]
    ours = {name: value for name, value in ENVIRONMENT.items() if name.startswith("AFTERSEND_")}
    url = f"postgresql://ann:{NEEDLE}@{CLOSED}/store"
    assert run(program, {"wire": "hard"}, 20, os.environ | ours | {"AFTERSEND_STORE": url}) == ""
    assert "hard" in seen.read_text()
    assert NEEDLE not in seen.read_text()


def test_a_traceback_shows_no_values() -> None:
    def fails(password: str) -> None:
        secret = Secret(password)
        raise RuntimeError(f"\x1b[5m{secret!r}")

    with pytest.raises(RuntimeError) as raised:
        fails(NEEDLE)
    text = told(raised.value)
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert NEEDLE in "".join(shown.format())
    assert NEEDLE not in text
    assert "\x1b" not in text
    assert "in fails" in text


async def test_the_screen_tells_of_a_bug_without_the_values_at_hand() -> None:
    class Failing(DrawnApp):
        def _print_error_renderables(self) -> None:
            """Leave them for the test."""

        def key_x(self) -> None:
            password = NEEDLE
            raise RuntimeError(f"\x1b[5m{len(password)} letters")

    app: App[int] = Failing()
    with pytest.raises(RuntimeError):
        async with app.run_test() as pilot:
            await pilot.press("x")
    text = "".join(str(one) for one in app._exit_renderables)
    assert "13 letters" in text
    assert "in key_x" in text
    assert "\x1b" not in text
    assert NEEDLE not in text
