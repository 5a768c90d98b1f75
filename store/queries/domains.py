"""The receiving domains of a campaign: a table counted in one pass, in an order, read a page at a time.

Counts and order stand in temporary tables of an own connection, since a campaign can have as many domains as
recipients. A domain's place stays while it is counted anew, unless another order is asked for.
"""

from __future__ import annotations

from array import array
from typing import Any, Final

from store.asking import Sort
from store.cleaning import clean
from store.database import Store
from store.errors import BadInput
from store.queries.conditions import edge
from store.queries.snapshot import Snapshot
from store.rows.reports import DomainRow
from store.vocabulary import FAILED_DELIVERY, BounceKind, Delivery

COLUMNS: Final = (
    "planned",
    "waiting",
    "delivered",
    "hard",
    "soft",
    "block",
    "other",
    "deferred",
    "opened",
    "machine",
    "clicked",
)
"""The numbers of a domain, which an order can go by; and there is "domain"."""

_BITS = {
    "deferred": "deferred_at IS NOT NULL",
    "opened": "opened_at IS NOT NULL OR clicked_at IS NOT NULL",
    "clicked": "clicked_at IS NOT NULL",
    "machine": "machine_opened_at IS NOT NULL OR machine_clicked_at IS NOT NULL",
}
_PACKED = " + ".join([
    *(f"CASE WHEN {test} THEN {1 << bit} ELSE 0 END" for bit, test in enumerate(_BITS.values())),
    "delivery * 16",
    "coalesce(bounce_kind, 0) * 4096",
])
"""What counts of a recipient, as one number: many recipients share a few of them, which are unpacked once."""

_UNPACKED = ", ".join([
    *(f"packed / {1 << bit} % 2 = 1 AS was_{name}" for bit, name in enumerate(_BITS)),
    "packed / 16 % 256 AS delivery",
    "packed / 4096 AS kind",
])
_FAILED = f"delivery IN ({', '.join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))})"
_KINDS = {"hard": BounceKind.HARD, "soft": BounceKind.SOFT, "block": BounceKind.BLOCK}
_SURE = ", ".join(str(kind.code) for kind in _KINDS.values())
_TESTS = {
    "planned": "TRUE",
    "waiting": f"delivery <> {Delivery.DELIVERED.code} AND NOT {_FAILED}",
    "delivered": f"delivery = {Delivery.DELIVERED.code}",
    **{name: f"{_FAILED} AND kind = {kind.code}" for name, kind in _KINDS.items()},
    "other": f"{_FAILED} AND kind NOT IN ({_SURE})",
    "deferred": "was_deferred",
    "opened": "was_opened",
    "machine": "was_machine AND NOT was_opened",
    "clicked": "was_clicked",
}
_GATHER = (
    "INSERT INTO g (behind, packed, n, id) SELECT CASE WHEN instr(address_key, '@') > 0 THEN"
    f" substr(address_key, instr(address_key, '@') + 1) ELSE '' END, {_PACKED}, {{}} FROM recipient NOT INDEXED"
    f" WHERE campaign_id = ?1 AND id BETWEEN {edge('min', '?1')} AND {edge('max', '?1')} {{}}"
)
_ONE_BY_ONE = _GATHER.format("1, id", "ON CONFLICT (behind, packed) DO UPDATE SET n = g.n + 1")
_GROUPED = _GATHER.format("count(*), min(id)", "GROUP BY 1, 2")
_DOMAIN = (
    "CASE WHEN instr(behind, '@') > 0 THEN substr(behind, length(rtrim(behind, replace(behind, '@', ''))) + 1)"
    " ELSE behind END"
)
"""What stands behind the last of several "@": stripped of all other characters the text ends with that "@"."""

_COUNT = (
    f"INSERT INTO d SELECT min(id), {_DOMAIN} AS key,"
    f" {', '.join(f'sum(CASE WHEN {_TESTS[name]} THEN n ELSE 0 END)' for name in COLUMNS)}"
    f" FROM (SELECT behind, id, n, {_UNPACKED} FROM g) GROUP BY key"
)
_READ_PAGE = (
    "SELECT d.id, d.key, CASE WHEN instr(d.key, 'xn--') > 0"
    " THEN (SELECT r.address FROM recipient AS r WHERE r.id = d.id)"
    f" END, {', '.join(f'd.{name}' for name in COLUMNS)} FROM v CROSS JOIN d ON d.id = v.id"
    " WHERE v.pos > ? AND v.pos <= ? ORDER BY v.pos"
)


class DomainView(Snapshot):
    """The receiving domains of a campaign as they were when :meth:`build` was called.

    Until :meth:`build` was called, and when it was closed, a view is empty.
    """

    def __init__(self, store: Store) -> None:
        """Open the connection; :meth:`close` closes it."""
        super().__init__(store)
        self._gather = _ONE_BY_ONE if store.upserts_again else _GROUPED

    def build(self, campaign_id: int, sort: Sort, places: DomainView | None = None) -> int:
        """Count the domains and return how many there are; call it once.

        Args:
            campaign_id: the campaign.
            sort: the order, by "domain" or one of :data:`COLUMNS`.
            places: a view whose order is kept; domains that it does not hold are left out.

        Raises:
            BadInput: the sort's column is unknown.
            Interrupted: :meth:`interrupt` was called meanwhile.
            StoreUnavailable, DiskFull: the store cannot be read, or there is no room for temporary files.
        """
        order = _order(sort)
        with self.working() as connection:
            numbers = ", ".join(f"{name} INTEGER NOT NULL" for name in COLUMNS)
            connection.execute(
                "CREATE TEMP TABLE g (behind TEXT NOT NULL, packed INTEGER NOT NULL, n INTEGER NOT NULL,"
                " id INTEGER NOT NULL, PRIMARY KEY (behind, packed)) WITHOUT ROWID"
            )
            connection.execute(f"CREATE TEMP TABLE d (id INTEGER PRIMARY KEY, key TEXT NOT NULL, {numbers})")
            connection.execute("CREATE TEMP TABLE v (pos INTEGER PRIMARY KEY, id INTEGER NOT NULL)")
            connection.execute(self._gather, (campaign_id,))
            connection.execute(_COUNT)
            connection.execute("DROP TABLE g")
            if places is None:
                connection.execute(f"INSERT INTO v (id) SELECT id FROM d ORDER BY {order}")
            else:
                connection.execute("BEGIN")
                connection.executemany("INSERT INTO v (id) VALUES (?)", ((id_,) for id_ in places.ids()))
                connection.execute("DELETE FROM v WHERE id NOT IN (SELECT id FROM d)")
                connection.execute("COMMIT")
            self.total = connection.execute("SELECT count(*) FROM v").fetchall()[0][0]
        return self.total

    def close(self) -> None:
        """Close the connection; the view is empty from then on."""
        self.total = 0
        super().close()

    def page(self, offset: int, limit: int) -> tuple[DomainRow, ...]:
        """Return the domains from position ``offset`` on."""
        return tuple(map(_row, self.values(_READ_PAGE, (offset, offset + limit)))) if self.total else ()

    def position(self, row_id: int) -> int | None:
        """Return where a domain stands; None if the view does not hold it."""
        return super().position(row_id) if self.total else None

    def ids(self) -> array[int]:
        """Return the ids of the domains in their order."""
        found = self.values("SELECT id FROM v ORDER BY pos") if self.total else ()
        return array("q", (id_ for (id_,) in found))


def _order(sort: Sort) -> str:
    if sort.column == "domain":
        return "key DESC" if sort.reverse else "key"
    if sort.column not in COLUMNS:
        raise BadInput(f"Domains cannot be sorted by “{sort.column}”; there are domain, {', '.join(COLUMNS)}.")
    return f"{sort.column} {'DESC' if sort.reverse else 'ASC'}, planned DESC, key"


def _row(values: tuple[Any, ...]) -> DomainRow:
    id_, key, sample, *numbers = values
    written = key if sample is None else sample.rpartition("@")[2].lower()
    return DomainRow(id_, clean(written), key, *numbers)
