"""What operators put their names to for a message."""

from __future__ import annotations

from store.cleaning import clean
from store.database import Store
from store.outbox.checks.finding import Vouch
from store.times import from_ms


def vouches(store: Store, digest: str) -> dict[str, Vouch]:
    """Return the ticks and overrides that stand for a message's content, by rule."""
    found = store.rows(
        "SELECT rule, said, reason, given_by, given_at FROM vouch WHERE digest = ? AND given_at IS NOT NULL", (digest,)
    )
    return {
        rule: Vouch(rule, said or "", clean(reason or ""), clean(by or ""), from_ms(at))
        for rule, said, reason, by, at in found
    }
