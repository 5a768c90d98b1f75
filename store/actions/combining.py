"""Union, difference and intersection of lists and segments, in the transaction of an action."""

from __future__ import annotations

from collections.abc import Sequence

from store.actions import members
from store.asking import Combining, Source
from store.database import Store, spoken

_CREATE = (
    "CREATE TEMP TABLE IF NOT EXISTS taken (n INTEGER NOT NULL, contact_id INTEGER NOT NULL,"
    " recipient_id INTEGER NOT NULL, known INTEGER NOT NULL, PRIMARY KEY (n, contact_id)) WITHOUT ROWID"
)


def gather(store: Store, how: Combining, sources: Sequence[Source]) -> list[int]:
    """Gather those of a combination (:mod:`store.actions.members`) and return how many people each source has.

    A person who is in several sources stands with the recipient row of the first.

    Raises:
        NotFound: a list or segment is no longer there.
    """
    if len(sources) == 1:
        return [members.gather(store, sources[0])]
    store.execute(_CREATE)
    store.execute("DELETE FROM taken")
    counts = []
    for n, source in enumerate(sources):
        counts.append(members.gather(store, source))
        store.execute("INSERT INTO taken SELECT ?, contact_id, recipient_id, known FROM moving", (n,))
    members.gather_from(store, _wanted(how, len(sources)))
    store.execute("DELETE FROM taken")
    return counts


def _wanted(how: Combining, count: int) -> list[str]:
    """Return statements that give contact, recipient and what was known, the first one of a contact counting."""
    first = "SELECT t.contact_id, t.recipient_id, t.known FROM taken AS t WHERE t.n = {}"
    if how is Combining.UNION:
        return [first.format(n) for n in range(count)]
    negated = "NOT " if how is Combining.MINUS else ""
    others = [
        f"{negated}EXISTS (SELECT 1 FROM taken AS o WHERE o.n = {n} AND o.contact_id = t.contact_id)"
        for n in range(1, count)
    ]
    return [f"{first.format(0)} AND {' AND '.join(others)}"]


def counted(store: Store, how: Combining, sources: Sequence[Source]) -> tuple[list[int], int]:
    """Return how many people each source has, and how many their combination would have; nothing is changed.

    Raises:
        NotFound: a list or segment is no longer there.
    """
    with store.connected(), spoken(store.place):
        counts = gather(store, how, sources)
        return counts, members.moving(store)
