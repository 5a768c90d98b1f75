"""What speaks against giving a recipient's contact another address."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from store.cleaning import clean
from store.database import Store
from store.pseudonyms import pseudonyms

_STANDING: Final = (
    "SELECT a.key, a.complained_at IS NOT NULL, a.blocked_at IS NOT NULL, a.unsubscribed_at IS NOT NULL,"
    " a.consecutive > 0 AND coalesce(a.last_success_at, 0) < coalesce(a.last_bounce_at, 0)"
    " FROM json_each(?, '$') AS j CROSS JOIN address AS a ON a.key = j.value"
)
_HOLDERS: Final = (
    "SELECT c.email_key, c.id, c.name, c.email, c.former FROM json_each(?, '$') AS j CROSS JOIN contact AS c"
    " ON c.email_key = j.value ORDER BY c.id"
)
_PLANNED: Final = (
    "SELECT r.address_key, r.campaign_id, r.id FROM json_each(?, '$') AS j CROSS JOIN recipient AS r"
    " ON r.address_key = j.value"
)


class Wanted(NamedTuple):
    """A recipient, and the key of the address that its contact shall have."""

    recipient_id: int
    campaign_id: int
    contact_id: int
    key: str


def objections(store: Store, wanted: Iterable[Wanted], *, bounced: bool = False) -> dict[tuple[int, str], str]:
    """Return (recipient id, address key) -> what speaks against it, to be said behind the address: "is blocked itself".

    Whoever unsubscribed, complained, is blocked or left must not be written to under another name; what belongs to
    another contact, or gets the same campaign already, would double.

    Args:
        store: the open store; inside the caller's transaction or not.
        wanted: what is to be looked at.
        bounced: object to addresses to which mail bounced, too.
    """
    asked = list(wanted)
    keys = (json.dumps(sorted({one.key for one in asked})),)
    standing = {key: facts for key, *facts in store.rows(_STANDING, keys)}
    holders: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
    for key, id_, name, email, former in store.rows(_HOLDERS, keys):
        holders[key].append((id_, name or email, bool(former)))
    planned: dict[tuple[str, int], set[int]] = defaultdict(set)
    for key, campaign, id_ in store.rows(_PLANNED, keys):
        planned[key, campaign].add(id_)
    names = pseudonyms(store)
    found: dict[tuple[int, str], str] = {}
    for one in asked:
        if names is not None and names.knows_address(one.key):
            found[one.recipient_id, one.key] = "belongs to somebody who was forgotten"
            continue
        complained, blocked, unsubscribed, failing = standing.get(one.key, (False, False, False, False))
        holder = next((held for held in holders[one.key] if held[0] != one.contact_id), None)
        if holder is not None:
            former = ", a former employee" if holder[2] else ""
            said = f"belongs to {clean(holder[1])}{former or ' already'}"
        elif complained:
            said = "complained about a mail"
        elif blocked:
            said = "is blocked itself"
        elif unsubscribed:
            said = "is unsubscribed"
        elif planned[one.key, one.campaign_id] - {one.recipient_id}:
            said = "gets this campaign already"
        elif bounced and failing:
            said = "bounced, too"
        else:
            continue
        found[one.recipient_id, one.key] = said
    return found
