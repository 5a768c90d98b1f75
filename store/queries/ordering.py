"""From a sort and a condition to SQL: the ids of recipients in order.

A sort by a column whose values can be missing gives two parts, the rows with a value and those without; each part is
one statement, so that NULLs stand last either way and an index on the values serves.
"""

from __future__ import annotations

from dataclasses import dataclass

from store.asking import Sort
from store.errors import BadInput
from store.queries.conditions import REASON, Condition, codes


@dataclass(frozen=True, slots=True)
class Column:
    """What a view can be sorted by.

    Attributes:
        value: the SQL expression.
        nothing: how a missing value is told: "NULL", "''", or "" if there is always one.
        index: the index that has the order; "" if there is none.
        within_campaign: whether the index begins with the campaign and holds only rows with a value.
    """

    value: str
    nothing: str = "NULL"
    index: str = ""
    within_campaign: bool = False

    @property
    def of_contact(self) -> bool:
        """Whether the value stands with the contact."""
        return "c." in self.value

    @property
    def present(self) -> str:
        """The condition that there is a value."""
        return {"NULL": f"{self.value} IS NOT NULL", "''": f"{self.value} <> ''"}.get(self.nothing, "")

    @property
    def absent(self) -> str:
        """The condition that there is none."""
        return {"NULL": f"{self.value} IS NULL", "''": f"{self.value} = ''"}.get(self.nothing, "")


_PLAN = "plan"
_SPAN = "r.id BETWEEN :low AND :high"
_COLUMNS: dict[str, Column] = {
    "name": Column("c.sort_key", "''", "contact_sort"),
    "address": Column("r.address_key", "''", "recipient_address"),
    "company": Column("c.company_key", "''"),
    "state": Column("r.delivery * 100 + r.engagement", ""),
    "reason": Column(REASON),
    "responsible": Column("lower(c.responsible)", "''"),
    "sent": Column("r.sent_at"),
    "bounced": Column("r.bounced_at", index="recipient_bounced", within_campaign=True),
    "opened": Column("r.opened_at", index="recipient_opened", within_campaign=True),
    "clicked": Column("r.clicked_at", index="recipient_clicked", within_campaign=True),
}

SORT_COLUMNS = (_PLAN, *_COLUMNS)
"""The names a :class:`store.rows.Sort` may carry."""


def column(sort: Sort) -> Column | None:
    """Return what a sort orders by; None for the order of the plan.

    Raises:
        BadInput: there is no such column.
    """
    if sort.column == _PLAN:
        return None
    if sort.column not in _COLUMNS:
        raise BadInput(f"{sort.column} is no column to sort by; there are {', '.join(SORT_COLUMNS)}.")
    return _COLUMNS[sort.column]


def parts(wanted: Condition, sort: Sort) -> list[str]:
    """Return the statements whose rows, one after the other, are the ids in order.

    They take the parameters of the condition, and "low" and "high", the lowest and highest id of the campaign.

    Raises:
        BadInput: the sort's column is unknown.
    """
    by = column(sort)
    down = " DESC" if sort.reverse else ""
    if by is None:
        return [_in_plan(wanted, down)]
    tables = "recipient AS r"
    if by.of_contact:
        tables += " CROSS JOIN contact AS c ON c.id = r.contact_id"
    where = [*_within(wanted), _SPAN, wanted.sql]
    ids = f"SELECT r.id FROM {tables}"
    if by.within_campaign and wanted.campaign_id is not None:
        valued = walk(wanted, sort)
    else:
        valued = f"{ids}{_where(*where, by.present)} ORDER BY {by.value}{down}, r.id{down}"
    return [valued, f"{ids}{_where(*where, by.absent)} ORDER BY r.id{down}"] if by.absent else [valued]


def walks(wanted: Condition, sort: Sort) -> bool:
    """Tell whether an index has the order, so that the first rows can be read without sorting all."""
    by = column(sort)
    return by is not None and bool(by.index) and (wanted.campaign_id is not None or not by.within_campaign)


def walk(wanted: Condition, sort: Sort) -> str:
    """Return the statement of the rows with a value, for a few rows from the front of the index.

    Only where :func:`walks` says so.
    """
    by = column(sort)
    assert by is not None
    down = " DESC" if sort.reverse else ""
    tables = f"recipient AS r INDEXED BY {by.index}"
    if by.of_contact:
        tables = f"contact AS c INDEXED BY {by.index} CROSS JOIN recipient AS r ON r.contact_id = c.id"
    where = _where(*_within(wanted), wanted.sql, by.present)
    return f"SELECT r.id FROM {tables}{where} ORDER BY {by.value}{down}, r.id{down}"


def _in_plan(wanted: Condition, down: str) -> str:
    """Return the statement in the order of ids: few delivery states are merged from the index, many are scanned."""
    if wanted.ids and wanted.campaign_id is None and wanted.deliveries is None:
        return f"{wanted.ids} ORDER BY 1{down}"
    if wanted.campaign_id is None or wanted.deliveries is None or wanted.searching:
        return f"SELECT r.id FROM recipient AS r{_where(*_within(wanted), _SPAN, wanted.sql)} ORDER BY r.id{down}"
    arms = [
        "SELECT r.id AS id FROM recipient AS r"
        + _where("r.campaign_id = :campaign", f"r.delivery = {delivery}", wanted.sql)
        for delivery in wanted.deliveries
    ]
    return f"{' UNION ALL '.join(arms)} ORDER BY 1{down}"


def _within(wanted: Condition) -> list[str]:
    found = [] if wanted.campaign_id is None else ["r.campaign_id = :campaign"]
    if wanted.deliveries is not None:
        found.append(f"r.delivery IN ({codes(wanted.deliveries)})")
    return found


def _where(*conditions: str) -> str:
    given = [text for text in conditions if text]
    return f" WHERE {' AND '.join(given)}" if given else ""
