"""The fold in SQL, for many recipients at once; and the counters, which change here and nowhere else.

Callers fill the temporary table ``touched`` (:func:`touch`) inside their transaction, then call :func:`settle` after
marks changed; after events were inserted, :mod:`store.merging` does both. Recipients with several outcomes go through
:mod:`store.fold` one by one; they are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from store.addresses import address_key
from store.database import Store
from store.fold import (
    FAILURES,
    SAME_MOMENT_MS,
    Folded,
    Happening,
    Marks,
    fold,
)
from store.standing import settle_touched
from store.vocabulary import (
    FACT_CLICKED,
    FACT_COMPLAINED,
    FACT_MACHINE,
    FACT_READ,
    FACT_REPLIED,
    FACT_UNSUBSCRIBED,
    MARKED_BY_OPERATOR,
    Actor,
    BounceKind,
    Decision,
    Delivery,
    Engagement,
    EventType,
    Triage,
)

FACTS = (
    f"(CASE WHEN opened_at IS NOT NULL OR clicked_at IS NOT NULL THEN {FACT_READ}"
    f" WHEN machine_opened_at IS NOT NULL OR machine_clicked_at IS NOT NULL THEN {FACT_MACHINE} ELSE 0 END"
    f" + CASE WHEN clicked_at IS NOT NULL THEN {FACT_CLICKED} ELSE 0 END"
    f" + CASE WHEN replied_at IS NOT NULL THEN {FACT_REPLIED} ELSE 0 END"
    f" + CASE WHEN unsubscribed_at IS NOT NULL THEN {FACT_UNSUBSCRIBED} ELSE 0 END"
    f" + CASE WHEN complained_at IS NOT NULL THEN {FACT_COMPLAINED} ELSE 0 END)"
)

_FAILURE_CODES = ", ".join(str(t.code) for t in sorted(FAILURES))
_OVERRIDDEN = (
    "override IS NOT NULL AND override_at > coalesce(cleared_at, -1) AND override_at >= coalesce(engaged_at, -1)"
)
_ANEW = f"(coalesce(r.decision, 0) = {Decision.EXCUSED.code} AND e.ts > r.decided_at)"
SEVERAL = "(coalesce({0}outcome_min, 0) < 0 OR coalesce({0}outcome_min <> {0}outcome_max, FALSE))"
_SEEN = (
    "(engaged_at IS NOT NULL OR machine_opened_at IS NOT NULL OR machine_clicked_at IS NOT NULL"
    " OR complained_at IS NOT NULL)"
)


UNFAILED = (
    f"CASE WHEN delivered_at IS NOT NULL OR (sent_at IS NOT NULL AND failed_at IS NOT NULL) OR {_SEEN}"
    f" THEN {Delivery.DELIVERED.code}"
    f" WHEN deferred_at IS NOT NULL THEN {Delivery.DEFERRED.code}"
    f" WHEN sent_at IS NOT NULL THEN {Delivery.SENT.code}"
    f" WHEN skip_reason IS NOT NULL THEN {Delivery.SKIPPED.code} ELSE {Delivery.READY.code} END"
)
"""How the delivery stands if no failure counts."""

DELIVERY = f"CASE WHEN bounced_at IS NOT NULL THEN delivery ELSE {UNFAILED} END"
ENGAGEMENT = (
    f"CASE WHEN complained_at IS NOT NULL THEN {Engagement.COMPLAINED.code}"
    f" WHEN unsubscribed_at IS NOT NULL THEN {Engagement.UNSUBSCRIBED.code}"
    f" WHEN replied_at IS NOT NULL THEN {Engagement.REPLIED.code}"
    f" WHEN clicked_at IS NOT NULL THEN {Engagement.CLICKED.code}"
    f" WHEN opened_at IS NOT NULL THEN {Engagement.OPENED.code}"
    f" WHEN machine_clicked_at IS NOT NULL OR machine_opened_at IS NOT NULL THEN {Engagement.MACHINE.code}"
    f" ELSE {Engagement.NONE.code} END"
)
TRIAGE = (
    f"CASE WHEN bounced_at IS NULL THEN CASE WHEN decision IS NOT NULL AND decision <> {Decision.LATER.code}"
    f" THEN {Triage.DONE.code} ELSE {Triage.NONE.code} END"
    f" WHEN decision IS NULL OR decided_at < bounced_at THEN {Triage.OPEN.code}"
    f" WHEN decision = {Decision.LATER.code} THEN {Triage.LATER.code} ELSE {Triage.DONE.code} END"
)


def touch(store: Store, ids: Iterable[int]) -> None:
    """Make ``ids`` the recipients that :func:`settle` works on."""
    empty_touched(store)
    store.execute_many("INSERT OR IGNORE INTO touched (id) VALUES (?)", ((i,) for i in ids))


def empty_touched(store: Store) -> None:
    """Empty the temporary table ``touched``, made if it is missing."""
    store.execute("CREATE TEMP TABLE IF NOT EXISTS touched (id INTEGER NOT NULL PRIMARY KEY)")
    store.execute("DELETE FROM temp.touched")


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
        f" SELECT campaign_id, delivery, triage, {FACTS}, {sign} * count(*)"
        " FROM recipient WHERE id IN (SELECT id FROM touched) GROUP BY 1, 2, 3, 4"
        " ON CONFLICT (campaign_id, delivery, triage, facts) DO UPDATE SET n = campaign_stat.n + excluded.n"
    )


def add(store: Store, numbers: Mapping[tuple[int, int, int, int], int]) -> None:
    """Add to counters: (campaign, delivery, triage, facts) -> how many more, or less."""
    store.execute_many(
        "INSERT INTO campaign_stat (campaign_id, delivery, triage, facts, n) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (campaign_id, delivery, triage, facts) DO UPDATE SET n = campaign_stat.n + excluded.n",
        [(*key, number) for key, number in sorted(numbers.items()) if number],
    )
    store.execute("DELETE FROM campaign_stat WHERE n = 0")


def recount(store: Store, campaign_id: int) -> None:
    """Count a campaign's recipients anew (after an import)."""
    store.execute("DELETE FROM campaign_stat WHERE campaign_id = ?", (campaign_id,))
    store.execute(
        "INSERT INTO campaign_stat (campaign_id, delivery, triage, facts, n)"
        f" SELECT campaign_id, delivery, triage, {FACTS}, count(*)"
        " FROM recipient WHERE campaign_id = ? GROUP BY 1, 2, 3, 4",
        (campaign_id,),
    )


def settle(store: Store) -> None:
    """Derive the facets of the touched recipients, their counters and addresses anew (after marks changed)."""
    with counted(store):
        facets(store)
    settle_touched(store)


def facets(store: Store) -> None:
    """Derive the facets of the touched recipients, and the failure that counts, from their facts and marks."""
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
    # A column that is set has its index entries taken out and put back, also where its value stays.
    store.execute(
        f"UPDATE recipient SET delivery = {DELIVERY} WHERE id IN (SELECT id FROM touched) AND delivery <> {DELIVERY}"
    )
    store.execute(
        f"UPDATE recipient SET engagement = {ENGAGEMENT}, triage = {TRIAGE} WHERE id IN (SELECT id FROM touched)"
        f" AND (engagement <> {ENGAGEMENT} OR triage <> {TRIAGE})"
    )
    _fold_several(store)


def _choose_failures(store: Store) -> None:
    """Write the failure that counts onto the touched recipients that have one.

    ``IN (SELECT …)`` instead of joins: SQLite would build a Bloom filter over the whole recipient table for a join.
    """
    kind = f"coalesce(e.kind, {BounceKind.UNDETERMINED.code})"
    store.execute(
        "CREATE TEMP TABLE IF NOT EXISTS failure"
        " (id INTEGER NOT NULL PRIMARY KEY, ts INTEGER, delivery INTEGER, kind INTEGER, reason TEXT, status TEXT,"
        " reply INTEGER)"
    )
    store.execute("DELETE FROM temp.failure")
    store.execute(
        "INSERT INTO failure SELECT recipient_id, ts, delivery, kind, reason, status, reply FROM"
        f" (SELECT e.recipient_id, e.ts, CASE WHEN e.expired THEN {Delivery.EXPIRED.code}"
        f" WHEN e.type = {EventType.BOUNCED.code} THEN {Delivery.BOUNCED.code} ELSE {Delivery.REJECTED.code}"
        f" END AS delivery, {kind} AS kind, e.reason, e.status, e.reply, row_number() OVER"
        f" (PARTITION BY e.recipient_id ORDER BY {_ANEW} DESC, {kind} DESC, e.ts DESC, e.type DESC, e.dedupe DESC)"
        " AS n"
        " FROM recipient AS r CROSS JOIN event AS e ON e.recipient_id = r.id"
        f" WHERE r.id IN (SELECT id FROM touched) AND r.failed_at IS NOT NULL AND NOT {SEVERAL.format('r.')}"
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
        f" WHERE id IN (SELECT id FROM touched) AND {SEVERAL.format('')}"
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
        "SELECT type, ts, dedupe, address, message_id, kind, expired, reason, status, reply, diagnostic, actor,"
        " times FROM event WHERE recipient_id = ? ORDER BY ts, id",
        (recipient_id,),
    )
    return [happening(*row) for row in found]


def happening(
    type_: int,
    ts: int,
    dedupe: bytes,
    address: str | None,
    message_id: str | None,
    kind: int | None,
    expired: int,
    reason: str | None,
    status: str | None,
    reply: int | None,
    diagnostic: str | None,
    actor: int,
    times: int,
) -> Happening:
    """Return an event as the fold wants it, from its columns."""
    return Happening(
        EventType.of(type_),
        ts,
        bytes(dedupe),
        address_key(address) if address else "",
        message_id,
        None if kind is None else BounceKind.of(kind),
        bool(expired),
        reason,
        status,
        reply,
        diagnostic,
        Actor.of(actor),
        times,
    )
