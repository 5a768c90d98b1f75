"""How most addresses stand, told by one statement for all of them.

An address is plain if one mail at most failed, nobody complained or unsubscribed, and no operator blocked or freed it.
:func:`store.fold.fold_address` says the same of those, and of all others; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable

from store.database import Store
from store.policy import Policy
from store.vocabulary import BlockReason, BounceKind, Decision, Delivery, Triage

_TABLES = (
    "addressed (n INTEGER NOT NULL PRIMARY KEY, key TEXT NOT NULL, telling INTEGER NOT NULL)",
    "stands (n INTEGER NOT NULL PRIMARY KEY, id INTEGER, first INTEGER, consecutive INTEGER, last_bounce_at INTEGER,"
    " last_success_at INTEGER, blocked_at INTEGER, block_reason INTEGER)",
)
_AT = "coalesce(r.bounced_at, r.delivered_at, r.sent_at, r.engaged_at, 0)"
_FAILED = f"r.delivery > {Delivery.DELIVERED.code}"
_EXCUSED = f"(coalesce(r.decision, 0) = {Decision.EXCUSED.code} AND r.triage = {Triage.DONE.code})"
_GATHERED = (
    "SELECT k.n AS n, max(k.telling) AS telling, max(a.id) AS id, min(r.id) AS first,"
    f" max(CASE WHEN r.delivery = {Delivery.DELIVERED.code} THEN {_AT} END) AS success,"
    f" max(CASE WHEN {_FAILED} THEN {_AT} END) AS failure,"
    f" max(CASE WHEN {_FAILED} AND r.bounce_kind IN ({{counts}}) AND NOT {_EXCUSED} THEN r.bounce_kind END) AS kind,"
    f" sum(CASE WHEN {_FAILED} THEN 1 ELSE 0 END) AS failures, max(CASE WHEN r.complained_at IS NOT NULL"
    " OR r.unsubscribed_at IS NOT NULL OR a.operator_blocked_at IS NOT NULL OR a.operator_freed_at IS NOT NULL"
    " THEN 1 ELSE 0 END) AS special FROM addressed AS k LEFT JOIN address AS a ON a.key = k.key"
    " CROSS JOIN recipient AS r ON r.address_key = k.key GROUP BY k.n"
)
_STATE = ("consecutive", "last_bounce_at", "last_success_at", "blocked_at", "block_reason")
_DIFFERS = " OR ".join(
    [f"address.{column} IS NOT s.{column}" for column in _STATE]
    + ["address.unsubscribed_at IS NOT NULL", "address.complained_at IS NOT NULL"]
)


def settle_plain(store: Store, policy: Policy, telling: Iterable[str], silent: Iterable[str]) -> list[str]:
    """Write how plain addresses stand; return the others, which have to be folded, in their order.

    Args:
        store: the open store; the caller's transaction.
        policy: the policy that holds.
        telling: keys of addresses that get a row if they have none.
        silent: keys of others.
    """
    told = set(telling)
    keys = sorted(told.union(silent))
    if not keys:
        return []
    for table in _TABLES:
        name = table.split()[0]
        store.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table}")
        store.execute(f"DELETE FROM temp.{name}")
    store.insert_rows("addressed", ("n", "key", "telling"), ((n, key, int(key in told)) for n, key in enumerate(keys)))
    store.gauge("addressed")
    store.execute(
        f"INSERT INTO stands (n, id, first, {', '.join(_STATE)}) SELECT n, id, first, {_folded(policy)}"
        f" FROM ({_gathered(policy)}) WHERE special = 0 AND failures < 2"
        " AND (id IS NOT NULL OR telling = 1) AND (success IS NULL OR failure IS NULL OR success <> failure)"
    )
    store.gauge("stands")
    store.execute(
        f"UPDATE address SET {', '.join(f'{column} = s.{column}' for column in _STATE)},"
        f" unsubscribed_at = NULL, complained_at = NULL FROM stands AS s WHERE address.id = s.id AND ({_DIFFERS})"
    )
    store.execute(
        f"INSERT INTO address (key, address, {', '.join(_STATE)}) SELECT r.address_key, r.address,"
        f" {', '.join(f's.{column}' for column in _STATE)} FROM stands AS s CROSS JOIN recipient AS r ON r.id = s.first"
        " WHERE s.id IS NULL ORDER BY s.n"
    )
    others = store.execute(
        "SELECT k.key FROM addressed AS k WHERE k.n NOT IN (SELECT n FROM stands)"
        " AND (k.telling = 1 OR EXISTS (SELECT 1 FROM address AS a WHERE a.key = k.key)) ORDER BY k.n"
    ).fetchall()
    return [key for (key,) in others]


def _gathered(policy: Policy) -> str:
    return _GATHERED.format(counts=", ".join(str(kind.code) for kind in sorted(policy.counts)) or "NULL")


def _folded(policy: Policy) -> str:
    """Return the SQL of the columns of :data:`_STATE`, from what was gathered of an address."""
    passed = "kind IS NULL OR failure <= coalesce(success, -1)"
    reasons = [f"WHEN {passed} THEN CAST(NULL AS INTEGER)"]
    if policy.hard_blocks:
        reasons.append(f"WHEN kind = {BounceKind.HARD.code} THEN {BlockReason.HARD_BOUNCE.code}")
    if policy.block_after == 1:
        reasons.append(f"WHEN TRUE THEN {BlockReason.BOUNCES_IN_A_ROW.code}")
    reason = f"CASE {' '.join(reasons)} ELSE NULL END"
    consecutive = f"CASE WHEN {passed} THEN 0 ELSE 1 END"
    return f"{consecutive}, failure, success, CASE WHEN {reason} IS NOT NULL THEN failure END, {reason}"
