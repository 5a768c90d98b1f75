"""The fold in SQL, for many recipients at once; and the counters, which change here and nowhere else.

Callers fill the temporary table ``touched`` (:func:`touch`) inside their transaction, then call :func:`settle` (after
marks changed) or :func:`absorb` (after events were inserted). Recipients with several outcomes go through
:mod:`store.fold` one by one; they are few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from store.addresses import address_key
from store.database import Store
from store.fold import (
    FAILURES,
    MARKED_BY_OPERATOR,
    SAME_MOMENT_MS,
    SENDING,
    Attempt,
    Folded,
    Happening,
    Marks,
    fold,
    fold_address,
)
from store.vocabulary import Actor, BounceKind, Decision, Delivery, Engagement, EventType, Triage

FACT_READ, FACT_MACHINE, FACT_CLICKED, FACT_REPLIED, FACT_UNSUBSCRIBED, FACT_COMPLAINED = 1, 2, 4, 8, 16, 32
"""Bits of campaign_stat.facts."""

_FACTS = (
    f"(CASE WHEN opened_at IS NOT NULL OR clicked_at IS NOT NULL THEN {FACT_READ}"
    f" WHEN machine_opened_at IS NOT NULL OR machine_clicked_at IS NOT NULL THEN {FACT_MACHINE} ELSE 0 END"
    f" + CASE WHEN clicked_at IS NOT NULL THEN {FACT_CLICKED} ELSE 0 END"
    f" + CASE WHEN replied_at IS NOT NULL THEN {FACT_REPLIED} ELSE 0 END"
    f" + CASE WHEN unsubscribed_at IS NOT NULL THEN {FACT_UNSUBSCRIBED} ELSE 0 END"
    f" + CASE WHEN complained_at IS NOT NULL THEN {FACT_COMPLAINED} ELSE 0 END)"
)

_MIN_FACTS: dict[str, str] = {
    "sent_at": f"type IN ({', '.join(str(t.code) for t in sorted(SENDING))})",
    "delivered_at": f"type = {EventType.DELIVERED.code}",
    "opened_at": f"type = {EventType.OPENED.code} AND actor <> {Actor.MACHINE.code}",
    "machine_opened_at": f"type = {EventType.OPENED.code} AND actor = {Actor.MACHINE.code}",
    "clicked_at": f"type = {EventType.CLICKED.code} AND actor <> {Actor.MACHINE.code}",
    "machine_clicked_at": f"type = {EventType.CLICKED.code} AND actor = {Actor.MACHINE.code}",
    "replied_at": f"type = {EventType.REPLIED.code}",
    "complained_at": f"type = {EventType.COMPLAINED.code}",
    "unsubscribed_at": f"type = {EventType.UNSUBSCRIBED.code}",
}
_FAILURE_CODES = ", ".join(str(t.code) for t in sorted(FAILURES))
_MAX_FACTS: dict[str, str] = {
    "deferred_at": f"type = {EventType.DEFERRED.code}",
    "failed_at": f"type IN ({_FAILURE_CODES})",
    "engaged_at": f"type IN ({EventType.OPENED.code}, {EventType.CLICKED.code}) AND actor <> {Actor.MACHINE.code}"
    f" OR type = {EventType.REPLIED.code}",
}
_OVERRIDDEN = (
    "override IS NOT NULL AND override_at > coalesce(cleared_at, -1) AND override_at >= coalesce(engaged_at, -1)"
)
_SEVERAL = "(coalesce({0}outcome_min, 0) < 0 OR coalesce({0}outcome_min <> {0}outcome_max, FALSE))"
_SEEN = (
    "(engaged_at IS NOT NULL OR machine_opened_at IS NOT NULL OR machine_clicked_at IS NOT NULL"
    " OR complained_at IS NOT NULL)"
)


def touch(store: Store, ids: Iterable[int]) -> None:
    """Make ``ids`` the recipients that :func:`settle` and :func:`absorb` work on."""
    _empty_touched(store)
    store.execute_many("INSERT OR IGNORE INTO touched (id) VALUES (?)", ((i,) for i in ids))


def _empty_touched(store: Store) -> None:
    store.execute("CREATE TEMP TABLE IF NOT EXISTS touched (id INTEGER NOT NULL PRIMARY KEY)")
    store.execute("DELETE FROM touched")


@contextmanager
def counted(store: Store) -> Iterator[None]:
    """Keep ``campaign_stat`` right while the body changes the touched recipients."""
    _count(store, -1)
    yield
    _count(store, +1)
    store.execute("DELETE FROM campaign_stat WHERE n = 0")


def _count(store: Store, sign: int) -> None:
    store.execute(
        "INSERT INTO campaign_stat (campaign_id, delivery, triage, facts, n)"
        f" SELECT campaign_id, delivery, triage, {_FACTS}, {sign} * count(*)"
        " FROM recipient WHERE id IN (SELECT id FROM touched) GROUP BY 1, 2, 3, 4"
        " ON CONFLICT (campaign_id, delivery, triage, facts) DO UPDATE SET n = n + excluded.n"
    )


def recount(store: Store, campaign_id: int) -> None:
    """Count a campaign's recipients anew (after an import)."""
    store.execute("DELETE FROM campaign_stat WHERE campaign_id = ?", (campaign_id,))
    store.execute(
        "INSERT INTO campaign_stat (campaign_id, delivery, triage, facts, n)"
        f" SELECT campaign_id, delivery, triage, {_FACTS}, count(*)"
        " FROM recipient WHERE campaign_id = ? GROUP BY 1, 2, 3, 4",
        (campaign_id,),
    )


def absorb(store: Store, after_event: int) -> int:
    """Merge the events with an id above ``after_event`` into their recipients; return how many were touched."""
    _empty_touched(store)
    store.execute("DROP TABLE IF EXISTS temp.batch")
    columns = [f"min(CASE WHEN {test} THEN ts END) AS {name}" for name, test in _MIN_FACTS.items()]
    columns += [f"max(CASE WHEN {test} THEN ts END) AS {name}" for name, test in _MAX_FACTS.items()]
    clicks = f"type = {EventType.CLICKED.code} AND actor <> {Actor.MACHINE.code}"
    store.execute(
        f"CREATE TEMP TABLE batch AS SELECT recipient_id, {', '.join(columns)},"
        f" sum(CASE WHEN {clicks} THEN 1 ELSE 0 END) AS clicks,"
        " min(outcome) AS outcome_min, max(outcome) AS outcome_max"
        " FROM event WHERE id > ? GROUP BY recipient_id",
        (after_event,),
    )
    store.execute("INSERT INTO touched (id) SELECT recipient_id FROM batch")
    found = store.execute("SELECT count(*) FROM touched").fetchone()[0]
    if not found:
        return 0
    _collect_clickers(store, after_event)
    _date_campaigns(store, after_event)
    with counted(store):
        _merge_facts(store)
        _derive(store)
    _withdraw_consent(store)
    settle_addresses(store)
    return int(found)


def settle(store: Store) -> None:
    """Derive the facets of the touched recipients, their counters and addresses anew (after marks changed)."""
    with counted(store):
        _derive(store)
    settle_addresses(store)


def _merge_facts(store: Store) -> None:
    lower = [*_MIN_FACTS, "outcome_min"]
    upper = [*_MAX_FACTS, "outcome_max"]
    sets = [f"{c} = coalesce(min(recipient.{c}, b.{c}), recipient.{c}, b.{c})" for c in lower]
    sets += [f"{c} = coalesce(max(recipient.{c}, b.{c}), recipient.{c}, b.{c})" for c in upper]
    store.execute(
        f"UPDATE recipient SET {', '.join(sets)}, clicks = recipient.clicks + b.clicks"
        " FROM batch AS b WHERE recipient.id = b.recipient_id"
    )


def _derive(store: Store) -> None:
    store.execute(
        "UPDATE recipient SET bounced_at = NULL, bounce_kind = NULL, reason = NULL, status = NULL, reply = NULL,"
        " partly = FALSE WHERE id IN (SELECT id FROM touched) AND (bounced_at IS NOT NULL OR partly)"
    )
    store.execute(
        "UPDATE recipient SET bounced_at = w.ts, bounce_kind = w.kind, reason = w.reason, status = w.status,"
        f" reply = w.reply, delivery = CASE WHEN w.expired THEN {Delivery.EXPIRED.code}"
        f" WHEN w.type = {EventType.BOUNCED.code} THEN {Delivery.BOUNCED.code} ELSE {Delivery.REJECTED.code} END"
        " FROM (SELECT e.recipient_id, e.ts, e.type, e.expired, e.reason, e.status, e.reply,"
        f" coalesce(e.kind, {BounceKind.UNDETERMINED.code}) AS kind, row_number() OVER (PARTITION BY e.recipient_id"
        f" ORDER BY coalesce(e.kind, {BounceKind.UNDETERMINED.code}) DESC, e.ts DESC, e.type DESC, e.dedupe DESC) AS n"
        " FROM touched AS t CROSS JOIN recipient AS r CROSS JOIN event AS e"
        f" WHERE r.id = t.id AND r.failed_at IS NOT NULL AND NOT {_SEVERAL.format('r.')}"
        f" AND e.recipient_id = r.id AND e.type IN ({_FAILURE_CODES})"
        " AND (r.cleared_at IS NULL OR e.ts > r.cleared_at)"
        f" AND (r.delivered_at IS NULL OR e.ts + {SAME_MOMENT_MS} >= r.delivered_at)"
        " AND (r.engaged_at IS NULL OR e.ts >= r.engaged_at)) AS w"
        " WHERE w.n = 1 AND recipient.id = w.recipient_id"
    )
    store.execute(
        f"UPDATE recipient SET bounced_at = override_at, bounce_kind = override, reason = '{MARKED_BY_OPERATOR}',"
        f" status = NULL, reply = NULL, delivery = {Delivery.BOUNCED.code}"
        f" WHERE id IN (SELECT id FROM touched) AND {_OVERRIDDEN}"
    )
    store.execute(f"UPDATE recipient SET {_FACETS} WHERE id IN (SELECT id FROM touched)")
    _fold_several(store)


_FACETS = (
    "delivery = CASE WHEN bounced_at IS NOT NULL THEN delivery"
    f" WHEN delivered_at IS NOT NULL OR (sent_at IS NOT NULL AND failed_at IS NOT NULL) OR {_SEEN}"
    f" THEN {Delivery.DELIVERED.code}"
    f" WHEN deferred_at IS NOT NULL THEN {Delivery.DEFERRED.code}"
    f" WHEN sent_at IS NOT NULL THEN {Delivery.SENT.code}"
    f" WHEN skip_reason IS NOT NULL THEN {Delivery.SKIPPED.code} ELSE {Delivery.READY.code} END,"
    f" engagement = CASE WHEN complained_at IS NOT NULL THEN {Engagement.COMPLAINED.code}"
    f" WHEN unsubscribed_at IS NOT NULL THEN {Engagement.UNSUBSCRIBED.code}"
    f" WHEN replied_at IS NOT NULL THEN {Engagement.REPLIED.code}"
    f" WHEN clicked_at IS NOT NULL THEN {Engagement.CLICKED.code}"
    f" WHEN opened_at IS NOT NULL THEN {Engagement.OPENED.code}"
    f" WHEN machine_clicked_at IS NOT NULL OR machine_opened_at IS NOT NULL THEN {Engagement.MACHINE.code}"
    f" ELSE {Engagement.NONE.code} END,"
    f" triage = CASE WHEN bounced_at IS NULL THEN CASE WHEN decision IS NOT NULL AND decision <> {Decision.LATER.code}"
    f" THEN {Triage.DONE.code} ELSE {Triage.NONE.code} END"
    f" WHEN decision IS NULL OR decided_at < bounced_at THEN {Triage.OPEN.code}"
    f" WHEN decision = {Decision.LATER.code} THEN {Triage.LATER.code} ELSE {Triage.DONE.code} END"
)


def _fold_several(store: Store) -> None:
    """Run the fold proper on touched recipients with several outcomes."""
    found = store.execute(
        "SELECT id, skip_reason IS NOT NULL, override, override_at, cleared_at, decision, decided_at FROM recipient"
        f" WHERE id IN (SELECT id FROM touched) AND {_SEVERAL.format('')}"
    ).fetchall()
    for recipient, skipped, override, override_at, cleared_at, decision, decided_at in found:
        marks = Marks(
            bool(skipped),
            BounceKind.of(override) if override is not None else None,
            override_at,
            cleared_at,
            Decision.of(decision) if decision is not None else None,
            decided_at,
        )
        state = fold(happenings(store, recipient), marks)
        store.execute(
            "UPDATE recipient SET delivery = ?, triage = ?, partly = ?, bounced_at = ?, bounce_kind = ?, reason = ?,"
            " status = ?, reply = ? WHERE id = ?",
            (*_columns(state), recipient),
        )


def _columns(state: Folded) -> tuple[Any, ...]:
    kind = state.bounce_kind.code if state.bounce_kind else None
    return (
        state.delivery.code,
        state.triage.code,
        state.partly,
        state.bounced_at,
        kind,
        state.reason,
        state.status,
        state.reply,
    )


def happenings(store: Store, recipient_id: int) -> list[Happening]:
    """Return a recipient's events as the fold wants them, by time."""
    found = store.rows(
        "SELECT type, ts, dedupe, address, message_id, kind, expired, reason, status, reply, diagnostic, actor"
        " FROM event WHERE recipient_id = ? ORDER BY ts, id",
        (recipient_id,),
    )
    return [
        Happening(
            type=EventType.of(type_),
            ts=ts,
            dedupe=bytes(dedupe),
            address=address_key(address) if address else "",
            message_id=message_id,
            kind=BounceKind.of(kind) if kind is not None else None,
            expired=bool(expired),
            reason=reason,
            status=status,
            reply=reply,
            diagnostic=diagnostic,
            actor=Actor.of(actor),
        )
        for type_, ts, dedupe, address, message_id, kind, expired, reason, status, reply, diagnostic, actor in found
    ]


def _collect_clickers(store: Store, after_event: int) -> None:
    store.execute(
        "INSERT INTO clicker (campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at)"
        f" SELECT campaign_id, link_id, recipient_id, sum(CASE WHEN actor <> {Actor.MACHINE.code} THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN actor = {Actor.MACHINE.code} THEN 1 ELSE 0 END), min(ts), max(ts)"
        f" FROM event WHERE id > ? AND type = {EventType.CLICKED.code} AND link_id IS NOT NULL GROUP BY 1, 2, 3"
        " ON CONFLICT (campaign_id, link_id, recipient_id) DO UPDATE SET clicks = clicks + excluded.clicks,"
        " machine_clicks = machine_clicks + excluded.machine_clicks,"
        " first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)",
        (after_event,),
    )


def _date_campaigns(store: Store, after_event: int) -> None:
    codes = ", ".join(str(t.code) for t in sorted(SENDING))
    store.execute(
        "UPDATE campaign SET started_at = coalesce(min(started_at, b.first), started_at, b.first),"
        " ended_at = coalesce(max(ended_at, b.last), ended_at, b.last)"
        " FROM (SELECT campaign_id, min(ts) AS first, max(ts) AS last FROM event"
        f" WHERE id > ? AND type IN ({codes}) GROUP BY campaign_id) AS b WHERE campaign.id = b.campaign_id",
        (after_event,),
    )


def _withdraw_consent(store: Store) -> None:
    """A complaint or an unsubscription is a withdrawal of consent (RFC 8058, section 1; GDPR, article 7(3))."""
    store.execute(
        "UPDATE contact SET consent = FALSE WHERE (consent IS NULL OR consent) AND id IN"
        " (SELECT r.contact_id FROM batch AS b JOIN recipient AS r ON r.id = b.recipient_id"
        " WHERE b.complained_at IS NOT NULL OR b.unsubscribed_at IS NOT NULL)"
    )


def settle_addresses(store: Store) -> None:
    """Fold the addresses of the touched recipients anew, where there is something to say of them."""
    found = store.execute(
        "SELECT DISTINCT r.address_key FROM touched AS t JOIN recipient AS r ON r.id = t.id"
        " WHERE r.failed_at IS NOT NULL OR r.override IS NOT NULL OR r.complained_at IS NOT NULL"
        " OR r.unsubscribed_at IS NOT NULL OR r.address_key IN (SELECT key FROM address)"
    ).fetchall()
    settle_address_keys(store, [key for (key,) in found])


def settle_address_keys(store: Store, keys: list[str]) -> None:
    """Fold these addresses anew from all their recipients and the operators' blocks."""
    attempts: dict[str, list[Attempt]] = defaultdict(list)
    written: dict[str, str] = {}
    sql = (
        "SELECT address_key, address, campaign_id, delivery, bounce_kind,"
        " coalesce(bounced_at, delivered_at, sent_at, engaged_at, 0), complained_at, unsubscribed_at FROM recipient"
        f" WHERE address_key IN ({{}}) AND (delivery >= {Delivery.DELIVERED.code} OR complained_at IS NOT NULL"
        " OR unsubscribed_at IS NOT NULL) ORDER BY id"
    )
    for key, address, campaign, delivery, kind, at, complained_at, unsubscribed_at in store.among(sql, keys):
        failed = delivery > Delivery.DELIVERED.code
        known = BounceKind.of(kind) if kind is not None else None
        attempts[key].append(Attempt(at, campaign, failed, known, complained_at, unsubscribed_at))
        written.setdefault(key, address)
    blocks = dict(store.among("SELECT key, operator_blocked_at FROM address WHERE key IN ({})", keys))
    states = {key: fold_address(attempts.get(key, []), blocks.get(key)) for key in keys}
    store.execute_many(
        "INSERT INTO address (key, address, consecutive, last_bounce_at, last_success_at, blocked_at, block_reason,"
        " unsubscribed_at, complained_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
        " consecutive = excluded.consecutive, last_bounce_at = excluded.last_bounce_at,"
        " last_success_at = excluded.last_success_at, blocked_at = excluded.blocked_at,"
        " block_reason = excluded.block_reason, unsubscribed_at = excluded.unsubscribed_at,"
        " complained_at = excluded.complained_at",
        [
            (
                key,
                written.get(key, key),
                state.consecutive,
                state.last_bounce_at,
                state.last_success_at,
                state.blocked_at,
                state.block_reason.code if state.block_reason else None,
                state.unsubscribed_at,
                state.complained_at,
            )
            for key, state in states.items()
        ],
    )
