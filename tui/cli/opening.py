"""What every command needs before it can work: the store, the time, the operator."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from store.errors import Refused

if TYPE_CHECKING:
    from store.database import Store


def chosen_url(ctx: click.Context) -> str | None:
    """Return what --store or AFTERSEND_STORE says; None means the default place.

    Raises:
        BadInput: --store holds a password.
    """
    root = ctx.find_root()
    url = root.params.get("url")
    if not url:
        return None
    if root.get_parameter_source("url") is ParameterSource.COMMANDLINE:
        refuse_password("--store", str(url))
    return str(url)


def refuse_password(option: str, url: str) -> None:
    """Refuse a password on the command line, where `ps` shows it to everybody on this machine.

    Raises:
        BadInput: there is one; the text does not repeat it.
    """
    if "://" not in url:
        return
    from store.engines.server_url import is_server, server_url
    from store.errors import BadInput

    if is_server(url) and server_url(url).has_password:
        ways = "in PGPASSWORD, or in the URL in AFTERSEND_STORE" if option == "--store" else "or in PGPASSWORD"
        raise BadInput(
            f"Leave the password out of {option}, where everybody on this machine can see it; keep it in ~/.pgpass (a"
            f" line HOST:PORT:DATABASE:USER:PASSWORD, chmod 600), {ways}."
        )


def only_reading(ctx: click.Context) -> bool:
    """Return whether --read-only or AFTERSEND_READ_ONLY says that nothing is to be changed."""
    return bool(ctx.find_root().params.get("read_only"))


def store_to_read(ctx: click.Context) -> Store:
    """Open the store for a command that only reads; it must exist, and may be write-protected.

    Raises:
        StoreUnavailable: there is none, or it cannot be read.
    """
    from store.database import is_server, open_store, store_path

    url = chosen_url(ctx)
    if url is not None and is_server(url):
        return _closing(ctx, open_store(url, create=False, read_only=only_reading(ctx)))
    path = store_path(url)
    writable = not only_reading(ctx) and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    store = open_store(url, create=False, read_only=path.exists() and not writable)
    store.spare_memory()  # what is printed may be a million rows, read once each
    return _closing(ctx, store)


def store_to_write(ctx: click.Context, *, create: bool = False) -> Store:
    """Open the store for a command that changes it; ``create`` makes a missing one.

    Raises:
        Refused: nothing is to be changed.
        StoreUnavailable: there is none, or it cannot be written.
    """
    refuse_if_only_reading(ctx)
    from store.database import open_store

    return _closing(ctx, open_store(chosen_url(ctx), create=create))


def refuse_if_only_reading(ctx: click.Context) -> None:
    """Refuse a command that changes something.

    Raises:
        Refused: nothing is to be changed.
    """
    if only_reading(ctx):
        raise Refused("--read-only was given (or AFTERSEND_READ_ONLY is set), and this changes the store.")


def _closing(ctx: click.Context, store: Store) -> Store:
    ctx.call_on_close(store.close)
    return store


def now() -> datetime:
    """Return the time at which the command runs."""
    return datetime.now(UTC)
