"""listmonk's PostgreSQL database, which is only read: what happened to its mails, and whom they went to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.following.source import Followed, How


def is_database(text: str) -> bool:
    """Tell whether a user means a database and no file."""
    return text.startswith(("postgresql://", "postgres://"))


def followed(url: str, how: How) -> Followed:
    """Return the source that a URL like ``postgresql://me@host/listmonk?source=listmonk&campaign=NAME`` names.

    Raises:
        BadInput: it names no listmonk database, holds a password, or psycopg is not installed.
    """
    from store.feeds.listmonk.reading import Listmonk
    from store.feeds.listmonk.url import parse_url

    return Listmonk(parse_url(url, how.zone))
