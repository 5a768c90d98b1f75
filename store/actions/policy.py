"""Changing when addresses are blocked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from store import journal
from store.actions.marking import lines, put, read
from store.database import Store
from store.journal import Operator
from store.policy import changed
from store.queries.policy import load
from store.rows import Change
from store.standing import settle_all

SCOPES = frozenset({"campaigns", "recipients", "addresses", "journal"})


def set_policy(store: Store, texts: Mapping[str, str], who: Operator, now: datetime) -> Change:
    """Change settings of the policy and settle every address by it, in one transaction.

    Args:
        store: the open store.
        texts: name -> value as operators write it.
        who: the operator.
        now: aware UTC time.

    Raises:
        BadInput: no setting has one of the names, or a value does not fit.
    """

    def change() -> Change:
        before = after = load(store)
        for name, text in texts.items():
            after = after.with_text(name, text)
        differing = changed(before, after)
        if not differing:
            return Change("policy", None, 0, "The policy says so already.")
        ids = _rows(store, list(differing))
        held = read(store, "setting", list(ids.values()))
        changes: dict[int, dict[str, Any]] = {ids[name]: {"value": new} for name, (_, new) in differing.items()}
        put(store, "setting", changes)
        blocked = _blocked(store)
        settle_all(store)
        said = f"Policy: {'; '.join(f'{n} {old} → {new}' for n, (old, new) in differing.items())}"
        said += f" ({_difference(_blocked(store) - blocked)})"
        entry = journal.write(store, who, now, "policy", said, lines("setting", held, changes))
        return Change("policy", entry, len(differing), said, scopes=SCOPES)

    return store.run(change)


def _rows(store: Store, names: list[str]) -> dict[str, int]:
    """Return the ids of these settings' rows; missing ones are made, with their default."""
    store.execute_many("INSERT OR IGNORE INTO setting (name) VALUES (?)", [(name,) for name in names])
    return dict(store.among("SELECT name, id FROM setting WHERE name IN ({})", names))


def _blocked(store: Store) -> int:
    found = store.execute("SELECT count(*) FROM address WHERE blocked_at IS NOT NULL").fetchone()
    return int(found[0])


def _difference(more: int) -> str:
    if not more:
        return "as many addresses blocked as before"
    noun = "address" if abs(more) == 1 else "addresses"
    return f"{abs(more):,} {noun} {'more' if more > 0 else 'fewer'} blocked"
