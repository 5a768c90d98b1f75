"""A window on the recipients that fit a filter, in an order: a snapshot of ids, read a page at a time.

The order stands in a temporary table ``(pos, id)`` of an own connection, filled by SQLite without Python touching a
row. A row read later shows its newest state; the order stays as it was.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from store.asking import RecipientFilter, Selection, Sort
from store.database import Store, interrupted, spoken
from store.errors import StoreError
from store.queries.conditions import Condition, Parameters, codes, condition, edge, folded, matches, words
from store.queries.ordering import column, parts, walk, walks
from store.queries.recipient_rows import COLUMNS, JOINED, recipient_row
from store.rows import Page, RecipientRow
from store.searching import TABLE as TRIGRAMS
from store.searching import narrowing
from store.vocabulary import BounceKind, Delivery, Engagement

QUICK = 50_000
"""So many recipients are read, searched or sorted in a moment."""

DENSE = 20
"""An index is walked for the first rows if at least one of so many recipients fits."""

_MINUTE_MS = 60_000
_STATE_WORD = (
    f"CASE WHEN r.delivery = {Delivery.BOUNCED.code} THEN 'bounced ' || coalesce(r.bounce_kind,"
    f" {BounceKind.UNDETERMINED.code}) WHEN r.delivery IN ({Delivery.EXPIRED.code}, {Delivery.REJECTED.code})"
    f" THEN 'failed ' || r.delivery WHEN r.engagement <> {Engagement.NONE.code}"
    " THEN 'engaged ' || r.engagement || ' ' || r.partly"
    f" WHEN r.delivery = {Delivery.SKIPPED.code} THEN 'skipped ' || coalesce(r.skip_reason, 0)"
    " ELSE 'delivery ' || r.delivery || ' ' || r.partly END"
)
_LIKE: dict[str, str] = {
    "name": "c.name",
    "address": "r.address_key",
    "company": "c.company",
    "responsible": "c.responsible",
    "plan": "r.campaign_id",
    "state": _STATE_WORD,
    "reason": "coalesce(r.reason, '') || ' ' || coalesce(r.status, CAST(r.reply AS TEXT), '')",
    "clicked": "r.clicks",
    **{
        name: f"{time} / {_MINUTE_MS}"
        for name, time in (
            ("sent", "coalesce(r.sent_at, r.delivered_at)"),
            ("bounced", "r.bounced_at"),
            ("opened", "r.opened_at"),
        )
    },
}
"""What must be equal for two cells of a column to be alike."""


class Interrupted(StoreError):
    """Building the view was broken off, because a newer one is wanted."""


class RecipientView:
    """The recipients that fit a filter, in an order.

    Methods may be called from any thread, one at a time; :meth:`interrupt` from any other at any time. Positions count
    from 0. Until :meth:`build` was called the view is empty.
    """

    def __init__(self, store: Store) -> None:
        """Open the view's own connection; :meth:`close` closes it."""
        self._path = store.place
        with spoken(self._path):
            self._connection = store.connection()
        self._indexed = store.is_there(TRIGRAMS)
        self._table = "temp.view_0"
        self._number = 0
        self._sort = Sort()
        self._total = 0
        self._stop = threading.Event()
        self._create(self._table)

    @property
    def total(self) -> int:
        """How many recipients the view holds."""
        return self._total

    def first(self, wanted: RecipientFilter, sort: Sort, limit: int) -> Page[RecipientRow]:
        """Return the first rows of what :meth:`build` would give, as far as they can be had at once.

        The rows are those at the front, but there may be fewer than ``limit`` (even none) although more fit, where
        they could only be found by reading and sorting a large campaign. ``total`` is exact for whole campaigns,
        states that are counted, lists and links; else it is the number of rows returned.
        """
        asked = condition(wanted, lazily=True)
        with self._reading():
            counted = self._counted(wanted.campaign_id)
            ids = self._first_ids(asked, sort, limit, counted)
            rows = self.rows_of(ids)
            total = self._known_total(wanted, asked, counted)
        found = tuple(rows[id_] for id_ in ids if id_ in rows)
        return Page(found, max(total, len(found)))

    def build(self, wanted: RecipientFilter, sort: Sort) -> int:
        """Take a new snapshot, put it in place of the old one, and return how many recipients it holds.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile; the old snapshot stays.
            BadInput: the sort's column is unknown.
            StoreUnavailable, DiskFull: the store cannot be read, or there is no room for temporary files.
        """
        self._stop.clear()
        asked = self._asked(wanted)
        table = f"temp.view_{self._number + 1}"
        with self._interruptible():
            self._create(table)
            try:
                total = self._fill(table, sort, asked)
            except BaseException:
                self._drop(table)
                raise
            self._drop(self._table)
        self._table, self._number, self._sort, self._total = table, self._number + 1, sort, total
        return total

    def interrupt(self) -> None:
        """Break off the :meth:`build` (or another long reading) that is under way; it raises Interrupted."""
        self._stop.set()
        self._connection.interrupt()

    def page(self, offset: int, limit: int) -> tuple[RecipientRow, ...]:
        """Return the rows from position ``offset`` on, as they are now."""
        return tuple(
            self._rows(
                f"SELECT {COLUMNS} FROM {self._table} AS v CROSS JOIN recipient AS r ON r.id = v.id {JOINED}"
                " WHERE v.pos > :offset AND v.pos <= :offset + :limit ORDER BY v.pos",
                {"offset": offset, "limit": limit},
            )
        )

    def rows_of(self, ids: Iterable[int]) -> dict[int, RecipientRow]:
        """Return id -> row of recipients, whether the view holds them or not."""
        sql = (
            f"SELECT {COLUMNS} FROM json_each(:ids) AS j CROSS JOIN recipient AS r ON r.id = j.value {JOINED}"
            " ORDER BY j.key"
        )
        return {row.id: row for row in self._rows(sql, {"ids": json.dumps(list(ids))})}

    def position(self, row_id: int) -> int | None:
        """Return where a recipient stands; None if the view does not hold it. In plan order without reading all."""
        if column(self._sort) is not None:
            return self._position("SELECT pos FROM {} WHERE id = :id LIMIT 1", {"id": row_id})
        low, high = 0, self._total
        while low < high:
            middle = (low + high) // 2
            id_ = self.id_at(middle)
            if id_ is None or id_ == row_id:
                return None if id_ is None else middle
            if (id_ > row_id) is self._sort.reverse:
                low = middle + 1
            else:
                high = middle
        return None

    def id_at(self, position: int) -> int | None:
        """Return which recipient stands at ``position``; None beyond the ends."""
        found = self._values(f"SELECT id FROM {self._table} WHERE pos = :pos", {"pos": position + 1})
        return int(found[0][0]) if found else None

    def ids_between(self, first: int, last: int) -> frozenset[int]:
        """Return the ids from one position to another, both included, in either direction."""
        low, high = sorted((first, last))
        found = self._values(
            f"SELECT id FROM {self._table} WHERE pos BETWEEN :low AND :high", {"low": low + 1, "high": high + 1}
        )
        return frozenset(id_ for (id_,) in found)

    def resolve(self, selection: Selection, limit: int | None = None) -> list[int]:
        """Return the ids of the marked recipients that the view holds, in its order.

        Args:
            selection: the marks.
            limit: at most so many; None: all.
        """
        if not selection.ids and not selection.inverted:
            return []
        parameters: Parameters = {"limit": -1 if limit is None else limit}
        among = ""
        if selection.ids:
            among = f" WHERE id {'NOT IN' if selection.inverted else 'IN'} (SELECT value FROM json_each(:ids))"
            parameters["ids"] = json.dumps(list(selection.ids))
        found = self._values(f"SELECT id FROM {self._table}{among} ORDER BY pos LIMIT :limit", parameters)
        return [id_ for (id_,) in found]

    def like(self, row_id: int, name: str) -> frozenset[int]:
        """Return the ids of the view whose cell in the column ``name`` says the same as that of ``row_id``.

        Times are alike within the minute, states by their word; a column that is not known holds nothing alike.
        """
        if name not in _LIKE:
            return frozenset({row_id})
        value = _LIKE[name]
        joined = "recipient AS r CROSS JOIN contact AS c ON c.id = r.contact_id"
        found = self._values(
            f"SELECT v.id FROM {self._table} AS v CROSS JOIN {joined}"
            f" WHERE r.id = v.id AND ({value}) IS (SELECT {value} FROM {joined} WHERE r.id = :id)",
            {"id": row_id},
        )
        return frozenset(id_ for (id_,) in found)

    def find(self, text: str, start: int, forward: bool = True) -> int | None:
        """Return the position of the nearest row from ``start`` on (itself included) that contains all terms.

        Args:
            text: blank-separated terms, looked for as a filter does.
            start: the position to begin with.
            forward: towards the end; else towards the beginning.

        Returns:
            The position; None if no row from there on fits.
        """
        terms = folded(text.split())
        if not terms:
            return None
        parameters: Parameters = {"start": start + 1}
        test, way = (">=", "") if forward else ("<=", " DESC")
        return self._position(
            f"SELECT v.pos FROM {{}} AS v CROSS JOIN recipient AS r ON r.id = v.id WHERE v.pos {test} :start"
            f" AND {matches(terms, parameters)} ORDER BY v.pos{way} LIMIT 1",
            parameters,
        )

    def close(self) -> None:
        """Close the connection; the view cannot be used any more."""
        self._connection.close()

    def _asked(self, wanted: RecipientFilter) -> Condition:
        """Return the condition of a filter; terms are looked up in the index, if there is one."""
        if not self._indexed:
            return condition(wanted)
        with self._interruptible():
            narrow = narrowing(self._connection, words(wanted))
        return condition(wanted, indexed=True, narrow=narrow)

    def _create(self, table: str) -> None:
        self._connection.execute(f"CREATE TABLE {table} (pos INTEGER PRIMARY KEY, id INTEGER NOT NULL)")

    def _drop(self, table: str) -> None:
        self._connection.execute(f"DROP TABLE IF EXISTS {table}")

    def _fill(self, table: str, sort: Sort, asked: Condition) -> int:
        total = 0
        with self._reading():
            span = self._span(asked.campaign_id)
            if asked.ids and column(sort) is None and self._is_alone(asked.campaign_id, span):
                asked = replace(asked, campaign_id=None)
            for statement in parts(asked, sort):
                if self._stop.is_set():
                    raise Interrupted("The view was not built to its end.")
                cursor = self._connection.execute(f"INSERT INTO {table} (id) {statement}", asked.parameters | span)
                total += cursor.rowcount
        return total

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Let all statements of the body see one state of the store."""
        with self._interruptible():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("COMMIT")

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        with spoken(self._path):
            try:
                yield
            except Exception as error:
                if interrupted(error):
                    raise Interrupted("The view was not built to its end.") from error
                raise

    def _values(self, sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        with self._interruptible():
            return list(self._connection.execute(sql, parameters).fetchall())

    def _rows(self, sql: str, parameters: Parameters) -> list[RecipientRow]:
        return [recipient_row(values) for values in self._values(sql, parameters)]

    def _position(self, sql: str, parameters: Parameters) -> int | None:
        found = self._values(sql.format(self._table), parameters)
        return int(found[0][0]) - 1 if found else None

    def _span(self, campaign_id: int | None) -> Parameters:
        """Return the lowest and highest id of a campaign's recipients; None: of all."""
        if campaign_id is None:
            sql = "SELECT coalesce((SELECT min(id) FROM recipient), 0), coalesce((SELECT max(id) FROM recipient), 0)"
            low, high = self._values(sql, {})[0]
        else:
            sql = f"SELECT {edge('min', ':campaign')}, {edge('max', ':campaign')}"
            low, high = self._values(sql, {"campaign": campaign_id})[0]
        return {"low": low, "high": high}

    def _is_alone(self, campaign_id: int | None, span: Parameters) -> bool:
        """Tell whether the recipients in a campaign's span are all of it, so that none need be asked."""
        others = (
            "SELECT EXISTS (SELECT 1 FROM recipient AS r INDEXED BY recipient_campaign WHERE r.campaign_id IN"
            " (SELECT id FROM campaign WHERE id <> :campaign) AND r.delivery IN"
            f" ({codes(delivery.code for delivery in Delivery)}) AND r.id BETWEEN :low AND :high)"
        )
        return campaign_id is None or not self._values(others, {"campaign": campaign_id, **span})[0][0]

    def _counted(self, campaign_id: int | None) -> dict[int, int]:
        """Return delivery code -> number of recipients, from the counters."""
        within = "" if campaign_id is None else " WHERE campaign_id = :campaign"
        sql = f"SELECT delivery, sum(n) FROM campaign_stat{within} GROUP BY delivery"
        return dict(self._values(sql, {} if campaign_id is None else {"campaign": campaign_id}))

    def _known_total(self, wanted: RecipientFilter, asked: Condition, counted: dict[int, int]) -> int:
        if not asked.sql:
            return sum(n for code, n in counted.items() if asked.deliveries is None or code in asked.deliveries)
        if wanted.states or asked.searching:
            return 0
        within = "" if wanted.campaign_id is None else "r.campaign_id = :campaign AND "
        found = self._values(f"SELECT count(*) FROM recipient AS r WHERE {within}{asked.sql}", asked.parameters)
        return int(found[0][0])

    def _first_ids(self, asked: Condition, sort: Sort, limit: int, counted: dict[int, int]) -> list[int]:
        whole = sum(counted.values())
        candidates = sum(n for code, n in counted.items() if asked.deliveries is None or code in asked.deliveries)
        span = self._span(asked.campaign_id)
        statements = parts(asked, sort)
        if candidates > QUICK:
            if column(sort) is None:
                span = self._front(span, sort) if asked.searching else span
            elif asked.sql or candidates * DENSE < whole or not walks(asked, sort):
                return []
            else:
                statements[0] = walk(asked, sort)
        ids: list[int] = []
        for statement in statements:
            given = asked.parameters | span | {"limit": limit - len(ids)}
            ids += [id_ for (id_,) in self._values(f"{statement} LIMIT :limit", given)]
            if len(ids) >= limit:
                break
        return ids

    @staticmethod
    def _front(span: Parameters, sort: Sort) -> Parameters:
        """Return the part of a span in which a search for the first rows looks."""
        low, high = int(span["low"]), int(span["high"])
        return {"low": max(low, high - QUICK), "high": high} if sort.reverse else {"low": low, "high": low + QUICK}
