"""The relays that operators have set up."""

from __future__ import annotations

from difflib import get_close_matches

from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.outbox.relay import PREFIX, Relay, from_text

_FOUND = "SELECT name, value FROM setting WHERE name >= ? AND name < ? AND value IS NOT NULL ORDER BY name"
_AFTER = f"{PREFIX[:-1]};"


def list_relays(store: Store) -> tuple[Relay, ...]:
    """Return all relays by name."""
    return tuple(from_text(name.removeprefix(PREFIX), value) for name, value in store.rows(_FOUND, (PREFIX, _AFTER)))


def find_relay(store: Store, name: str | None) -> Relay:
    """Return the relay of this name; None: the only one.

    Raises:
        NotFound: there is none of this name, or none at all.
        Refused: there are several, and none was named.
    """
    known = {relay.name: relay for relay in list_relays(store)}
    if not known:
        raise NotFound("No relay is set up yet; `aftersend relay set NAME smtp://user@host:587` does it.")
    if name is None:
        if len(known) > 1:
            raise Refused(f"Say with --relay which one: {', '.join(known)}.")
        return next(iter(known.values()))
    if name in known:
        return known[name]
    near = get_close_matches(name, known, 3, 0.5) or list(known)[:3]
    raise NotFound(f"There is no relay “{clean(name)}”; {'is it' if near else 'there is'} {', '.join(near)}?")
