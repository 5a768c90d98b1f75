"""Lists of people: filling them from rows, from other lists and from segments; reminders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from store import journal
from store.actions import combining
from store.actions import members as people
from store.actions.marking import Refusal, left_alone, nothing
from store.asking import Combining, Source, Unread
from store.cleaning import clean
from store.database import Store
from store.errors import Refused
from store.journal import Line, Operator
from store.queries.reminders import ALL, member_sql
from store.rows import Change
from store.times import to_ms
from store.vocabulary import ListKind

_LONGEST_NOTE = 200
SCOPES = frozenset({"lists", "journal"})
"""What panes read again after a list changed."""


@dataclass(frozen=True, slots=True)
class Target:
    """The list that people are put on; it is made if it is missing."""

    kind: ListKind
    name: str
    campaign_id: int | None = None
    note: str = ""


def add(
    store: Store,
    ids: Sequence[int],
    kind: ListKind,
    name: str,
    who: Operator,
    now: datetime,
    campaign_id: int | None = None,
) -> Change:
    """Add the contacts of recipients to a list, which is made if it is missing; a contact stands on a list once.

    Raises:
        Refused: the name is empty.
    """
    wanted = named(name)

    def change() -> Change:
        people.gather_ids(store, ids)
        list_id = find(store, kind, wanted)
        refused: tuple[Refusal, ...] = ()
        if list_id is not None:
            there = store.execute(
                "SELECT s.recipient_id FROM moving AS s JOIN list_member AS m ON m.list_id = ?"
                " AND m.contact_id = s.contact_id ORDER BY s.contact_id",
                (list_id,),
            ).fetchall()
            refused = tuple((id_, "It is on the list already.") for (id_,) in there)
        if not people.moving(store) or people.moving(store) == len(refused):
            return Change("add", None, 0, nothing(refused), refused, list_id=list_id)
        return _fill(store, Target(kind, wanted, campaign_id), "add", who, now, refused)

    return store.run(change)


def add_source(
    store: Store, sources: Sequence[Source], kind: ListKind, name: str, who: Operator, now: datetime
) -> Change:
    """Add everybody of lists and segments to a list, which is made if it is missing.

    Raises:
        Refused: the name is empty, or everybody is on the list already.
        NotFound: a list or segment is no longer there.
    """
    wanted = named(name)

    def change() -> Change:
        combining.gather(store, Combining.UNION, sources)
        if not people.moving(store):
            raise Refused("Nobody is there to be added.")
        return _fill(store, Target(kind, wanted), "add", who, now)

    return store.run(change)


def combine(
    store: Store, how: Combining, sources: Sequence[Source], target: Target, who: Operator, now: datetime
) -> Change:
    """Make a new list of several lists and segments: of everybody, of those on all, or of the first without the others.

    Raises:
        Refused: fewer than two are given, the name is empty or taken, or nobody would be on the list.
        NotFound: a list or segment is no longer there.
    """
    if len(sources) < 2:
        raise Refused("Two lists or more are needed.")
    wanted = replace(target, name=named(target.name), note=target.note[:_LONGEST_NOTE])

    def change() -> Change:
        if find(store, wanted.kind, wanted.name) is not None:
            raise Refused(f"There is a {wanted.kind} list “{clean(wanted.name)}” already; choose another name.")
        combining.gather(store, how, sources)
        if not people.moving(store):
            raise Refused("Nobody would be on this list.")
        return _fill(store, wanted, how.value, who, now)

    return store.run(change)


def _fill(
    store: Store, target: Target, verb: str, who: Operator, now: datetime, refused: tuple[Refusal, ...] = ()
) -> Change:
    """Put those gathered on a list, with the entry."""
    list_id = find(store, target.kind, target.name)
    new = list_id is None
    if list_id is None:
        list_id = make(store, target.kind, target.name, target.campaign_id, target.note, who, now)
    count = people.put_on(store, list_id)
    if not count:
        raise Refused(f"Everybody is on the list “{clean(target.name)}” already.")
    said = f"{count:,} added to {'new ' if new else ''}{target.kind} “{clean(target.name)}”{left_alone(refused)}"
    entry = journal.write(store, who, now, verb, said, [made(list_id, now)] if new else [], subjects=count)
    if not new:
        people.keep(store, entry, list_id, came=True)
    return Change(verb, entry, count, said, refused, SCOPES, list_id)


def remind(
    store: Store,
    campaign_id: int,
    name: str,
    days: int,
    who: Operator,
    now: datetime,
    groups: Collection[Unread] = ALL,
) -> Change:
    """Make the reminder list of a campaign: who was sent it ``days`` days ago or more and is not known to have read it.

    Nobody is on it who bounced, unsubscribed, complained, is blocked, replied, clicked or read.

    Args:
        store: the open store.
        campaign_id: the campaign.
        name: of the list.
        days: days since each of them was sent to.
        who: the operator.
        now: aware UTC time.
        groups: of those who have not read it.

    Raises:
        Refused: the name is empty or taken, ``days`` is negative, or nobody is left to remind.
    """
    wanted = named(name)
    if days < 0:
        raise Refused("The number of days cannot be negative.")

    def change() -> Change:
        if find(store, ListKind.REMINDER, wanted) is not None:
            raise Refused(f"There is a reminder list “{clean(wanted)}” already; choose another name.")
        note = f"not read {days} days after their own sending{_without(groups)}"
        list_id = make(store, ListKind.REMINDER, wanted, campaign_id, note, who, now)
        sql, parameters = member_sql(list_id, campaign_id, days, now, groups)
        store.execute(sql, parameters)
        people.learn(store, list_id)
        count = store.execute("SELECT count(*) FROM list_member WHERE list_id = ?", (list_id,)).fetchone()[0]
        if not count:
            raise Refused("Nobody is left to remind.")
        people_of_it = "1 person" if count == 1 else f"{count:,} people"
        said = f"Reminder list “{clean(wanted)}” made with {people_of_it}{_without(groups)}"
        entry = journal.write(store, who, now, "remind", said, [made(list_id, now)], subjects=count)
        return Change("remind", entry, int(count), said, scopes=SCOPES, list_id=list_id)

    return store.run(change)


def _without(groups: Collection[Unread]) -> str:
    out = [group.value for group in Unread if group not in groups]
    return f", without {' and '.join(out)}" if out else ""


def named(name: str, what: str = "A list") -> str:
    """Return a name without surplus blanks.

    Raises:
        Refused: it is empty.
    """
    wanted = " ".join(clean(name).split())
    if not wanted:
        raise Refused(f"{what} needs a name.")
    return wanted


def find(store: Store, kind: ListKind, name: str) -> int | None:
    """Return the id of the list of this kind and name; None if there is none."""
    found = store.execute(
        "SELECT id FROM mail_list WHERE kind = ? AND name = ? AND deleted_at IS NULL", (kind.code, name)
    ).fetchone()
    return int(found[0]) if found else None


def make(
    store: Store, kind: ListKind, name: str, campaign_id: int | None, note: str, who: Operator, now: datetime
) -> int:
    """Make an empty list and return its id; call it inside a transaction."""
    cursor = store.execute(
        "INSERT INTO mail_list (kind, name, campaign_id, note, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)",
        (kind.code, name, campaign_id, note, to_ms(now), who.name),
    )
    return int(cursor.lastrowid)


def made(list_id: int, now: datetime) -> Line:
    """Return the journal line of a list that was made."""
    return Line("mail_list", list_id, {"deleted_at": to_ms(now)}, {"deleted_at": None})


def members(store: Store, list_id: int, contacts: Sequence[int]) -> set[int]:
    """Return which of these contacts stand on a list."""
    sql = "SELECT contact_id FROM list_member WHERE list_id = ? AND contact_id IN ({})"
    return {contact for (contact,) in store.among(sql, contacts, (list_id,))}
