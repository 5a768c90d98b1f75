"""Passwords and tokens for other servers: from a file, the environment or the keyring; never kept, printed or logged.

A command line is seen by everybody on the machine (`ps`) and stays in the shell's history, and so does a URL in it:
neither is a place for a secret, and nothing here reads one from there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from store.errors import BadInput, Refused

KEYRING = "aftersend"
"""The name under which the keyring keeps passwords; the user name there is user@host."""

_OTHERS = 0o077
_FILE_BYTES = 64 << 10

Ask = Callable[[str], str]
"""Asks a person on the terminal; gets the question, returns the answer."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A password or a token; its text shows in no representation of it.

    Attributes:
        value: the text itself.
        token: it is an OAuth2 access token (XOAUTH2), no password.
    """

    value: str = field(repr=False)
    token: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Whose secret is wanted, and where it may lie.

    Attributes:
        service: "imap" or "smtp"; part of the variables' names.
        user: the name to log in with.
        host: the server.
        password_file: a file whose first line is the password.
        token_file: a file whose first line is an OAuth2 access token; it is read anew for every login.
    """

    service: str
    user: str
    host: str
    password_file: Path | None = None
    token_file: Path | None = None

    @property
    def name(self) -> str:
        """The account as the keyring and people know it: user@host."""
        return f"{self.user}@{self.host}"


def variable(service: str, what: str = "PASSWORD") -> str:
    """Return the environment variable of a service's secret: AFTERSEND_IMAP_PASSWORD, AFTERSEND_SMTP_TOKEN, ..."""
    return f"AFTERSEND_{service.upper()}_{what}"


def find_secret(account: Account, ask: Ask | None = None) -> Secret:
    """Return the secret of an account: from its file, else the environment, else the keyring, else by asking.

    Raises:
        BadInput: a file is missing or others may read it, or the secret cannot be one.
        Refused: there is none; the sentence names the ways to give one.
    """
    if account.token_file is not None:
        return Secret(_from_file(account.token_file), token=True)
    if account.password_file is not None:
        return Secret(_from_file(account.password_file))
    for what in ("TOKEN", "PASSWORD"):
        name = variable(account.service, what)
        if os.environ.get(name):
            return Secret(_usable(os.environ[name], name), token=what == "TOKEN")
    kept, why = _from_keyring(account.name)
    if kept:
        return Secret(_usable(kept, "The keyring"))
    if ask is not None:
        return Secret(_usable(ask(f"Password of {account.name}: "), "The answer"))
    raise Refused(
        f"There is no password for {account.name}: name a file with --password-file, set"
        f" {variable(account.service)}, or keep it in the keyring (keyring set {KEYRING} {account.name}){why}."
    )


def _from_file(path: Path) -> str:
    """Return the first line of a file that nobody else can read."""
    try:
        with open(path, "rb") as handle:
            if _open_to_others(path, os.fstat(handle.fileno())):
                raise BadInput(f"{path} can be read by others; chmod 600 {path}, then it is taken.")
            line = handle.readline(_FILE_BYTES)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    try:
        return _usable(line.decode().rstrip("\r\n"), str(path))
    except UnicodeDecodeError:
        # Not chained: the error holds the text.
        raise BadInput(f"{path} is no text in UTF-8.") from None


def _open_to_others(path: Path, status: os.stat_result) -> bool:
    """Tell whether others may read a file; systemd guards its credentials by an ACL that looks like a group's right."""
    guarded = os.environ.get("CREDENTIALS_DIRECTORY")
    if guarded and path.absolute().parent == Path(guarded):
        return False
    return stat.S_ISREG(status.st_mode) and bool(status.st_mode & _OTHERS)


def _from_keyring(name: str) -> tuple[str | None, str]:
    """Return what the keyring holds, and why it could not be asked (the end of a sentence)."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None, "; for the keyring, install aftersend[keyring]"
    try:
        return keyring.get_password(KEYRING, name), ""
    except KeyringError:
        return None, "; the keyring of this machine cannot be opened now"


def _usable(text: str, where: str) -> str:
    """Return a secret that can be sent.

    Raises:
        BadInput: it is empty or holds what no server takes; the sentence does not repeat it.
    """
    if not text:
        raise BadInput(f"{where} holds no password; its first line is empty.")
    if any(ord(char) < 32 or ord(char) == 127 or "\ud800" <= char <= "\udfff" for char in text):
        raise BadInput(f"{where} holds a password with a control character or a broken one in it.")
    return text
