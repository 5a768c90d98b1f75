"""Reloading a list: whoever must not be written to any more leaves it, before it is used again."""

from __future__ import annotations

from datetime import datetime

from store import journal
from store.actions import members
from store.actions.lists import SCOPES
from store.actions.marking import lines, put, read
from store.cleaning import clean
from store.database import Store
from store.journal import Operator
from store.queries.reloading import FORBIDDEN, LEAVES, look
from store.rows import Change, ReloadCounts
from store.times import to_ms


def reload(store: Store, list_id: int, who: Operator, now: datetime, *, everybody: bool = False) -> Change:
    """Take off a list whom :func:`store.queries.reloading.changes` says, and take what is known today as known.

    Args:
        store: the open store.
        list_id: the list.
        who: the operator.
        now: aware UTC time.
        everybody: take those off, too, who must not be written to as was known when they came.

    Raises:
        NotFound: the list is no longer there.
    """

    def change() -> Change:
        counts = look(store, list_id)
        before = read(store, "mail_list", [list_id])
        name = clean(before[list_id]["name"])
        leaves = f"{LEAVES} OR {FORBIDDEN}" if everybody else LEAVES
        members.gather_from(store, [f"SELECT contact_id, recipient_id, known FROM news AS n WHERE {leaves}"])
        off = members.take_off(store, list_id)
        changed = off + counts.changed - sum(counts.off.values())
        if not changed and not members.differing(store):
            said = f"Nothing has changed with list “{name}” since {counts.since:%Y-%m-%d %H:%M} UTC"
            return Change("reload", None, 0, said, list_id=list_id)
        reloaded = {list_id: {"reloaded_at": to_ms(now)}}
        put(store, "mail_list", reloaded)
        said = f"List “{name}” reloaded: {told(counts, off)}"
        entry = journal.write(store, who, now, "reload", said, lines("mail_list", before, reloaded), subjects=off)
        members.keep(store, entry, list_id, came=False)
        members.learn_today(store, entry, list_id)
        return Change("reload", entry, max(1, changed), said, scopes=SCOPES, list_id=list_id)

    return store.run(change)


def told(counts: ReloadCounts, off: int) -> str:
    """Return in words how many go off a list, and what else is new."""
    why = ", ".join(f"{count:,} {reason}" for reason, count in counts.off.items())
    earlier = off - sum(counts.off.values())
    if earlier:
        why = f"{why}{', ' if why else ''}{earlier:,} for reasons known before"
    parts = [f"{off:,} taken off ({why})" if off else "nobody taken off"]
    if counts.fixed:
        parts.append(f"{counts.fixed:,} address{'' if counts.fixed == 1 else 'es'} fixed")
    parts += [f"{count:,} {what} since" for what, count in counts.told.items()]
    return ", ".join(parts)
