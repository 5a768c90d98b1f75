"""The resend list of a campaign: the people whom its mail did not reach, though nothing speaks against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from store import journal
from store.actions import members as people
from store.actions.lists import SCOPES, made, make, members
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Line, Operator
from store.queries.resends import resend_list, resend_list_name, resent
from store.rows import Change
from store.vocabulary import ListKind


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of putting people on resend lists.

    Attributes:
        words: the part of a sentence that tells it.
        lines: for the journal.
        list_id: the list, if it was one.
    """

    words: str
    lines: tuple[Line, ...]
    list_id: int | None


def resend(store: Store, campaign_id: int, who: Operator, now: datetime) -> Change:
    """Make or refresh a campaign's resend list: it holds whom :func:`store.queries.resends.resend_counts` counts.

    Raises:
        NotFound: there is no such campaign.
        Refused: nobody is excused or fixed who could be sent to.
    """

    def change() -> Change:
        name = _name(store, campaign_id)
        list_id = resend_list(store, campaign_id)
        wanted, _ = resent(store, campaign_id, touched=False)
        there = {} if list_id is None else _members(store, list_id)
        if not wanted and not there:
            raise Refused("Nobody is excused or fixed whom this mail could be sent to again.")
        coming = {contact: id_ for contact, id_ in wanted.items() if contact not in there}
        going = {contact: id_ for contact, id_ in there.items() if contact not in wanted}
        new = list_id is None
        if list_id is None:
            list_id = _make(store, campaign_id, name, who, now)
        if not coming and not going:
            up_to_date = f"The list “{clean(name)}” is up to date: {_people(len(there))}"
            return Change("resend", None, 0, up_to_date, list_id=list_id)
        kept = [made(list_id, now)] if new else []
        kept += _put_on(store, list_id, coming)
        kept += _take_off(store, list_id, going)
        said = f"List “{clean(name)}” {'made' if new else 'refreshed'} with {_people(len(wanted))}"
        if not new:
            said += f" ({len(coming):,} came on, {len(going):,} went off)"
        entry = journal.write(store, who, now, "resend", said, kept, subjects=len(coming) + len(going))
        return Change("resend", entry, len(coming) + len(going), said, scopes=SCOPES, list_id=list_id)

    return store.run(change)


def join(store: Store, campaign_ids: Sequence[int], who: Operator, now: datetime) -> Joined:
    """Put those of the touched recipients who may be written to on their campaigns' resend lists.

    Call it inside the transaction, after :func:`store.derive.touch`; a missing list is made if it gets members.
    """
    kept: list[Line] = []
    lists: dict[int, str] = {}
    added = 0
    left: dict[str, int] = {}
    for campaign_id in campaign_ids:
        wanted, others = resent(store, campaign_id, touched=True)
        for reason, count in others.items():
            left[reason] = left.get(reason, 0) + count
        if not wanted:
            continue
        name = _name(store, campaign_id)
        list_id = resend_list(store, campaign_id)
        if list_id is None:
            list_id = _make(store, campaign_id, name, who, now)
            kept.append(made(list_id, now))
        there = members(store, list_id, list(wanted))
        kept += _put_on(store, list_id, {contact: id_ for contact, id_ in wanted.items() if contact not in there})
        lists[list_id] = name
        added += len(wanted)
    return Joined(_told(lists, added, left), tuple(kept), next(iter(lists)) if len(lists) == 1 else None)


def _told(lists: Mapping[int, str], added: int, left: Mapping[str, int]) -> str:
    if not lists:
        words = "nobody of them is to be sent to again"
    elif len(lists) == 1:
        words = f"{added:,} on the list “{clean(next(iter(lists.values())))}”"
    else:
        words = f"{added:,} on {len(lists)} resend lists"
    if left:
        words += f"; left out: {', '.join(f'{count:,} {reason}' for reason, count in left.items())}"
    return words


def _name(store: Store, campaign_id: int) -> str:
    found = store.execute("SELECT name FROM campaign WHERE id = ?", (campaign_id,)).fetchone()
    if not found:
        raise NotFound("This campaign is no longer there.")
    return resend_list_name(found[0])


def _make(store: Store, campaign_id: int, name: str, who: Operator, now: datetime) -> int:
    return make(store, ListKind.RESEND, name, campaign_id, "excused and fixed, not reached since", who, now)


def _members(store: Store, list_id: int) -> dict[int, int]:
    return dict(
        store.execute("SELECT contact_id, recipient_id FROM list_member WHERE list_id = ?", (list_id,)).fetchall()
    )


def _put_on(store: Store, list_id: int, contacts: Mapping[int, int]) -> Iterable[Line]:
    store.execute_many(
        "INSERT INTO list_member (list_id, contact_id, recipient_id) VALUES (?, ?, ?)",
        [(list_id, contact, recipient) for contact, recipient in contacts.items()],
    )
    people.learn(store, list_id, list(contacts))
    return [Line(f"member:{list_id}", contact, None, held) for contact, held in _held(store, list_id, contacts)]


def _take_off(store: Store, list_id: int, contacts: Iterable[int]) -> Iterable[Line]:
    kept = [Line(f"member:{list_id}", contact, held, None) for contact, held in _held(store, list_id, contacts)]
    store.execute_many(
        "DELETE FROM list_member WHERE list_id = ? AND contact_id = ?", [(list_id, line.subject_id) for line in kept]
    )
    return kept


def _held(store: Store, list_id: int, contacts: Iterable[int]) -> list[tuple[int, dict[str, int]]]:
    """Return what the rows of these members hold, as the journal keeps it."""
    sql = "SELECT contact_id, recipient_id, known FROM list_member WHERE list_id = ? AND contact_id IN ({})"
    found = store.among(sql, list(contacts), (list_id,))
    return [(contact, {"recipient_id": recipient, "known": known}) for contact, recipient, known in found]


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
