"""Where a store lies, for what works on its file itself."""

from __future__ import annotations

from pathlib import Path

from store.database import store_path
from store.errors import Refused

POSTGRESQL = ("postgres", "postgresql", "psycopg", "psycopg3", "cockroachdb")
"""How URLs of databases on a server begin, before "://" or "+"."""


def on_server(url: str | None) -> bool:
    """Return whether the store is a database on a server, which has no file of its own."""
    scheme, found, _ = (url or "").partition("://")
    return bool(found) and scheme.partition("+")[0].lower() in POSTGRESQL


def file_of(url: str | None, instead: str) -> Path:
    """Return the store's file.

    Args:
        url: what the operator gave; None: the default place.
        instead: the command that does it for a database on a server.

    Raises:
        Refused: it is on a server.
    """
    if on_server(url):
        raise Refused(f"The store is a database on a server, which has tools of its own for that: {instead}")
    return store_path(url)
