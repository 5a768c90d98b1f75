"""How addresses stand over all campaigns: folded anew whenever something happened to one of their recipients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from store.database import Store
from store.fold import AddressState, Attempt, fold_address
from store.plain_standing import settle_plain
from store.policy import Policy
from store.queries.policy import load
from store.vocabulary import BlockReason, BounceKind, Decision, Delivery, Triage

_SOME = 5000
_DELIVERED = Delivery.DELIVERED.code
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


class _Held(NamedTuple):
    """The row of an address: its number, what an operator said, and how it stands."""

    id: int
    blocked_at: int | None
    reason: BlockReason | None
    freed_at: int | None
    state: AddressState


def states_under(store: Store, keys: Sequence[str], policy: Policy) -> dict[str, tuple[str, AddressState]]:
    """Return key -> (the address as it was written, how it stands under a policy); nothing is changed."""
    return _states(store, keys, policy, _held(store, keys))


def _held(store: Store, keys: Sequence[str]) -> dict[str, _Held]:
    """Return key -> the row, of these addresses that have one."""
    sql = (
        f"SELECT key, id, operator_blocked_at, operator_reason, operator_freed_at, {', '.join(AddressState._fields)}"
        " FROM address WHERE key IN ({})"
    )
    found = {}
    for key, id_, at, said, freed_at, failures, bounced, success, blocked, reason, left, complained in store.among(
        sql, sorted(keys)
    ):
        state = AddressState(failures, bounced, success, blocked, _reason(reason), left, complained)
        found[key] = _Held(id_, at, _reason(said), freed_at, state)
    return found


def _reason(code: int | None) -> BlockReason | None:
    return None if code is None else BlockReason.of(code)


def _states(
    store: Store, keys: Sequence[str], policy: Policy, held: Mapping[str, _Held]
) -> dict[str, tuple[str, AddressState]]:
    attempts: dict[str, list[Attempt]] = defaultdict(list)
    written: dict[str, tuple[int, str]] = {}
    sql = (
        "SELECT address_key, id, address, campaign_id, delivery, bounce_kind,"
        " coalesce(bounced_at, delivered_at, sent_at, engaged_at, 0), complained_at, unsubscribed_at,"
        f" coalesce(decision, 0) = {Decision.EXCUSED.code} AND triage = {Triage.DONE.code} FROM recipient"
        " WHERE address_key IN ({})"
    )
    # In the order of the index, so that each of its pages is read once.
    for key, id_, address, campaign, delivery, kind, at, complained_at, unsubscribed_at, excused in store.among(
        sql, sorted(keys)
    ):
        # As the first list wrote it, whoever of them was the first of whom something was told.
        first = written.get(key)
        if first is None or id_ < first[0]:
            written[key] = (id_, address)
        if delivery < _DELIVERED and complained_at is None and unsubscribed_at is None:
            continue
        known = BounceKind.of(kind) if kind is not None else None
        attempts[key].append(
            Attempt(at, campaign, delivery > _DELIVERED, known, complained_at, unsubscribed_at, bool(excused))
        )
    states = {}
    for key in keys:
        row = held.get(key)
        said = (row.blocked_at, row.reason, row.freed_at) if row else ()
        states[key] = (
            written[key][1] if key in written else key,
            fold_address(attempts.get(key, ()), *said, policy=policy),
        )
    return states


def settle_keys(store: Store, telling: Iterable[str], silent: Iterable[str] = ()) -> None:
    """Fold addresses anew from all their recipients and the operators' blocks.

    Args:
        store: the open store; the caller's transaction.
        telling: keys of those of which there is something to say.
        silent: keys of others; they are left alone unless they have a row.
    """
    policy = load(store)
    keys = settle_plain(store, policy, telling, silent)
    if not keys:
        return
    held = _held(store, keys)
    made, moved = [], []
    for key, (address, state) in sorted(_states(store, keys, policy, held).items()):
        row = held.get(key)
        if row is None:
            made.append((key, address, *_columns(state)))
        elif row.state != state:
            moved.append((*_columns(state), row.id))
    store.insert_rows("address", ("key", "address", *AddressState._fields), made)
    store.execute_many(
        f"UPDATE address SET {', '.join(f'{column} = ?' for column in AddressState._fields)} WHERE id = ?", moved
    )


def _columns(state: AddressState) -> tuple[int | None, ...]:
    consecutive, bounced_at, success_at, blocked_at, reason, unsubscribed_at, complained_at = state
    code = reason.code if reason else None
    return (consecutive, bounced_at, success_at, blocked_at, code, unsubscribed_at, complained_at)


def forget_silent(store: Store, keys: Sequence[str]) -> None:
    """Drop the rows of these addresses if there is nothing to say of them any more and the journal tells of none."""
    store.execute_many(
        "DELETE FROM address WHERE key = ? AND operator_blocked_at IS NULL AND NOT EXISTS (SELECT 1 FROM recipient AS r"
        f" WHERE r.address_key = address.key AND ({TELLING})) AND NOT EXISTS (SELECT 1 FROM journal_line"
        " WHERE subject = 'address' AND subject_id = address.id)",
        [(key,) for key in keys],
    )
