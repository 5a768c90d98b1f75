"""Which database, and what of it: a PostgreSQL URL as libpq takes it, with a few parameters of our own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from urllib.parse import parse_qsl, quote, unquote, urlencode

from store.errors import BadInput
from store.feeds.times import TimeDefect, parse_time

SCHEMES = ("postgresql", "postgres")

_OURS = frozenset({"source", "campaign", "since"})
_SECRET = frozenset({"password", "sslpassword"})
_NAMING = ("host", "hostaddr", "port", "dbname", "user", "service", "options")
"""Parameters of libpq that tell which database is meant; the others (sslmode, ...) tell how to reach it."""

_EXAMPLE = "postgresql://USER@HOST/DATABASE?source=listmonk"


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """What a URL says.

    Attributes:
        connection: the part that libpq understands.
        name: what the store calls the feed: no password, nothing that is no matter of which data.
        campaign: name or uuid of the one campaign to read; None: all.
        since: epoch milliseconds before which nothing is read; None: everything.
        server: where it is, for sentences: ``listmonk on db.example``.
    """

    connection: str = field(repr=False)
    name: str
    campaign: str | None
    since: int | None
    server: str


def parse_url(text: str, zone: tzinfo | None = None) -> DatabaseUrl:
    """Take a URL apart, without connecting.

    Args:
        text: the URL.
        zone: of a ``since`` that names none; None: this machine's.

    Raises:
        BadInput: it is none of PostgreSQL, does not say ``source=listmonk``, or holds a password; no sentence
            repeats the password.
    """
    scheme, found, rest = text.partition("://")
    if not found or scheme not in SCHEMES:
        raise BadInput(f"A PostgreSQL URL looks like {_EXAMPLE}.")
    base, _, query = rest.partition("?")
    # A plus means a plus here, as it does for libpq.
    pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)
    said = dict(pairs)
    authority, _, path = base.partition("/")
    user, _, host = authority.rpartition("@")
    if ":" in user or _SECRET & said.keys():
        raise BadInput(
            "Leave the password out of the URL, where everybody on this machine can see it; keep it in ~/.pgpass, in"
            " the file that PGPASSFILE names, or in PGPASSWORD."
        )
    if said.get("source", "").casefold() != "listmonk":
        told = (
            f"does not know the source {said['source']!r}" if said.get("source") else "has to say whose database it is"
        )
        raise BadInput(f"A PostgreSQL URL {told}: {_EXAMPLE}.")
    campaign = said.get("campaign", "").strip() or None
    own = [("source", "listmonk"), *([("campaign", campaign)] if campaign else [])]
    named = [(key, said[key]) for key in _NAMING if said.get(key)]
    libpq = [(key, value) for key, value in pairs if key not in _OURS]
    database = unquote(path) or said.get("dbname") or unquote(user) or said.get("user") or "the database"
    server = unquote(host) or said.get("host") or said.get("hostaddr") or "this machine"
    return DatabaseUrl(
        connection=f"postgresql://{base}{_query(libpq)}",
        name=f"postgresql://{base}{_query(own + named)}",
        campaign=campaign,
        since=_since(said.get("since", ""), zone),
        server=f"The service {said['service']}" if said.get("service") else f"{database} on {server}",
    )


def _query(pairs: list[tuple[str, str]]) -> str:
    return "?" + urlencode(pairs, quote_via=quote) if pairs else ""


def _since(text: str, zone: tzinfo | None) -> int | None:
    if not text:
        return None
    try:
        return parse_time(text, zone or datetime.now().astimezone().tzinfo, None)
    except TimeDefect as error:
        raise BadInput(f"since={text} in the URL: {error}.") from error
