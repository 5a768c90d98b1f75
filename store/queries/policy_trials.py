"""What a policy would block or free before it is saved."""

from __future__ import annotations

from collections.abc import Iterator

from store.cleaning import clean
from store.database import Store
from store.policy import Policy
from store.queries.policy import load
from store.rows import TrialRow
from store.standing import known_keys, states_under


def trial(store: Store, policy: Policy) -> Iterator[TrialRow]:
    """Yield the addresses that ``policy`` would block or free, by address; nothing is changed.

    Addresses are read some thousands at a time, so that memory does not grow with the store.
    """
    held = load(store)
    for keys in known_keys(store):
        now, then = states_under(store, keys, held), states_under(store, keys, policy)
        for key in keys:
            (address, before), (_, after) = now[key], then[key]
            if (before.blocked_at is None) != (after.blocked_at is None):
                yield TrialRow(
                    clean(address),
                    blocks=after.blocked_at is not None,
                    reason=after.block_reason or before.block_reason,
                    consecutive=after.consecutive,
                )
