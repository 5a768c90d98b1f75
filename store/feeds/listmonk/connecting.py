"""Talking to PostgreSQL: one read-only connection, and what can go wrong with it as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.cleaning import clean
from store.errors import BadInput

if TYPE_CHECKING:
    from psycopg import Connection, Error

    from store.feeds.listmonk.url import DatabaseUrl

_CONNECT_S = 10
_LIMITS = "SET LOCAL statement_timeout = '5min'; SET LOCAL lock_timeout = '10s';"
# Between two fetches the records land; however long that takes, the snapshot has to stay.
_LIMITS += " SET LOCAL idle_in_transaction_session_timeout = 0"
_PASSWORD = (
    "keep it in ~/.pgpass (a line HOST:PORT:DATABASE:USER:PASSWORD, chmod 600), in the file that PGPASSFILE names, or"
    " in PGPASSWORD"
)
# A server that cannot be asked anything yet gives no codes, only words.
_WITHOUT_CODE = (
    ("no password supplied", f"asks for a password, and there is none: {_PASSWORD}"),
    ("password authentication failed", f"does not take the name and the password: {_PASSWORD}"),
    ("no pg_hba.conf entry", "lets nobody in this way: its pg_hba.conf has no line for this user and machine"),
    ("does not exist", "says"),
    ("definition of service", "is unknown"),
    ("permission denied for database", "says"),
)
_DENIED = "42501"
_ABSENT = frozenset({"42P01", "42703", "42704"})


class Passing(Exception):
    """Trouble that may be over in a moment; the text is one sentence."""


def connect(url: DatabaseUrl) -> Connection[tuple[Any, ...]]:
    """Return a connection whose transactions only read, all of them one state of the database (REPEATABLE READ).

    Raises:
        BadInput: it will never come about (password, name of the database, psycopg missing, a broken URL).
        Passing: the server does not answer.
    """
    try:
        import psycopg
    except ImportError as error:
        raise BadInput(
            "PostgreSQL is read with psycopg, which is not installed here: pip install 'psycopg[binary]' (with pipx:"
            " pipx inject aftersend 'psycopg[binary]')."
        ) from error
    try:
        given = psycopg.conninfo.conninfo_to_dict(url.connection)
        connection = psycopg.connect(
            url.connection,
            connect_timeout=int(given.get("connect_timeout") or _CONNECT_S),
            fallback_application_name="aftersend",
            client_encoding="utf8",
            prepare_threshold=None,
        )
    except (psycopg.ProgrammingError, ValueError) as error:
        raise BadInput(f"The URL of {url.server} is not understood: {_words(error)}.") from error
    except psycopg.Error as error:
        raise _not_connected(url, error) from error
    connection.read_only = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection


def begin(connection: Connection[tuple[Any, ...]]) -> None:
    """Begin a transaction with bounds for its statements."""
    connection.execute(_LIMITS)


def spoken(url: DatabaseUrl, error: Error) -> BadInput | Passing:
    """Return what an error on an open connection means."""
    code = error.sqlstate or ""
    if code == _DENIED:
        return BadInput(f"{url.server}: {_words(error)}; GRANT SELECT on listmonk's tables to this user.")
    if code in _ABSENT:
        return BadInput(f"{url.server} is no database of listmonk: {_words(error)}.")
    return Passing(f"{url.server}: {_words(error)}.")


def _not_connected(url: DatabaseUrl, error: Error) -> BadInput | Passing:
    words = _words(error)
    for mark, meaning in _WITHOUT_CODE:
        if mark in words:
            return BadInput(f"{url.server} {meaning}{f': {words}' if meaning == 'says' else ''}.")
    return Passing(f"{url.server} cannot be reached: {words}.")


def _words(error: Exception) -> str:
    """Return the server's words, the first line of them, safe to show."""
    diag = getattr(error, "diag", None)
    text = (diag.message_primary if diag is not None else None) or str(error)
    text = text.strip().partition("\n")[0].removeprefix("connection failed: ").removeprefix("connection is bad: ")
    return clean(text.rpartition("FATAL:")[2].strip().rstrip("."))
