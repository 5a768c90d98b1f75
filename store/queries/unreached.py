"""Whom a message has not reached, and who of them may get it (again): one expression to count, to name and to send.

A message and its resends are one *family*: the campaign, and what was sent after it as its resend. Nobody of whom the
family holds a delivery, a mail that is on its way, or one of which nobody can tell, gets it once more; nor does anybody
whose address of today got it under another name. The people in question stand in the temporary table ``unreached``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from store.cleaning import clean
from store.database import Store, spoken
from store.errors import NotFound
from store.obstacles import FORBIDDING, TODAY, WORDS
from store.rows.unreached import UnreachedCounts, UnreachedRow
from store.vocabulary import (
    FAILED_DELIVERY,
    BounceKind,
    Decision,
    Delivery,
    FollowUp,
    OutboxState,
    SendState,
    SkipReason,
)


class Sought(StrEnum):
    """Whom of a campaign a resend is for: those with a fixed address, or all whom it did not reach."""

    FIXED = "fixed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a resend of a campaign shall go to, as far as it has not reached them; one of the last three is given.

    Attributes:
        campaign_id: the campaign, or a resend of it.
        sought: by what happened to them.
        ids: these recipients, of any campaign.
        list_id: the people of this list.
    """

    campaign_id: int
    sought: Sought | None = None
    ids: tuple[int, ...] = ()
    list_id: int | None = None


GROUPS: Final = (
    "fixed: another address than the one that failed",
    "excused: the failure was ours",
    "failed for now: full, given up, refused",
    "not sent: the sending was stopped",
    "skipped then, nothing speaks against it now",
)
"""The classes of people who are sent to; SQL knows all classes by their number."""

_LEFT: Final = (
    "reached",
    "on its way",
    "waits in the outbox",
    "nobody can tell whether it left",
    "address reached under another name",
    *(WORDS[obstacle] for obstacle in WORDS if obstacle in FORBIDDING),
    "failed for good at this address",
    "skipped for a reason that still holds",
    "nothing is known of their mail",
    "not in this campaign",
)
_CLASSES: Final = (*GROUPS, *_LEFT)
_FAILED: Final = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))
_UNDER_WAY: Final = f"{Delivery.SENT.code}, {Delivery.DEFERRED.code}"
_OPEN: Final = f"{OutboxState.SENDING.code}, {OutboxState.UNSURE.code}"
_LASTING: Final = f"{BounceKind.HARD.code}, {BounceKind.CONTENT.code}"
_NOT_SENT: Final = f"{OutboxState.WAITING.code}, {OutboxState.HELD.code}"
_STANDING: Final = f"{SkipReason.DUPLICATE.code}, {SkipReason.INVALID.code}"

_ROW: Final = (
    "SELECT {} FROM recipient AS f LEFT JOIN outbox AS o ON o.recipient_id = f.id LEFT JOIN message AS m"
    " ON m.id = o.message_id WHERE f.contact_id = c.id AND f.campaign_id IN (SELECT id FROM family)"
    " AND f.occurrence = 0{}"
)
_STOPPED: Final = f"m.state = {SendState.STOPPED.code} AND o.state IN ({_NOT_SENT})"
# Whatever somebody marked it as: what waits can leave.
_WAITS: Final = f"f.delivery <> {Delivery.SKIPPED.code} AND o.state IN ({_NOT_SENT}) AND NOT ({_STOPPED})"


def _any(test: str) -> str:
    return f"EXISTS ({_ROW.format('1', f' AND ({test})')})"


# The newest failure tells at which address; a failure at an older address says nothing about today's.
_LAST: Final = (
    "(SELECT {} FROM recipient AS f WHERE f.contact_id = c.id AND f.campaign_id IN (SELECT id FROM family)"
    f" AND f.occurrence = 0 AND f.delivery IN ({_FAILED}) ORDER BY f.bounced_at DESC, f.id DESC LIMIT 1)"
)
_AT_TODAYS: Final = f"f.delivery IN ({_FAILED}) AND f.address_key = c.email_key"
_REACHED_UNDER_ANOTHER: Final = (
    "EXISTS (SELECT 1 FROM recipient AS f LEFT JOIN outbox AS o ON o.recipient_id = f.id"
    " LEFT JOIN message AS m ON m.id = o.message_id WHERE f.address_key = c.email_key AND c.email_key <> ''"
    " AND f.contact_id <> c.id AND f.campaign_id IN (SELECT id FROM family) AND f.occurrence = 0"
    f" AND (f.delivery IN ({Delivery.DELIVERED.code}, {_UNDER_WAY}) OR o.state IN ({_OPEN},"
    f" {OutboxState.ACCEPTED.code}) AND f.delivery = {Delivery.READY.code}"
    f" OR {_WAITS}))"
)
_OBSTACLES: Final = " ".join(
    f"WHEN k.today & {obstacle.value} <> 0 THEN {_CLASSES.index(word)}"
    for obstacle, word in WORDS.items()
    if obstacle in FORBIDDING
)
_LADDER: Final = (
    (f"NOT {_any('TRUE')}", "not in this campaign"),
    (_any(f"f.delivery = {Delivery.DELIVERED.code}"), "reached"),
    (_any(f"o.state IN ({_OPEN}) AND f.delivery IN ({Delivery.READY.code}, {Delivery.SENT.code})"), _LEFT[3]),
    (_any(f"f.delivery IN ({_UNDER_WAY})"), "on its way"),
    (_any(f"f.delivery = {Delivery.READY.code} AND o.state = {OutboxState.ACCEPTED.code}"), "on its way"),
    (_any(_WAITS), _LEFT[2]),
    (_any(f"f.delivery = {Delivery.READY.code} AND o.id IS NULL"), "nothing is known of their mail"),
    (_REACHED_UNDER_ANOTHER, "address reached under another name"),
)
_AFTER: Final = (
    (
        _any(f"{_AT_TODAYS} AND f.bounce_kind IN ({_LASTING}) AND coalesce(f.decision, 0) <> {Decision.EXCUSED.code}"),
        "failed for good at this address",
    ),
    (_any(f"f.delivery = {Delivery.READY.code} AND {_STOPPED}"), GROUPS[3]),
    (f"{_LAST.format('f.address_key')} <> c.email_key", GROUPS[0]),
    (f"{_LAST.format('f.decision')} = {Decision.EXCUSED.code}", GROUPS[1]),
    (_any(f"f.delivery IN ({_FAILED})"), GROUPS[2]),
    (
        _any(f"f.skip_reason IN ({_STANDING}) AND f.address_key = c.email_key"),
        "skipped for a reason that still holds",
    ),
)


def _cases(ladder: tuple[tuple[str, str], ...]) -> str:
    return " ".join(f"WHEN {test} THEN {_CLASSES.index(name)}" for test, name in ladder)


_CLASS: Final = f"CASE {_cases(_LADDER)} {_OBSTACLES} {_cases(_AFTER)} ELSE 4 END"
_JUDGED: Final = (
    f"INSERT INTO unreached SELECT k.contact_id, k.recipient_id, {_CLASS} FROM temp.asked AS k CROSS JOIN contact AS c"
    " ON c.id = k.contact_id"
)
_KNOW: Final = f"UPDATE temp.asked SET today = (SELECT {TODAY} FROM contact AS c WHERE c.id = asked.contact_id)"
_PLAINLY_REACHED: Final = (
    "SELECT count(DISTINCT r.contact_id) FROM family AS f CROSS JOIN recipient AS r ON r.campaign_id = f.id"
    f" AND r.delivery = {Delivery.DELIVERED.code} AND r.occurrence = 0"
    " WHERE r.contact_id NOT IN (SELECT contact_id FROM temp.asked)"
)
_SENT: Final = f"class < {len(GROUPS)}"


def family_root(store: Store, campaign_id: int) -> int:
    """Return the campaign whose message this is: itself, or the one that it is a resend of.

    Raises:
        NotFound: there is no such campaign.
    """
    found = store.row("SELECT parent_id, follow_up FROM campaign WHERE id = ?", (campaign_id,))
    if found is None:
        raise NotFound("This campaign is no longer there.")
    parent_id, follow_up = found
    return int(parent_id) if follow_up == FollowUp.RESEND.code and parent_id is not None else campaign_id


def fill_family(store: Store, root: int) -> None:
    """Fill the temporary table ``family`` with a campaign and its resends."""
    store.execute("CREATE TEMP TABLE IF NOT EXISTS family (id INTEGER PRIMARY KEY)")
    store.execute("DELETE FROM temp.family")
    store.execute(
        "INSERT INTO family SELECT id FROM campaign WHERE id = ?1 OR parent_id = ?1 AND follow_up = ?2",
        (root, FollowUp.RESEND.code),
    )


def sift(store: Store, wanted: Wanted) -> None:
    """Fill the temporary table ``unreached`` with those wanted, each person once, and their class.

    Call it where the connection stays: inside a transaction, or in :meth:`store.database.Store.connected`.

    Raises:
        NotFound: the campaign or the list is no longer there.
    """
    fill_family(store, family_root(store, wanted.campaign_id))
    for table, columns in (
        ("asked", "contact_id INTEGER PRIMARY KEY, recipient_id INTEGER NOT NULL, today INTEGER NOT NULL DEFAULT 0"),
        ("unreached", "contact_id INTEGER PRIMARY KEY, recipient_id INTEGER NOT NULL, class INTEGER NOT NULL"),
    ):
        store.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({columns})")
        store.execute(f"DELETE FROM temp.{table}")
    _ask(store, wanted)
    store.execute(_KNOW)
    store.execute(_JUDGED)


def _ask(store: Store, wanted: Wanted) -> None:
    """Put those in question into the table ``asked``, with a recipient row of theirs."""
    into = "INSERT INTO asked (contact_id, recipient_id) SELECT"
    within = "FROM family AS f CROSS JOIN recipient AS r ON r.campaign_id = f.id AND r.occurrence = 0"
    if wanted.list_id is not None:
        known = store.execute("SELECT 1 FROM mail_list WHERE id = ? AND deleted_at IS NULL", (wanted.list_id,))
        if not known.fetchone():
            raise NotFound("This list is no longer there.")
        store.execute(f"{into} contact_id, recipient_id FROM list_member WHERE list_id = ?", (wanted.list_id,))
    elif wanted.sought is Sought.FIXED:
        store.execute(
            f"{into} r.contact_id, max(r.id) {within} WHERE r.decision = ? GROUP BY +r.contact_id",
            (Decision.FIXED.code,),
        )
    elif wanted.sought is Sought.NOT_REACHED:
        # Most have got it, at their only address: they are counted, and need no closer look.
        store.execute(
            f"{into} r.contact_id, max(r.id) {within} WHERE r.delivery <> ? GROUP BY +r.contact_id",
            (Delivery.DELIVERED.code,),
        )
    else:
        store.execute(
            f"{into} r.contact_id, min(r.id) FROM json_each(?) AS j CROSS JOIN recipient AS r ON r.id = j.value"
            " GROUP BY 1",
            (json.dumps(list(wanted.ids)),),
        )


def unreached(store: Store, wanted: Wanted) -> UnreachedCounts:
    """Count who of those wanted gets the message (again), by why, and who does not.

    Raises:
        NotFound: the campaign or the list is no longer there.
    """
    with store.connected(), spoken(store.place):
        sift(store, wanted)
        numbers = dict(store.execute("SELECT class, count(*) FROM temp.unreached GROUP BY class").fetchall())
        if wanted.sought is Sought.NOT_REACHED:
            reached = _CLASSES.index("reached")
            numbers[reached] = numbers.get(reached, 0) + store.execute(_PLAINLY_REACHED).fetchone()[0]
    found = {_CLASSES[number]: count for number, count in sorted(numbers.items()) if count}
    return UnreachedCounts(
        {name: found[name] for name in GROUPS if name in found}, {name: found[name] for name in _LEFT if name in found}
    )


def chosen(store: Store) -> tuple[int, ...]:
    """Return a recipient id of each person of ``unreached`` who gets the message, in their order."""
    found = store.execute(f"SELECT recipient_id FROM temp.unreached WHERE {_SENT} ORDER BY recipient_id").fetchall()
    return tuple(id_ for (id_,) in found)


def named(store: Store, wanted: Wanted, *, left_out: bool, limit: int = -1) -> tuple[UnreachedRow, ...]:
    """Return by name who gets the message (again), or who is left out, each with the reason.

    Raises:
        NotFound: the campaign or the list is no longer there.
    """
    with store.connected(), spoken(store.place):
        sift(store, wanted)
        found = store.execute(
            "SELECT u.recipient_id, u.contact_id, c.name, coalesce(nullif(c.email, ''), r.address), r.address, u.class"
            " FROM temp.unreached AS u CROSS JOIN contact AS c ON c.id = u.contact_id CROSS JOIN recipient AS r"
            f" ON r.id = u.recipient_id WHERE {'NOT ' if left_out else ''}u.{_SENT} ORDER BY u.class, c.sort_key, c.id"
            " LIMIT ?",
            (limit,),
        ).fetchall()
    return tuple(
        UnreachedRow(recipient, contact, clean(name), clean(email), clean(old), _CLASSES[number])
        for recipient, contact, name, email, old, number in found
    )
