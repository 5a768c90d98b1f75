from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest
from keyring.errors import NoKeyringError

from store.errors import BadInput, Refused
from store.secrets import KEYRING, Account, Secret, find_secret, variable

NOBODY = Account("imap", "ann", "mx.example")


class Kept(keyring.backend.KeyringBackend):
    """A keyring of the test's own."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise NoKeyringError("locked")
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    for name in ("AFTERSEND_IMAP_PASSWORD", "AFTERSEND_IMAP_TOKEN", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    before, ring = keyring.get_keyring(), Kept()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def secret_file(tmp_path: Path, content: bytes = b"geheim\n", mode: int = 0o600) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refused(account: Account) -> str:
    with pytest.raises((BadInput, Refused)) as error:
        find_secret(account)
    return str(error.value)


def test_a_file_wins_over_the_environment_and_that_over_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ring: Kept
) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "asked"

    assert find_secret(NOBODY, ask) == Secret("asked")
    assert asked == ["Password of ann@mx.example: "]
    ring.set_password(KEYRING, "ann@mx.example", "kept")
    assert find_secret(NOBODY, ask) == Secret("kept")
    monkeypatch.setenv("AFTERSEND_IMAP_PASSWORD", "said")
    assert find_secret(NOBODY, ask) == Secret("said")
    assert find_secret(Account("imap", "ann", "mx.example", secret_file(tmp_path))) == Secret("geheim")
    assert len(asked) == 1


def test_each_service_has_variables_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert variable("smtp") == "AFTERSEND_SMTP_PASSWORD"
    monkeypatch.setenv("AFTERSEND_IMAP_PASSWORD", "of imap")
    monkeypatch.setenv("AFTERSEND_SMTP_PASSWORD", "of smtp")
    assert find_secret(Account("smtp", "ann", "mx.example")) == Secret("of smtp")


def test_a_token_is_known_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account("imap", "ann", "mx.example", token_file=secret_file(tmp_path))
    assert find_secret(account) == Secret("geheim", token=True)
    monkeypatch.setenv("AFTERSEND_IMAP_TOKEN", "ya29")
    assert find_secret(NOBODY) == Secret("ya29", token=True)


def test_without_any_the_ways_are_named(ring: Kept) -> None:
    said = refused(NOBODY)
    for way in ("--password-file", "AFTERSEND_IMAP_PASSWORD", "keyring set aftersend ann@mx.example"):
        assert way in said
    ring.locked = True
    assert "cannot be opened now" in refused(NOBODY)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, mode=mode)
    said = refused(Account("imap", "ann", "mx.example", path))
    assert f"chmod 600 {path}" in said
    assert "geheim" not in said


def test_a_file_that_only_its_owner_may_read_is_taken(tmp_path: Path) -> None:
    assert find_secret(Account("imap", "a", "b", secret_file(tmp_path, mode=0o400))).value == "geheim"


def test_credentials_of_a_systemd_service_are_taken_with_the_mode_they_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = secret_file(tmp_path, mode=0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert find_secret(Account("imap", "a", "b", path)).value == "geheim"


def test_a_pipe_is_taken_for_a_file() -> None:
    read, write = os.pipe()
    os.write(write, b"geheim\n")
    os.close(write)
    assert find_secret(Account("imap", "a", "b", Path(f"/dev/fd/{read}"))).value == "geheim"
    os.close(read)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\ngeheim\n", "is empty"),
        (b"ge\x00heim\n", "control character"),
        (b"geheim\xff\n", "no text in UTF-8"),
    ],
)
def test_what_cannot_be_a_password_is_refused_and_not_repeated(tmp_path: Path, content: bytes, sentence: str) -> None:
    said = refused(Account("imap", "ann", "mx.example", secret_file(tmp_path, content)))
    assert sentence in said
    assert "geheim" not in said


def test_only_the_line_end_is_taken_off(tmp_path: Path) -> None:
    path = secret_file(tmp_path, ' ge heim "süß" \r\nmore\n'.encode())
    assert find_secret(Account("imap", "a", "b", path)).value == ' ge heim "süß" '


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "cannot be read: no such file" in refused(Account("imap", "a", "b", tmp_path / "none"))


def test_a_secret_shows_in_no_representation(tmp_path: Path) -> None:
    secret = find_secret(Account("imap", "a", "b", secret_file(tmp_path)))
    assert "geheim" not in f"{secret!r} {secret}"
    path = secret_file(tmp_path, b"geheim\xff\n")
    with pytest.raises(BadInput) as refused_:
        find_secret(Account("imap", "a", "b", path))
    assert "geheim" not in "".join(traceback.format_exception(refused_.value))
