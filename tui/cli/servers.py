"""Options by which operators say how servers are reached, shared by the commands that read feeds."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from store.errors import Refused

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--password-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A file (mode 600) whose first line is the password of the mailbox on a server; otherwise"
        " AFTERSEND_IMAP_PASSWORD, the keyring, or, on a terminal, a question.",
    ),
    click.option(
        "--oauth2-token",
        "token_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A file (mode 600) whose first line is an OAuth2 access token, read anew for every login; otherwise"
        " AFTERSEND_IMAP_TOKEN.",
    ),
    click.option(
        "--ca-file",
        type=click.Path(path_type=Path),
        envvar="AFTERSEND_CA_FILE",
        metavar="FILE",
        help="The certificates (PEM) to trust instead of the system's; otherwise AFTERSEND_CA_FILE.",
    ),
    click.option(
        "--no-tls", is_flag=True, help="Log in to imap:// without TLS: the password goes over the network in the clear."
    ),
)


@dataclass(frozen=True, slots=True)
class Reached:
    """How servers are reached.

    Attributes:
        options: what was said, as :class:`store.following.source.How` takes it.
        ask: asks for a password, each one once; None where nobody sits.
    """

    options: dict[str, str]
    ask: Callable[[str], str] | None

    def check(self, named: Sequence[str]) -> None:
        """Make sure that one password is not sent to the servers of several accounts.

        Raises:
            BadInput: a URL names no mailbox.
            Refused: a file or variable holds one password, and several accounts are named; or a URL holds one.
        """
        from store.feeds.imap.address import is_mailbox, mailbox_of
        from store.secrets import variable

        boxes = [mailbox_of(url) for url in named if is_mailbox(url)]
        accounts = sorted({f"{box.user}@{box.host}" for box in boxes})
        given = [f"--{name}" for name in ("password-file", "token-file") if name in self.options]
        given += [name for what in ("TOKEN", "PASSWORD") if os.environ.get(name := variable("imap", what))]
        if len(accounts) > 1 and given:
            raise Refused(
                f"{given[0].replace('token-file', 'oauth2-token')} is of one account, and {accounts[0]} and"
                f" {accounts[1]} are two; keep their passwords in the keyring, or name them in two commands."
            )


def server_options(command: F) -> F:
    """Give a command these options; it gets them as ``reached``."""

    @wraps(command)
    def with_reached(
        *args: Any, password_file: Path | None, token_file: Path | None, ca_file: Path | None, no_tls: bool, **more: Any
    ) -> Any:
        if password_file and token_file:
            raise click.UsageError("Give either --password-file or --oauth2-token.")
        files = {"password-file": password_file, "token-file": token_file, "ca-file": ca_file}
        options = {name: str(path) for name, path in files.items() if path}
        if no_tls:
            options["no-tls"] = "yes"
        seen = sys.stdin.isatty() and sys.stderr.isatty()
        return command(*args, reached=Reached(options, cache(_ask) if seen else None), **more)

    for option in reversed(_OPTIONS):
        option(with_reached)
    return with_reached  # type: ignore[return-value]


def _ask(question: str) -> str:
    """Ask on the terminal, unseen; Ctrl-C ends the command here even if it means something else later."""
    from getpass import getpass

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return getpass(question)
    except EOFError:
        return ""
    except KeyboardInterrupt:
        click.echo(err=True)
        raise
    finally:
        signal.signal(signal.SIGINT, before)
