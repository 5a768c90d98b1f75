"""Whom a campaign's mail shall be sent to again: one expression, for counting and for making the list.

In question are the recipients whose failure was excused and those whose address was corrected. Whoever the message
reached since, and whoever must not be written to, is left out with the reason.
"""

from __future__ import annotations

from typing import Any

from store.database import Store
from store.queries.conditions import edge
from store.queries.reminders import BLOCKED_TODAY, known
from store.rows import ResendCounts
from store.vocabulary import FAILED_DELIVERY, Decision, Delivery, ListKind, Triage

_CLASSES = (
    "excused",
    "fixed",
    "reached since",
    "on its way",
    "failed again, nobody has decided yet",
    "complained",
    "unsubscribed",
    "no address",
    "the old address again",
    "blocked",
    "former employee",
    "no consent",
    "second address",
)
"""The classes of recipients in question; the first two are sent to again. SQL knows them by their number."""

_RESENT = 2
_IN_QUESTION = (Decision.EXCUSED, Decision.FIXED)
_FAILED = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))
_WAITING = f"{Delivery.READY.code}, {Delivery.SENT.code}, {Delivery.DEFERRED.code}"
_ANOTHER = (
    "EXISTS (SELECT 1 FROM recipient AS o WHERE o.contact_id = r.contact_id AND o.campaign_id = r.campaign_id"
    " AND o.id <> r.id AND o.delivery IN ({}))"
)
_LADDER = (
    (f"r.delivery = {Delivery.DELIVERED.code} OR {_ANOTHER.format(Delivery.DELIVERED.code)}", "reached since"),
    (f"r.delivery IN ({_WAITING}) OR {_ANOTHER.format(_WAITING)}", "on its way"),
    (f"r.triage <> {Triage.DONE.code}", "failed again, nobody has decided yet"),
    (f"r.complained_at IS NOT NULL OR r.contact_id IN {known('complained_at')}", "complained"),
    (f"r.unsubscribed_at IS NOT NULL OR r.contact_id IN {known('unsubscribed_at')}", "unsubscribed"),
    ("c.email_key = ''", "no address"),
    (f"r.decision = {Decision.FIXED.code} AND c.email_key = r.address_key", "the old address again"),
    (f"r.contact_id IN {BLOCKED_TODAY}", "blocked"),
    ("c.former", "former employee"),
    ("c.consent IS FALSE", "no consent"),
    (f"r.decision = {Decision.FIXED.code}", "fixed"),
)
"""The class of a recipient is that of the first test that holds, else "excused"."""

_CLASS = (
    f"CASE {' '.join(f'WHEN {test} THEN {_CLASSES.index(name)}' for test, name in _LADDER)}"
    f" ELSE {_CLASSES.index('excused')} END"
)
_JUDGED = (
    f"SELECT r.id, r.contact_id, {_CLASS} AS class FROM recipient AS r CROSS JOIN contact AS c ON c.id = r.contact_id"
    f" WHERE r.decision IN ({', '.join(str(decision.code) for decision in _IN_QUESTION)}) AND r.campaign_id = ?1"
)
_WHOLE = f" AND r.id BETWEEN {edge('min', '?1')} AND {edge('max', '?1')}"
_TOUCHED = " AND r.id IN (SELECT id FROM touched)"
_ONCE = (
    f"SELECT id, contact_id, CASE WHEN class < {_RESENT} AND row_number() OVER"
    f" (PARTITION BY contact_id, class < {_RESENT} ORDER BY id) > 1 THEN {_CLASSES.index('second address')}"
    " ELSE class END AS class FROM ({})"
)


def resend_list_name(campaign: str) -> str:
    """Return the name of a campaign's resend list."""
    return f"Resend · {campaign}"


def resend_list(store: Store, campaign_id: int) -> int | None:
    """Return the id of a campaign's resend list; None if it was not made yet."""
    found = store.rows(
        "SELECT l.id, l.name, p.name FROM mail_list AS l JOIN campaign AS p ON p.id = ?"
        " WHERE l.kind = ? AND l.deleted_at IS NULL",
        (campaign_id, ListKind.RESEND.code),
    )
    return next((int(id_) for id_, name, campaign in found if name == resend_list_name(campaign)), None)


def resend_counts(store: Store, campaign_id: int) -> ResendCounts:
    """Count whom a campaign's mail shall be sent to again, who is left out and why, and how the list would change.

    ``left_out`` holds only reasons that occur.
    """
    list_id = resend_list(store, campaign_id)
    members = "(SELECT contact_id FROM list_member WHERE list_id = ?2)"
    numbers = store.rows(
        f"SELECT class, count(*), sum(contact_id IN {members}) FROM ({_ONCE.format(_JUDGED + _WHOLE)}) GROUP BY class",
        (campaign_id, list_id),
    )
    counted = {_CLASSES[number]: count for number, count, _ in numbers}
    staying = sum(there for number, _, there in numbers if number < _RESENT)
    known_members = store.rows("SELECT count(*) FROM list_member WHERE list_id = ?", (list_id,))[0][0]
    excused, fixed = counted.get("excused", 0), counted.get("fixed", 0)
    return ResendCounts(
        campaign_id,
        excused,
        fixed,
        {name: counted[name] for name in _CLASSES[_RESENT:] if name in counted},
        coming=excused + fixed - staying,
        going=known_members - staying,
    )


def resent(store: Store, campaign_id: int, *, touched: bool) -> tuple[dict[int, int], dict[str, int]]:
    """Return contact id -> recipient id of those to be sent to again, and how many others are left out by reason.

    Args:
        store: the open store; the caller's transaction.
        campaign_id: the campaign.
        touched: look only at the recipients in the temporary table ``touched`` (:func:`store.derive.touch`).
    """
    sql = _ONCE.format(_JUDGED + (_TOUCHED if touched else _WHOLE))
    found: list[tuple[Any, ...]] = store.execute(f"{sql} ORDER BY id", (campaign_id,)).fetchall()
    left: dict[str, int] = {}
    for _, _, number in found:
        if number >= _RESENT:
            left[_CLASSES[number]] = left.get(_CLASSES[number], 0) + 1
    return {contact: id_ for id_, contact, number in found if number < _RESENT}, left
