"""Lists of people: selections, projects and reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from store import journal
from store.actions.marking import left_alone, nothing
from store.cleaning import clean
from store.database import Store
from store.errors import Refused
from store.journal import Line, Operator
from store.queries.reminders import member_sql
from store.rows import Change
from store.times import to_ms
from store.vocabulary import ListKind

SCOPES = frozenset({"lists", "journal"})
"""What panes read again after a list changed."""


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
    wanted = _name(name)

    def change() -> Change:
        list_id = find(store, kind, wanted)
        new = list_id is None
        if list_id is None:
            list_id = make(store, kind, wanted, campaign_id, "", who, now)
        contacts = _contacts(store, ids)
        there = members(store, list_id, list(contacts))
        fresh = {contact: recipient for contact, recipient in contacts.items() if contact not in there}
        refused = tuple(
            (recipient, "It is on the list already.") for contact, recipient in contacts.items() if contact in there
        )
        if not fresh:
            return Change("add", None, 0, nothing(refused), refused, list_id=list_id)
        store.execute_many(
            "INSERT INTO list_member (list_id, contact_id, recipient_id) VALUES (?, ?, ?)",
            [(list_id, contact, recipient) for contact, recipient in fresh.items()],
        )
        said = f"{len(fresh):,} added to {'new ' if new else ''}{kind} “{clean(wanted)}”{left_alone(refused)}"
        kept = (
            [made(list_id, now)]
            if new
            else [Line(f"member:{list_id}", contact, None, {"recipient_id": r}) for contact, r in fresh.items()]
        )
        entry = journal.write(store, who, now, "add", said, kept, subjects=len(fresh))
        return Change("add", entry, len(fresh), said, refused, SCOPES, list_id)

    return store.run(change)


def remind(store: Store, campaign_id: int, name: str, days: int, who: Operator, now: datetime) -> Change:
    """Make the reminder list of a campaign: who got it ``days`` days ago or more and is not known to have read it.

    Nobody is on it who bounced, unsubscribed, complained, is blocked, replied, clicked or read.

    Raises:
        Refused: the name is empty or taken, ``days`` is negative, or nobody is left to remind.
    """
    wanted = _name(name)
    if days < 0:
        raise Refused("The number of days cannot be negative.")

    def change() -> Change:
        if find(store, ListKind.REMINDER, wanted) is not None:
            raise Refused(f"There is a reminder list “{clean(wanted)}” already; choose another name.")
        note = f"not read {days} days after their own sending"
        list_id = make(store, ListKind.REMINDER, wanted, campaign_id, note, who, now)
        sql, parameters = member_sql(list_id, campaign_id, days, now)
        store.execute(sql, parameters)
        count = store.execute("SELECT count(*) FROM list_member WHERE list_id = ?", (list_id,)).fetchone()[0]
        if not count:
            raise Refused("Nobody is left to remind.")
        said = f"Reminder list “{clean(wanted)}” made with {count:,} people"
        entry = journal.write(store, who, now, "remind", said, [made(list_id, now)], subjects=count)
        return Change("remind", entry, int(count), said, scopes=SCOPES, list_id=list_id)

    return store.run(change)


def _name(name: str) -> str:
    wanted = " ".join(clean(name).split())
    if not wanted:
        raise Refused("A list needs a name.")
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


def _contacts(store: Store, ids: Sequence[int]) -> dict[int, int]:
    """Return contact id -> recipient id in the given order; the first recipient of a contact stands for it."""
    found = dict(store.among("SELECT id, contact_id FROM recipient WHERE id IN ({})", ids))
    contacts: dict[int, int] = {}
    for id_ in ids:
        if id_ in found:
            contacts.setdefault(found[id_], id_)
    return contacts


def members(store: Store, list_id: int, contacts: Sequence[int]) -> set[int]:
    """Return which of these contacts stand on a list."""
    sql = "SELECT contact_id FROM list_member WHERE list_id = ? AND contact_id IN ({})"
    return {contact for (contact,) in store.among(sql, contacts, (list_id,))}
