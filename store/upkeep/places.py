"""Where a store lies, for what works on its file itself."""

from __future__ import annotations

from pathlib import Path

from store.database import is_server, store_path
from store.engines.server_url import server_url
from store.errors import Refused


def file_of(url: str | None, instead: str) -> Path:
    """Return the store's file.

    Args:
        url: what the operator gave; None: the default place.
        instead: the command that does it for a database on a server, with ``{}`` for where that is.

    Raises:
        Refused: it is on a server.
    """
    if url is not None and is_server(url):
        place = server_url(url).place
        raise Refused(f"{place} is on a server, which has a tool of its own for that: {instead.format(place)}")
    return store_path(url)
