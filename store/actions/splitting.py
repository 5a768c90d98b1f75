"""Splitting a list by the people who look after its members, so that each of them gets a list of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from store import journal
from store.actions import lists, members
from store.asking import Source
from store.cleaning import clean
from store.database import Store, spoken
from store.errors import Refused
from store.journal import Operator
from store.queries.lists import folded_name
from store.rows import Change, SplitRow

NOBODY = "without responsible"
"""What the list of those is called whom nobody looks after."""

_BY = (
    "SELECT trim(c.responsible), count(*) FROM moving AS m CROSS JOIN contact AS c ON c.id = m.contact_id"
    " GROUP BY 1 ORDER BY 2 DESC, 1"
)


def preview(store: Store, source: Source, name: str) -> tuple[SplitRow, ...]:
    """Return the lists that :func:`split` would make, by name; together they hold everybody.

    Raises:
        NotFound: the list or segment is no longer there.
    """
    with store.connected(), spoken(store.place):
        members.gather(store, source)
        return tuple(_parts(store, name))


def split(store: Store, source: Source, target: lists.Target, who: Operator, now: datetime) -> Change:
    """Make one list for each responsible person, called "<name> · <responsible>", and one for those without any.

    Spellings that differ in case or blanks only are one person. The list that is split stays as it is.

    Args:
        store: the open store.
        source: the list or segment.
        target: kind and campaign of the new lists, and the name they begin with.
        who: the operator.
        now: aware UTC time.

    Raises:
        NotFound: the list or segment is no longer there.
        Refused: nobody is on it, or one of the new lists is there already.
    """

    def change() -> Change:
        count = members.gather(store, source)
        parts = _parts(store, target.name)
        if not parts:
            raise Refused("Nobody is on this list.")
        taken = [part.name for part in parts if lists.find(store, target.kind, part.name) is not None]
        if taken:
            more = f" and {len(taken) - 1} more of these lists" if len(taken) > 1 else ""
            raise Refused(f"There is a {target.kind} list “{taken[0]}”{more} already; rename or delete it first.")
        note = f"split from {clean(target.name)}"
        made = [lists.make(store, target.kind, part.name, target.campaign_id, note, who, now) for part in parts]
        _fill(store, {folded_name(part.responsible): id_ for part, id_ in zip(parts, made, strict=True)})
        said = f"“{clean(target.name)}” split into {len(made):,} {target.kind} list{'' if len(made) == 1 else 's'}"
        said += f" with {count:,} {'person' if count == 1 else 'people'}"
        nobody = next((part.members for part in parts if not part.responsible), 0)
        if nobody:
            said += f", {nobody:,} of them {NOBODY}"
        kept = [lists.made(id_, now) for id_ in made]
        entry = journal.write(store, who, now, "split", said, kept, subjects=count)
        return Change("split", entry, len(made), said, scopes=lists.SCOPES)

    return store.run(change)


def _parts(store: Store, name: str) -> list[SplitRow]:
    """Return the parts of those gathered by name; the commonest spelling of a person is shown."""
    shown: dict[str, str] = {}
    counts: dict[str, int] = {}
    for spelling, count in store.execute(_BY).fetchall():
        key = folded_name(spelling)
        shown.setdefault(key, " ".join(clean(spelling).split()))
        counts[key] = counts.get(key, 0) + count
    called = lists.named(name)
    rows = [SplitRow(shown[key], f"{called} · {shown[key] or NOBODY}", count) for key, count in counts.items()]
    return sorted(rows, key=lambda row: (not row.responsible, row.name.casefold()))


def _fill(store: Store, made: Mapping[str, int]) -> None:
    """Put those gathered on the lists made for their responsible people, by folded name."""
    store.execute("CREATE TEMP TABLE IF NOT EXISTS part (spelling TEXT NOT NULL PRIMARY KEY, list_id INTEGER NOT NULL)")
    store.execute("DELETE FROM part")
    spellings = [spelling for spelling, _ in store.execute(_BY).fetchall()]
    store.execute_many("INSERT INTO part VALUES (?, ?)", [(text, made[folded_name(text)]) for text in spellings])
    store.execute(
        "INSERT INTO list_member (list_id, contact_id, recipient_id, known)"
        " SELECT p.list_id, m.contact_id, m.recipient_id, m.known FROM moving AS m CROSS JOIN contact AS c"
        " ON c.id = m.contact_id CROSS JOIN part AS p ON p.spelling = trim(c.responsible) ORDER BY 1, 2"
    )
