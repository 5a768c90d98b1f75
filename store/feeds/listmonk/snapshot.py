"""One state of listmonk's database: what is checked before anything is read, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from store.addresses import campaign_key
from store.cleaning import clean
from store.errors import BadInput
from store.feeds.listmonk import tables
from store.feeds.listmonk.connecting import begin, spoken
from store.feeds.listmonk.tables import Campaigns
from store.feeds.listmonk.url import DatabaseUrl

if TYPE_CHECKING:
    from psycopg import Connection

_FETCHED = 2000
_NEAR = 3


class Snapshot:
    """A transaction in which everything is read; its methods raise BadInput or Passing.

    Attributes:
        url: what is wanted.
        campaigns: all of listmonk's.
        campaign: id of the only one that is wanted; None: all.
    """

    def __init__(
        self, connection: Connection[tuple[Any, ...]], url: DatabaseUrl, needed: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Begin, and check what is there.

        Args:
            connection: an open one.
            url: what is wanted.
            needed: the tables that will be read, with the columns.

        Raises:
            BadInput: it is no database of listmonk, or its tables may not be read, or the campaign is not there.
            Passing: the connection is lost.
        """
        self.url = url
        self._connection = connection
        self._ask(lambda: begin(connection))
        columns = self._checked(needed)
        headers = "headers::text" if "headers" in columns["campaigns"] else "NULL"
        self.campaigns: Campaigns = tables.campaigns_of(
            self.rows(f"SELECT id, uuid::text, name, {headers} FROM campaigns ORDER BY id")
        )
        self.campaign = self._wanted(url.campaign) if url.campaign else None

    def end(self) -> None:
        """Let go of it; as long as it is held the server can clear nothing away."""
        self._ask(self._connection.rollback)

    def rows(self, sql: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a question."""
        found: list[tuple[Any, ...]] = self._ask(lambda: self._connection.execute(sql.encode(), values).fetchall())
        return found

    def fetched(self, sql: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a question, some thousands in memory at a time."""
        import psycopg

        cursor = self._connection.cursor(name="aftersend")
        try:
            self._ask(lambda: cursor.execute(sql.encode(), values))
            while rows := self._ask(lambda: cursor.fetchmany(_FETCHED)):
                yield from rows
        finally:
            with suppress(psycopg.Error):
                cursor.close()

    def _checked(self, needed: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
        """Return the columns of each table, after looking whether all that is needed is there and open."""
        found = self.rows(
            "SELECT t.name, has_any_column_privilege(to_regclass(t.name), 'SELECT'), ARRAY(SELECT attname::text FROM"
            " pg_attribute WHERE attrelid = to_regclass(t.name) AND attnum > 0 AND NOT attisdropped)"
            " FROM unnest(%(names)s::text[]) AS t (name)",
            {"names": list(needed)},
        )
        for name, readable, columns in found:
            if readable is None:
                raise BadInput(f"{self.url.server} is no database of listmonk: it has no table {name}.")
            lacking = sorted(set(needed[name]) - set(columns))
            if lacking:
                raise BadInput(
                    f"{self.url.server} is of a listmonk older than 2.0, or none: {name} has no column {lacking[0]}."
                )
        closed = [name for name, readable, _ in found if not readable]
        if closed:
            raise BadInput(
                f"{self.url.server} does not let this user read {', '.join(closed)}; its owner can: GRANT SELECT ON"
                f" {', '.join(closed)} TO the user."
            )
        return {name: columns for name, _, columns in found}

    def _wanted(self, text: str) -> int:
        """Return the id of the campaign of this name or uuid.

        Raises:
            BadInput: there is none, or several have the name.
        """
        wanted = campaign_key(text)
        by_word: dict[str, list[int]] = {}
        for campaign in self.campaigns.values():
            for word in {campaign_key(campaign.uuid), campaign_key(campaign.name)}:
                by_word.setdefault(word, []).append(campaign.id)
        found = by_word.get(wanted, [])
        if len(found) == 1:
            return found[0]
        if found:
            uuids = ", ".join(self.campaigns[id_].uuid for id_ in found)
            raise BadInput(f"{self.url.server} has {len(found)} campaigns “{clean(text)}”; give the uuid: {uuids}.")
        from difflib import get_close_matches

        near = [id_ for word in get_close_matches(wanted, by_word, _NEAR, 0.5) for id_ in by_word[word]]
        some = dict.fromkeys(self.campaigns[id_].name for id_ in near or list(self.campaigns)[-_NEAR:])
        listed = ", ".join(f"“{clean(name)}”" for name in some)
        hint = f"is it {listed}?" if near else f"the last are {listed}." if listed else "it has none yet."
        raise BadInput(f"{self.url.server} has no campaign “{clean(text)}”; {hint}")

    def _ask(self, question: Callable[[], Any]) -> Any:
        """Ask the server; its errors come as what they mean."""
        import psycopg

        try:
            return question()
        except psycopg.Error as error:
            raise spoken(self.url, error) from error
        except UnicodeDecodeError as error:
            raise BadInput(f"{self.url.server} holds text in an unknown encoding.") from error
