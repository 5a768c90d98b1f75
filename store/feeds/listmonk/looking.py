"""One look at listmonk's tables: everything that is new in one snapshot, by cursors on the server."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store.feeds.listmonk import tables
from store.feeds.listmonk.snapshot import Snapshot
from store.feeds.listmonk.tables import Campaigns
from store.feeds.listmonk.url import DatabaseUrl
from store.feeds.record import Defect, Record

if TYPE_CHECKING:
    from psycopg import Connection

Item = Record | Defect

_NOTHING = -1
_FROZEN = 2**31 - 1
"""What age() says of rows that are older than anything else."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose rows have ids: the question, what a row means, and what to call rows that name nobody."""

    name: str
    sql: str
    records: Callable[[tuple[Any, ...], Campaigns], Iterator[Item]]
    called: str = ""


_TABLES = (
    _Table("campaign_views", tables.VIEWS, tables.viewed, "view"),
    _Table("link_clicks", tables.CLICKS, tables.clicked, "click"),
    _Table("bounces", tables.BOUNCES, tables.bounced),
)
_LEFT = "subscriber_lists"


class Look:
    """What one snapshot of the database holds beyond a position.

    A position is, for each table, how far it was read and the oldest transaction that was not over then:
    ``{"bounces": [4711, 90210], ...}``; of ``subscriber_lists``, which has no ids, the time stands instead of one.

    Attributes:
        items: the records, table after table; taking one may raise BadInput or Passing, too.
        position: behind the items that were taken so far.
        behind: rows that are still to be read, at most.
        note: what the operator should be told at its end; "" if nothing.
    """

    def __init__(
        self, connection: Connection[tuple[Any, ...]], url: DatabaseUrl, position: dict[str, Any], *, first: bool
    ) -> None:
        """Take the snapshot and check what is there.

        Args:
            connection: an open one; its transaction lasts until its owner ends it.
            url: what is wanted.
            position: of an earlier look.
            first: tell how many rows belong to nobody.

        Raises:
            BadInput: it is no database of listmonk, or its tables may not be read, or the campaign is not there.
            Passing: the connection is lost.
        """
        self.position = dict(position)
        self.note = ""
        self._nobodys: list[str] = []
        self._homeless = 0
        self._first = first
        self._snapshot = Snapshot(connection, url, tables.NEEDED)
        self._horizon, self._epoch = self._snapshot.rows(
            "SELECT txid_snapshot_xmin(txid_current_snapshot()), EXTRACT(EPOCH FROM now())::float8"
        )[0]
        self._lasts = {
            table.name: self._snapshot.rows(f"SELECT coalesce(max(id), 0) FROM {table.name}")[0][0] for table in _TABLES
        }
        self.items = self._items()
        self.behind = sum(last - self._begun(name)[0] for name, last in self._lasts.items())

    def _items(self) -> Generator[Item, None, None]:
        for table in _TABLES:
            high, horizon = self._begun(table.name)
            yield from self._of_table(table, high, horizon)
            self.position[table.name] = [self._lasts[table.name], self._horizon]
            if self._first and table.called:
                self._count_nobodys(table, high)
        yield from self._unsubscribed()
        self.note = self._told()

    def end(self) -> None:
        """Let go of the snapshot.

        Raises:
            Passing: the connection is lost.
        """
        self.items.close()
        self._snapshot.end()

    def _begun(self, name: str) -> tuple[int, int | None]:
        """Return where to begin with a table; one whose ids begin anew (a restored database) is read from its start."""
        high, horizon = self.position.get(name, (0, None))
        return (high, horizon) if high <= self._lasts[name] else (0, None)

    def _of_table(self, table: _Table, high: int, horizon: int | None) -> Iterator[Item]:
        sql = table.sql.format(tables.conditions(self._snapshot.campaign, self._snapshot.url.since))
        values = self._values(horizon) | {"high": high, "window": max(high - tables.WINDOW, 0)}
        at = high
        for row in self._snapshot.fetched(sql, values):
            items = list(table.records(row, self._snapshot.campaigns))
            yield from items[:-1]
            self.behind -= max(row[0] - at, 0)
            at = max(at, row[0])
            if row[0] > high:
                # Only with the last item of a row: whoever stops before it gets the row again.
                self.position[table.name] = [row[0], self._horizon]
            yield from items[-1:]
        self.behind -= self._lasts[table.name] - at

    def _count_nobodys(self, table: _Table, high: int) -> None:
        """Count the rows that name nobody; they belong to no recipient here."""
        sql = tables.ANONYMOUS.format(table.name, tables.conditions(self._snapshot.campaign, self._snapshot.url.since))
        count = self._snapshot.rows(sql, self._values(None) | {"high": high})[0][0]
        if count:
            self._nobodys.append(_counted(count, table.called))

    def _told(self) -> str:
        """Return what belongs to nobody, in a sentence or two."""
        told = ""
        if self._nobodys:
            told = (
                f"Without a subscriber, so nobody's: {' and '.join(self._nobodys)} (listmonk notes who it was only"
                " while Settings, Privacy, Individual subscriber tracking is on)."
            )
        if self._first and self._homeless:
            told += f" Without a campaign before, so of none: {_counted(self._homeless, 'unsubscription')}."
        return told.strip()

    def _unsubscribed(self) -> Iterator[Item]:
        high, horizon = self.position.get(_LEFT, (0, None))
        sql = tables.LEFT + tables.left_conditions(self._snapshot.campaign, self._snapshot.url.since)
        for row in self._snapshot.fetched(sql, self._values(horizon) | {"high": high}):
            if row[2] is None:
                self._homeless += 1
            else:
                yield from tables.left(row, self._snapshot.campaigns)
        self.position[_LEFT] = [self._epoch, self._horizon]

    def _values(self, horizon: int | None) -> dict[str, Any]:
        """Return the values that all questions share."""
        age = _NOTHING
        if horizon is not None:
            # Rows know the lower half of a transaction's number only.
            found = self._snapshot.rows("SELECT age(%(low)s::text::xid)", {"low": horizon % 2**32})[0][0]
            age = found if 0 <= found < _FROZEN else _NOTHING
        since = self._snapshot.url.since
        return {"campaign": self._snapshot.campaign, "since": None if since is None else since / 1000, "age": age}


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
