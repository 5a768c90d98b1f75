"""It went out wrong: the erratum to those who got a wrong mail, the right mail to those who did not, nothing to others.

What was delivered stays delivered. Both parts are chosen in the transaction that makes their sends (or lists), so that
nobody is in both, and nobody is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store import journal
from store.actions import members
from store.actions.lists import find, made, make
from store.actions.resending import follow, take_out
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Line, Operator
from store.outbox.content import Message
from store.outbox.control import stop
from store.outbox.preparing import Draft, Prepared, free_name
from store.outbox.whom import Whom
from store.queries.wrong import EVERYBODY, Narrow, Part, chosen, split, wrong_row
from store.rows import Change
from store.vocabulary import FollowUp, ListKind, SendState

_FOLLOW_UPS = {Part.ERRATUM: FollowUp.ERRATUM, Part.RIGHT: FollowUp.RIGHT}
_ENDED = frozenset({SendState.STOPPED, SendState.DONE})


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be sent after a campaign that went out wrong; a message that is None is not sent.

    Attributes:
        erratum: to those who got the wrong mail.
        right: to those who did not.
        narrow: who of the first get the erratum.
        relay: the relay's name; None: the only one.
    """

    campaign_id: int
    erratum: Message | None = None
    right: Message | None = None
    narrow: Narrow = EVERYBODY
    relay: str | None = None

    @property
    def messages(self) -> dict[Part, Message]:
        """The messages that are there, by the part whom they go to."""
        both = {Part.ERRATUM: self.erratum, Part.RIGHT: self.right}
        return {part: message for part, message in both.items() if message is not None}


def stop_all(store: Store, campaign_id: int, who: Operator, now: datetime) -> Change:
    """Stop every sending of a campaign's message from here: nothing of it leaves any more, and what waits stays.

    Raises:
        NotFound: there is no such campaign.
        Refused: nothing of it is being sent from here, or waits to be.
    """

    def change() -> Change:
        row = wrong_row(store, campaign_id, now)
        standing = [send for send in row.sends if send.state not in _ENDED]
        if not standing:
            raise Refused(f"Nothing of “{row.campaign}” waits in our outbox.")
        changes = [stop(store, send.id, who, now, "it went out wrong") for send in standing]
        said = "; ".join(one.sentence for one in changes)
        return Change("stop", changes[-1].journal_id, len(changes), said, scopes=changes[-1].scopes)

    return store.run(change)


def correct(store: Store, correction: Correction, who: Operator, now: datetime) -> dict[Part, Prepared]:
    """Make the sends of a correction ready, in one transaction with the look at who got what; nothing leaves yet.

    A part with nobody in it is left out. What waits for those who get the right mail is taken out of the outbox.

    Raises:
        NotFound: the campaign or the relay is no longer there.
        Refused: no message is given, mails of the wrong message can still leave, or nobody is left to be sent to.
    """
    if not correction.messages:
        raise Refused("Give the erratum, the right mail, or both.")

    def change() -> dict[Part, Prepared]:
        row = wrong_row(store, correction.campaign_id, now)
        running = [send.campaign for send in row.sends if send.state not in _ENDED]
        if running:
            raise Refused(f"“{running[0]}” can still be sent: stop it first, or who gets what would change meanwhile.")
        split(store, correction.campaign_id, correction.narrow)
        people = {part: chosen(store, part) for part in correction.messages}
        if not any(people.values()):
            raise Refused(f"Nobody is left to be told about “{row.campaign}”.")
        take_out(store, people.get(Part.RIGHT, ()))
        done: dict[Part, Prepared] = {}
        for part, message in correction.messages.items():
            if people[part]:
                whom = Whom(ids=people[part], words=f"{part}: {len(people[part]):,} of “{row.campaign}”")
                name = free_name(store, f"{row.campaign} · {part}")
                draft = Draft(name, message, whom, correction.relay, parent_id=correction.campaign_id)
                done[part] = follow(store, draft, _FOLLOW_UPS[part], who, now)
        return done

    return store.run(change)


def wrong(store: Store, campaign_id: int, narrow: Narrow, who: Operator, now: datetime) -> Change:
    """Make the two lists of a campaign that went out wrong: who is told of the error, who gets the right mail.

    Raises:
        NotFound: there is no such campaign.
        Refused: nobody is in either.
    """

    def change() -> Change:
        found = store.execute("SELECT name FROM campaign WHERE id = ?", (campaign_id,)).fetchone()
        if not found:
            raise NotFound("This campaign is no longer there.")
        campaign = clean(found[0])
        split(store, campaign_id, narrow)
        parts = {part: chosen(store, part) for part in _FOLLOW_UPS}
        lists: list[tuple[int, str, int]] = []
        for part, ids in parts.items():
            if ids:
                name = _free(store, f"{campaign} · {part}")
                list_id = make(store, ListKind.CORRECTION, name, campaign_id, narrow.words, who, now)
                members.gather_ids(store, ids)
                lists.append((list_id, name, members.put_on(store, list_id)))
        if not lists:
            raise Refused(f"Nobody is left to be told about “{campaign}”.")
        said = "; ".join(f"list “{name}” made with {count:,}" for _, name, count in lists)
        kept: list[Line] = [made(list_id, now) for list_id, _, _ in lists]
        count = sum(count for _, _, count in lists)
        entry = journal.write(store, who, now, "wrong", f"It went out wrong: {said}", kept, subjects=count)
        for list_id, _, _ in lists:
            members.gather_from(
                store, [f"SELECT contact_id, recipient_id, known FROM list_member WHERE list_id = {list_id}"]
            )
            members.keep(store, entry, list_id, came=True)
        scopes = frozenset({"lists", "journal"})
        return Change("wrong", entry, count, f"It went out wrong: {said}", scopes=scopes, list_id=lists[0][0])

    return store.run(change)


def _free(store: Store, name: str) -> str:
    """Return the name of a new list: with a number behind it where there is one already."""
    number, wanted = 1, name
    while find(store, ListKind.CORRECTION, wanted) is not None:
        number += 1
        wanted = f"{name} {number}"
    return wanted
