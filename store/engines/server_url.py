"""The URL of a store on a server."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from store.cleaning import clean
from store.errors import BadInput

SCHEMES = ("postgresql", "postgres", "cockroachdb")
_SECRET = frozenset({"password", "sslpassword"})


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """Where a store on a server is.

    Attributes:
        url: as it was given; it may hold a password.
        conninfo: as libpq takes it.
        place: for people, without a password.
        database: its name; "" if the user's name is to be taken for it.
        cockroach: whether it says that it is CockroachDB.
        has_password: whether it holds a password.
    """

    url: str
    conninfo: str
    place: str
    database: str
    cockroach: bool
    has_password: bool

    def __repr__(self) -> str:
        """Return the place: a password must not come into a traceback."""
        return f"ServerUrl({self.place!r})"


def is_server(url: str) -> bool:
    """Tell whether a URL names a server that can hold a store."""
    return url.partition("://")[0] in SCHEMES and "://" in url


def server_url(url: str) -> ServerUrl:
    """Read a URL: postgresql://user@host:port/database?option=value.

    Raises:
        BadInput: it is no such URL; the text never shows what may be a password.
    """
    scheme, _, rest = url.partition("://")
    try:
        parts = urlsplit(f"postgresql://{rest}")
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        port = parts.port
    except ValueError as error:
        raise BadInput(
            f"The URL of the store is not understood; it looks like {scheme}://user@host/database."
        ) from error
    user = unquote(parts.username or options.get("user", ""))
    host = unquote(parts.hostname or options.get("host", "")) or "the local socket"
    name = unquote(parts.path.removeprefix("/")) or options.get("dbname", "")
    number = port or options.get("port", "")
    place = f"{scheme}://{f'{user}@' if user else ''}{host}{f':{number}' if number else ''}/{name}"
    netloc = parts.netloc
    return ServerUrl(
        url,
        f"postgresql://{netloc}{quote(parts.path, safe='/%')}{f'?{parts.query}' if parts.query else ''}",
        clean(place),
        name,
        scheme == "cockroachdb",
        parts.password is not None or not _SECRET.isdisjoint(options),
    )
