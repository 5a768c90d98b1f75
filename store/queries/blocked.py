"""Blocked addresses over all campaigns: in an order, or grouped, as a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from store.addresses import address_key
from store.asking import Sort
from store.cleaning import clean
from store.database import Store
from store.errors import BadInput
from store.queries.snapshot import Snapshot
from store.rows import BlockedGroupRow, BlockedRow
from store.times import from_ms
from store.vocabulary import BlockReason

_DOMAIN = "substr(a.key, instr(a.key, '@') + 1)"
_NEWEST = "(SELECT max(r.id) FROM recipient AS r WHERE r.address_key = a.key AND r.occurrence = 0)"
_CONTACT = f"(SELECT r.contact_id FROM recipient AS r WHERE r.id = {_NEWEST})"
_FAILURES = "(SELECT count(*) FROM recipient AS r WHERE r.address_key = a.key AND r.bounced_at IS NOT NULL)"
_CAMPAIGN = (
    "(SELECT p.name FROM recipient AS r CROSS JOIN campaign AS p ON p.id = r.campaign_id WHERE r.address_key = a.key"
    " AND a.blocked_at IN (r.bounced_at, r.complained_at) ORDER BY r.id LIMIT 1)"
)
_OPERATORS = f"({BlockReason.OPERATOR.code}, {BlockReason.DELETED.code})"
BLOCKED_BY = (
    f"CASE WHEN a.block_reason IN {_OPERATORS} THEN coalesce(a.operator_blocked_by, '')"
    f" WHEN a.block_reason = {BlockReason.BOUNCES_IN_A_ROW.code} THEN '' ELSE coalesce({_CAMPAIGN}, '') END"
)
"""The SQL of what blocks ``address AS a``: an operator or a campaign; "" if several campaigns in a row did."""

_PERSON = "coalesce((SELECT c.{} FROM contact AS c WHERE c.id = " + _CONTACT + "), '')"

SORTS: dict[str, str] = {
    "since": "a.blocked_at",
    "address": "a.key",
    "domain": _DOMAIN,
    "reason": "a.block_reason",
    "by": BLOCKED_BY,
    "failures": _FAILURES,
    "success": "a.last_success_at",
    "name": _PERSON.format("sort_key"),
    "company": _PERSON.format("company_key"),
}
"""What blocked addresses can be sorted by."""

GROUPINGS: dict[str, str] = {
    "reason": "CAST(a.block_reason AS TEXT)",
    "domain": _DOMAIN,
    "by": BLOCKED_BY,
    "month": "strftime('%Y-%m', a.blocked_at / 1000, 'unixepoch')",
    "company": _PERSON.format("company"),
    "failures": f"CAST({_FAILURES} AS TEXT)",
}
"""What they can be grouped by."""

_COLUMNS = (
    f"a.id, a.address, {_DOMAIN}, a.block_reason, a.blocked_at, {BLOCKED_BY}, {_FAILURES}, a.last_success_at,"
    f" {_PERSON.format('name')}, {_PERSON.format('company')}, {_NEWEST}"
)


class BlockedView(Snapshot):
    """Blocked addresses in an order, or their groups.

    Attributes:
        groups: the groups, if they were asked for.
    """

    groups: tuple[BlockedGroupRow, ...] = ()

    def build(self, sort: Sort, group: tuple[str, str] | None = None, text: str = "") -> int:
        """Take the snapshot and return how many addresses it holds; call it once.

        Args:
            sort: the order, by one of :data:`SORTS`; addresses without a value stand last.
            group: only those of a group: the grouping and its value.
            text: only those whose address contains it.

        Raises:
            BadInput: the order or the grouping is unknown.
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        if sort.column not in SORTS:
            raise BadInput(f"“{sort.column}” is nothing to sort by; there are {', '.join(SORTS)}.")
        key = SORTS[sort.column]
        where, parameters = _narrowed(group, text)
        way = " DESC" if sort.reverse else ""
        return self.fill(
            f"SELECT a.id FROM address AS a WHERE {where} ORDER BY ({key}) IS NULL, ({key}){way}, a.key", parameters
        )

    def group(self, by: str, text: str = "") -> int:
        """Read the groups, the largest first, and return how many there are; in place of :meth:`build`.

        Args:
            by: one of :data:`GROUPINGS`.
            text: only of addresses that contain it.

        Raises:
            BadInput: the grouping is unknown.
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        value = _grouping(by)
        where, parameters = _narrowed(None, text)
        found = self.values(
            f"SELECT {value} AS value, count(*), min(a.blocked_at), max(a.blocked_at) FROM address AS a WHERE {where}"
            " GROUP BY value ORDER BY 2 DESC, 1 NULLS FIRST",
            parameters,
        )
        self.groups = tuple(
            BlockedGroupRow(number, by, value, _told(by, value), n, from_ms(first), from_ms(last))
            for number, (value, n, first, last) in enumerate(found, 1)
        )
        return len(self.groups)

    def page(self, offset: int, limit: int) -> tuple[BlockedRow, ...]:
        """Return the addresses from position ``offset`` on, as they are now; freed ones stay until a new snapshot."""
        found = self.values(
            f"SELECT {_COLUMNS} FROM v CROSS JOIN address AS a ON a.id = v.id WHERE v.pos > ? AND v.pos <= ?"
            " ORDER BY v.pos",
            (offset, offset + limit),
        )
        return tuple(map(_row, found))


def blocked_groups(store: Store, by: str, text: str = "") -> tuple[BlockedGroupRow, ...]:
    """Return what :meth:`BlockedView.group` reads."""
    view = BlockedView(store)
    try:
        view.group(by, text)
        return view.groups
    finally:
        view.close()


def blocked_ids(store: Store, addresses: Iterable[str]) -> dict[str, int | None]:
    """Return address as given -> its number among the blocked addresses; None: it is not blocked."""
    keys = {text: address_key(text) for text in addresses}
    found = dict(
        store.among("SELECT key, id FROM address WHERE blocked_at IS NOT NULL AND key IN ({})", list(keys.values()))
    )
    return {text: found.get(key) for text, key in keys.items()}


def newest_recipients(store: Store, ids: Sequence[int]) -> list[int]:
    """Return the newest recipient of each of these addresses, in order; those in no plan any more are left out."""
    found = dict(store.among(f"SELECT a.id, {_NEWEST} FROM address AS a WHERE a.id IN ({{}})", ids))
    return [recipient for recipient in (found.get(id_) for id_ in ids) if recipient is not None]


def _narrowed(group: tuple[str, str] | None, text: str) -> tuple[str, list[Any]]:
    where, parameters = "a.blocked_at IS NOT NULL", []
    if group is not None:
        where += f" AND {_grouping(group[0])} = ?"
        parameters.append(group[1])
    if text:
        where += " AND instr(a.key, ?) > 0"
        parameters.append(text.casefold())
    return where, parameters


def _grouping(by: str) -> str:
    if by not in GROUPINGS:
        raise BadInput(f"“{by}” is nothing to group by; there are {', '.join(GROUPINGS)}.")
    return GROUPINGS[by]


def _told(by: str, value: str) -> str:
    if by == "reason":
        return str(BlockReason.of(int(value)))
    if by == "by" and not value:
        return "several campaigns in a row"
    return clean(value) or "without"


def _row(values: Sequence[Any]) -> BlockedRow:
    id_, address, domain, reason, since, by, failures, success, name, company, recipient = values
    return BlockedRow(
        id_,
        clean(address),
        clean(domain),
        None if reason is None else BlockReason.of(reason),
        None if since is None else from_ms(since),
        clean(by),
        failures,
        None if success is None else from_ms(success),
        clean(name),
        clean(company),
        recipient,
    )
