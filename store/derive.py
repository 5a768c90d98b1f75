"""The fold in SQL, for many recipients at once; and the counters, which change here and nowhere else.

Callers fill the temporary table ``touched`` (:func:`touch`) inside their transaction, then call :func:`settle` (after
marks changed) or :func:`absorb` (after events were inserted). Recipients with several outcomes go through
:mod:`store.fold` one by one; they are few.
"""

from __future__ import annotations

import re
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
    Folded,
    Happening,
    Marks,
    fold,
)
from store.standing import settle_keys, settle_touched
from store.vocabulary import (
    FACT_CLICKED,
    FACT_COMPLAINED,
    FACT_MACHINE,
    FACT_READ,
    FACT_REPLIED,
    FACT_UNSUBSCRIBED,
    Actor,
    BounceKind,
    Decision,
    Delivery,
    Engagement,
    EventType,
    Triage,
)

_FACTS = (
    f"(CASE WHEN opened_at IS NOT NULL OR clicked_at IS NOT NULL THEN {FACT_READ}"
    f" WHEN machine_opened_at IS NOT NULL OR machine_clicked_at IS NOT NULL THEN {FACT_MACHINE} ELSE 0 END"
    f" + CASE WHEN clicked_at IS NOT NULL THEN {FACT_CLICKED} ELSE 0 END"
    f" + CASE WHEN replied_at IS NOT NULL THEN {FACT_REPLIED} ELSE 0 END"
    f" + CASE WHEN unsubscribed_at IS NOT NULL THEN {FACT_UNSUBSCRIBED} ELSE 0 END"
    f" + CASE WHEN complained_at IS NOT NULL THEN {FACT_COMPLAINED} ELSE 0 END)"
)

_FACTS_OF_R = re.sub(r"\b(\w+_at)\b", r"r.\1", _FACTS)
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
_ANEW = f"(coalesce(r.decision, 0) = {Decision.EXCUSED.code} AND e.ts > r.decided_at)"
_SEVERAL = "(coalesce({0}outcome_min, 0) < 0 OR coalesce({0}outcome_min <> {0}outcome_max, FALSE))"
_SEEN = (
    "(engaged_at IS NOT NULL OR machine_opened_at IS NOT NULL OR machine_clicked_at IS NOT NULL"
    " OR complained_at IS NOT NULL)"
)


_DELIVERY = (
    "CASE WHEN bounced_at IS NOT NULL THEN delivery"
    f" WHEN delivered_at IS NOT NULL OR (sent_at IS NOT NULL AND failed_at IS NOT NULL) OR {_SEEN}"
    f" THEN {Delivery.DELIVERED.code}"
    f" WHEN deferred_at IS NOT NULL THEN {Delivery.DEFERRED.code}"
    f" WHEN sent_at IS NOT NULL THEN {Delivery.SENT.code}"
    f" WHEN skip_reason IS NOT NULL THEN {Delivery.SKIPPED.code} ELSE {Delivery.READY.code} END"
)
_ENGAGEMENT = (
    f"CASE WHEN complained_at IS NOT NULL THEN {Engagement.COMPLAINED.code}"
    f" WHEN unsubscribed_at IS NOT NULL THEN {Engagement.UNSUBSCRIBED.code}"
    f" WHEN replied_at IS NOT NULL THEN {Engagement.REPLIED.code}"
    f" WHEN clicked_at IS NOT NULL THEN {Engagement.CLICKED.code}"
    f" WHEN opened_at IS NOT NULL THEN {Engagement.OPENED.code}"
    f" WHEN machine_clicked_at IS NOT NULL OR machine_opened_at IS NOT NULL THEN {Engagement.MACHINE.code}"
    f" ELSE {Engagement.NONE.code} END"
)
_TRIAGE = (
    f"CASE WHEN bounced_at IS NULL THEN CASE WHEN decision IS NOT NULL AND decision <> {Decision.LATER.code}"
    f" THEN {Triage.DONE.code} ELSE {Triage.NONE.code} END"
    f" WHEN decision IS NULL OR decided_at < bounced_at THEN {Triage.OPEN.code}"
    f" WHEN decision = {Decision.LATER.code} THEN {Triage.LATER.code} ELSE {Triage.DONE.code} END"
)
_FACETS_OF_MERGED = "delivery = m.delivery_after, engagement = m.engagement_after, triage = m.triage_after"
_MERGED_KEYS = (
    "SELECT DISTINCT address_key FROM merged WHERE NOT plain OR complained_at IS NOT NULL"
    " OR unsubscribed_at IS NOT NULL OR address_key IN (SELECT key FROM address)"
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
    """Merge the events with an id above ``after_event`` into their recipients; return how many were touched.

    Recipients that nothing speaks against (no failure, no mark, one outcome) are settled in the pass that merges
    their facts; the others go through the same steps as after a mark.
    """
    _gather(store, after_event)
    _merge(store)
    found = store.execute("SELECT count(*) FROM merged").fetchone()[0]
    if not found:
        return 0
    _collect_clickers(store, after_event)
    _date_campaigns(store, after_event)
    _count_merged(store, -1, "delivery_before, triage_before, facts_before")
    _write_facts(store, "m.plain", f", {_FACETS_OF_MERGED}")
    _count_merged(store, +1, "delivery_after, triage_after, facts_after")
    _empty_touched(store)
    store.execute("INSERT INTO touched (id) SELECT id FROM merged WHERE NOT plain")
    with counted(store):
        _write_facts(store, "NOT m.plain", "")
        _derive(store)
    _withdraw_consent(store)
    settle_keys(store, [key for (key,) in store.execute(_MERGED_KEYS).fetchall()])
    return int(found)


def _gather(store: Store, after_event: int) -> None:
    """Put the facts that new events bring into the temporary table ``batch``, a row a recipient."""
    columns = [f"min(CASE WHEN {test} THEN ts END) AS {name}" for name, test in _MIN_FACTS.items()]
    columns += [f"max(CASE WHEN {test} THEN ts END) AS {name}" for name, test in _MAX_FACTS.items()]
    clicks = f"type = {EventType.CLICKED.code} AND actor <> {Actor.MACHINE.code}"
    store.execute("DROP TABLE IF EXISTS temp.batch")
    store.execute(
        f"CREATE TEMP TABLE batch AS SELECT recipient_id, {', '.join(columns)},"
        f" sum(CASE WHEN {clicks} THEN 1 ELSE 0 END) AS clicks,"
        " min(outcome) AS outcome_min, max(outcome) AS outcome_max"
        " FROM event WHERE id > ? GROUP BY +recipient_id",
        (after_event,),
    )


def _merge(store: Store) -> None:
    """Join ``batch`` with what the recipients hold into ``merged``: facts, and the facets before and after."""
    lower = [f"coalesce(min(r.{c}, b.{c}), r.{c}, b.{c}) AS {c}" for c in (*_MIN_FACTS, "outcome_min")]
    upper = [f"coalesce(max(r.{c}, b.{c}), r.{c}, b.{c}) AS {c}" for c in (*_MAX_FACTS, "outcome_max")]
    store.execute("DROP TABLE IF EXISTS temp.merged")
    store.execute(
        "CREATE TEMP TABLE merged AS SELECT *, failed_at IS NULL AND NOT marked"
        f" AND NOT {_SEVERAL.format('')} AS plain, {_DELIVERY} AS delivery_after, {_ENGAGEMENT} AS engagement_after,"
        f" {_TRIAGE} AS triage_after, {_FACTS} AS facts_after FROM (SELECT r.id, r.campaign_id, r.address_key,"
        " r.skip_reason, r.delivery, r.bounced_at, r.decision, r.decided_at, r.clicks + b.clicks AS clicks,"
        " r.override IS NOT NULL OR r.partly AS marked, r.delivery AS delivery_before, r.triage AS triage_before,"
        f" {_FACTS_OF_R} AS facts_before, {', '.join([*lower, *upper])}"
        " FROM batch AS b CROSS JOIN recipient AS r WHERE r.id = b.recipient_id)"
    )


def _count_merged(store: Store, sign: int, columns: str) -> None:
    store.execute(
        "INSERT INTO campaign_stat (campaign_id, delivery, triage, facts, n)"
        f" SELECT campaign_id, {columns}, {sign} * count(*) FROM merged WHERE plain GROUP BY campaign_id, {columns}"
        " ON CONFLICT (campaign_id, delivery, triage, facts) DO UPDATE SET n = n + excluded.n"
    )


def _write_facts(store: Store, which: str, more: str) -> None:
    sets = ", ".join(f"{c} = m.{c}" for c in (*_MIN_FACTS, *_MAX_FACTS, "outcome_min", "outcome_max", "clicks"))
    store.execute(f"UPDATE recipient SET {sets}{more} FROM merged AS m WHERE {which} AND recipient.id = m.id")


def settle(store: Store) -> None:
    """Derive the facets of the touched recipients, their counters and addresses anew (after marks changed)."""
    with counted(store):
        _derive(store)
    settle_touched(store)


def _derive(store: Store) -> None:
    store.execute(
        "UPDATE recipient SET bounced_at = NULL, bounce_kind = NULL, reason = NULL, status = NULL, reply = NULL,"
        " partly = FALSE WHERE id IN (SELECT id FROM touched) AND (bounced_at IS NOT NULL OR partly)"
    )
    _choose_failures(store)
    store.execute(
        f"UPDATE recipient SET bounced_at = override_at, bounce_kind = override, reason = '{MARKED_BY_OPERATOR}',"
        f" status = NULL, reply = NULL, delivery = {Delivery.BOUNCED.code}"
        f" WHERE id IN (SELECT id FROM touched) AND {_OVERRIDDEN}"
    )
    store.execute(
        f"UPDATE recipient SET delivery = {_DELIVERY}, engagement = {_ENGAGEMENT}, triage = {_TRIAGE}"
        " WHERE id IN (SELECT id FROM touched)"
    )
    _fold_several(store)


def _choose_failures(store: Store) -> None:
    """Write the failure that counts onto the touched recipients that have one.

    ``IN (SELECT …)`` instead of joins: SQLite would build a Bloom filter over the whole recipient table for a join.
    """
    kind = f"coalesce(e.kind, {BounceKind.UNDETERMINED.code})"
    store.execute("DROP TABLE IF EXISTS temp.failure")
    store.execute(
        "CREATE TEMP TABLE failure (id INTEGER NOT NULL PRIMARY KEY, ts, delivery, kind, reason, status, reply)"
    )
    store.execute(
        "INSERT INTO failure SELECT recipient_id, ts, delivery, kind, reason, status, reply FROM"
        f" (SELECT e.recipient_id, e.ts, CASE WHEN e.expired THEN {Delivery.EXPIRED.code}"
        f" WHEN e.type = {EventType.BOUNCED.code} THEN {Delivery.BOUNCED.code} ELSE {Delivery.REJECTED.code}"
        f" END AS delivery, {kind} AS kind, e.reason, e.status, e.reply, row_number() OVER"
        f" (PARTITION BY e.recipient_id ORDER BY {_ANEW} DESC, {kind} DESC, e.ts DESC, e.type DESC, e.dedupe DESC)"
        " AS n"
        " FROM recipient AS r CROSS JOIN event AS e ON e.recipient_id = r.id"
        f" WHERE r.id IN (SELECT id FROM touched) AND r.failed_at IS NOT NULL AND NOT {_SEVERAL.format('r.')}"
        f" AND e.type IN ({_FAILURE_CODES}) AND (r.cleared_at IS NULL OR e.ts > r.cleared_at)"
        f" AND (r.delivered_at IS NULL OR e.ts + {SAME_MOMENT_MS} >= r.delivered_at)"
        " AND (r.engaged_at IS NULL OR e.ts >= r.engaged_at)) AS counting WHERE n = 1"
    )
    store.execute(
        "UPDATE recipient SET (bounced_at, delivery, bounce_kind, reason, status, reply) ="
        " (SELECT ts, delivery, kind, reason, status, reply FROM failure WHERE failure.id = recipient.id)"
        " WHERE id IN (SELECT id FROM failure)"
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
    leaving = store.execute(
        "SELECT recipient_id FROM batch WHERE complained_at IS NOT NULL OR unsubscribed_at IS NOT NULL"
    ).fetchall()
    contacts = store.among("SELECT contact_id FROM recipient WHERE id IN ({})", [id_ for (id_,) in leaving])
    store.execute_many(
        "UPDATE contact SET consent = FALSE WHERE id = ? AND (consent IS NULL OR consent)", list(contacts)
    )
