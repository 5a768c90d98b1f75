"""How addresses stand over all campaigns: folded anew whenever something happened to one of their recipients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from store.database import Store
from store.fold import AddressState, Attempt, fold_address
from store.policy import Policy
from store.queries.policy import load
from store.vocabulary import BlockReason, BounceKind, Decision, Delivery, Triage

_SOME = 5000
TELLING = (
    "r.failed_at IS NOT NULL OR r.override IS NOT NULL OR r.complained_at IS NOT NULL OR r.unsubscribed_at IS NOT NULL"
)
"""What of a recipient is worth a row for its address."""


def settle_touched(store: Store) -> None:
    """Fold the addresses of the touched recipients anew, where there is something to say of them."""
    # The + keeps SQLite from walking the whole index on addresses, since that would give each of them once.
    found = store.execute(
        "SELECT DISTINCT +r.address_key FROM recipient AS r WHERE r.id IN (SELECT id FROM touched)"
        f" AND ({TELLING} OR r.address_key IN (SELECT key FROM address))"
    ).fetchall()
    settle_keys(store, [key for (key,) in found])


def settle_all(store: Store) -> None:
    """Fold every address anew of which there is something to say (the policy changed)."""
    for keys in known_keys(store):
        settle_keys(store, keys)


def known_keys(store: Store) -> Iterator[list[str]]:
    """Yield the keys of all addresses of which there is something to say, some thousands at a time, in their order."""
    last = ""
    while keys := [
        key
        for (key,) in store.execute(
            "SELECT key FROM address WHERE key > ? ORDER BY key LIMIT ?", (last, _SOME)
        ).fetchall()
    ]:
        yield keys
        last = keys[-1]


def states_under(store: Store, keys: Sequence[str], policy: Policy) -> dict[str, tuple[str, AddressState]]:
    """Return key -> (the address as it was written, how it stands under a policy); nothing is changed."""
    attempts: dict[str, list[Attempt]] = defaultdict(list)
    written: dict[str, str] = {}
    sql = (
        "SELECT address_key, address, campaign_id, delivery, bounce_kind,"
        " coalesce(bounced_at, delivered_at, sent_at, engaged_at, 0), complained_at, unsubscribed_at,"
        f" coalesce(decision, 0) = {Decision.EXCUSED.code} AND triage = {Triage.DONE.code} FROM recipient"
        " WHERE address_key IN ({}) ORDER BY id"
    )
    for key, address, campaign, delivery, kind, at, complained_at, unsubscribed_at, excused in store.among(sql, keys):
        # As the first list wrote it, whoever of them was the first of whom something was told.
        written.setdefault(key, address)
        if delivery < Delivery.DELIVERED.code and complained_at is None and unsubscribed_at is None:
            continue
        failed = delivery > Delivery.DELIVERED.code
        known = BounceKind.of(kind) if kind is not None else None
        attempts[key].append(Attempt(at, campaign, failed, known, complained_at, unsubscribed_at, bool(excused)))
    blocks = {
        key: (at, BlockReason.of(reason) if reason is not None else None, freed_at)
        for key, at, reason, freed_at in store.among(
            "SELECT key, operator_blocked_at, operator_reason, operator_freed_at FROM address WHERE key IN ({})", keys
        )
    }
    return {
        key: (written.get(key, key), fold_address(attempts.get(key, []), *blocks.get(key, ()), policy=policy))
        for key in keys
    }


def settle_keys(store: Store, keys: Sequence[str]) -> None:
    """Fold these addresses anew from all their recipients and the operators' blocks."""
    states = states_under(store, keys, load(store))
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
                address,
                state.consecutive,
                state.last_bounce_at,
                state.last_success_at,
                state.blocked_at,
                state.block_reason.code if state.block_reason else None,
                state.unsubscribed_at,
                state.complained_at,
            )
            for key, (address, state) in states.items()
        ],
    )


def forget_silent(store: Store, keys: Sequence[str]) -> None:
    """Drop the rows of these addresses if there is nothing to say of them any more and the journal tells of none."""
    store.execute_many(
        "DELETE FROM address WHERE key = ? AND operator_blocked_at IS NULL AND NOT EXISTS (SELECT 1 FROM recipient AS r"
        f" WHERE r.address_key = address.key AND ({TELLING})) AND NOT EXISTS (SELECT 1 FROM journal_line"
        " WHERE subject = 'address' AND subject_id = address.id)",
        [(key,) for key in keys],
    )
