"""Setting relays up, and taking them away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store import journal
from store.actions.marking import lines, put, read
from store.database import Store
from store.errors import NotFound
from store.journal import Operator
from store.outbox.relay import PREFIX, Relay, checked, to_text
from store.rows import Change

SCOPES = frozenset({"journal"})


def set_relay(store: Store, relay: Relay, who: Operator, now: datetime) -> Change:
    """Set a relay up, or change what is known of it.

    Raises:
        BadInput: a number is out of its range, or a pattern cannot be filled in.
        Refused: a password would go over the network in the clear.
    """
    text = to_text(checked(relay))

    def change() -> Change:
        name = f"{PREFIX}{relay.name}"
        store.execute("INSERT OR IGNORE INTO setting (name) VALUES (?)", (name,))
        found = store.execute("SELECT id, value FROM setting WHERE name = ?", (name,)).fetchone()
        if found[1] == text:
            return Change("relay", None, 0, f"Relay {relay.name} is set up so already.")
        said = f"Relay {relay.name} {'changed' if found[1] else 'set up'}: {relay.url}"
        return _changed(store, found[0], text, said, who, now)

    return store.run(change)


def delete_relay(store: Store, name: str, who: Operator, now: datetime) -> Change:
    """Forget a relay.

    Raises:
        NotFound: there is none of this name.
    """

    def change() -> Change:
        found = store.execute(
            "SELECT id FROM setting WHERE name = ? AND value IS NOT NULL", (f"{PREFIX}{name}",)
        ).fetchone()
        if not found:
            raise NotFound(f"There is no relay “{name}”.")
        return _changed(store, found[0], None, f"Relay {name} deleted", who, now)

    return store.run(change)


def _changed(store: Store, id_: int, text: str | None, said: str, who: Operator, now: datetime) -> Change:
    before = read(store, "setting", [id_])
    changes: dict[int, dict[str, Any]] = {id_: {"value": text}}
    put(store, "setting", changes)
    entry = journal.write(store, who, now, "relay", said, lines("setting", before, changes))
    return Change("relay", entry, 1, said, scopes=SCOPES)
