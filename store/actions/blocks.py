"""Freeing blocked addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from store import journal
from store.actions.marking import SCOPES, Refusal, left_alone, lines, nothing, put, read
from store.database import Store
from store.journal import Operator
from store.rows import Change
from store.standing import settle_keys
from store.times import to_ms
from store.vocabulary import BlockReason

_COMPLAINED = "The person complained; a block after a complaint stays."
_FREE = "It is not blocked."


def clear_block(store: Store, ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Free addresses (by their numbers): what failed so far does not count any more, a later failure will.

    A block after a complaint stays. The buckets of past campaigns stay as they are.
    """
    ms = to_ms(now)

    def change() -> Change:
        before = read(store, "address", ids, ("key", "blocked_at", "block_reason", "last_bounce_at"))
        refused: list[Refusal] = [(id_, "It is no longer there.") for id_ in ids if id_ not in before]
        freed: dict[int, dict[str, Any]] = {}
        for id_, row in before.items():
            if row["blocked_at"] is None:
                refused.append((id_, _FREE))
            elif row["block_reason"] == BlockReason.COMPLAINT.code:
                refused.append((id_, _COMPLAINED))
            else:
                at = max(ms, row["last_bounce_at"] or 0)
                none = {"operator_blocked_at": None, "operator_blocked_by": None, "operator_reason": None}
                freed[id_] = {**none, "operator_freed_at": at}
        if not freed:
            return Change("clear-block", None, 0, nothing(refused), tuple(refused))
        put(store, "address", freed)
        settle_keys(store, [before[id_]["key"] for id_ in freed])
        said = f"{_addresses(len(freed))} freed{left_alone(refused)}"
        entry = journal.write(store, who, now, "clear-block", said, lines("address", before, freed))
        return Change("clear-block", entry, len(freed), said, tuple(refused), SCOPES)

    return store.run(change)


def _addresses(count: int) -> str:
    return "1 address" if count == 1 else f"{count:,} addresses"
