"""Sending a message again to those whom it did not reach, as a child of its campaign; nobody gets it twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store import derive
from store.cleaning import clean
from store.database import Store
from store.errors import Refused
from store.journal import Operator
from store.outbox.content import Message
from store.outbox.preparing import Draft, Prepared, free_name, prepare
from store.outbox.whom import Whom
from store.queries.unreached import Sought, Wanted, chosen, family_root, sift
from store.vocabulary import FollowUp, OutboxState, SendState, SkipReason

_TAKEN = (
    "SELECT o.id, o.recipient_id FROM recipient AS r CROSS JOIN recipient AS f ON f.contact_id = r.contact_id"
    " AND f.campaign_id IN (SELECT id FROM family) CROSS JOIN outbox AS o ON o.recipient_id = f.id"
    f" AND o.state IN ({OutboxState.WAITING.code}, {OutboxState.HELD.code}) CROSS JOIN message AS m"
    f" ON m.id = o.message_id AND m.state = {SendState.STOPPED.code} WHERE r.id IN ({{}})"
)


@dataclass(frozen=True, slots=True)
class Resend:
    """What is to be sent again, and how.

    Attributes:
        message: the message; as a rule the one that was sent before.
        name: of the campaign that the resend will be; "": made from the parent's.
        relay: the relay's name; None: the only one.
    """

    wanted: Wanted
    message: Message
    name: str = ""
    relay: str | None = None


def send_again(store: Store, resend: Resend, who: Operator, now: datetime) -> Prepared:
    """Make a resend ready, in one transaction with the look at whom the message has not reached.

    What waits for them in a send that was stopped is taken out of it, so that it cannot leave any more.

    Raises:
        NotFound: the campaign, the list or the relay is no longer there.
        Refused: the message has reached everybody who may get it, or the name is taken.
    """

    def change() -> Prepared:
        root = family_root(store, resend.wanted.campaign_id)
        parent = store.execute("SELECT name FROM campaign WHERE id = ?", (root,)).fetchone()[0]
        sift(store, resend.wanted)
        ids = chosen(store)
        if not ids:
            raise Refused(f"“{clean(parent)}” has reached everybody of them who may get it.")
        take_out(store, ids)
        name = resend.name or free_name(store, f"{parent} · again")
        whom = Whom(ids=ids, words=words(resend.wanted))
        draft = Draft(name, resend.message, whom, resend.relay, parent_id=root)
        return follow(store, draft, FollowUp.RESEND, who, now)

    return store.run(change)


def follow(store: Store, draft: Draft, what: FollowUp, who: Operator, now: datetime) -> Prepared:
    """Make a send ready and note what it is to its parent; call it inside a transaction.

    Raises:
        NotFound, Refused: as :func:`store.outbox.preparing.prepare` does.
    """
    made = prepare(store, draft, who, now)
    store.execute("UPDATE campaign SET follow_up = ? WHERE id = ?", (what.code, made.campaign_id))
    return made


def take_out(store: Store, recipients: Sequence[int]) -> int:
    """Take what waits for these people in stopped sends of the family out of the outbox, and return how much that was.

    Call it inside a transaction, after :func:`store.queries.unreached.sift`.
    """
    taken = list(store.among(_TAKEN, recipients))
    store.execute_many("DELETE FROM outbox WHERE id = ?", [(id_,) for id_, _ in taken])
    store.execute_many(
        "UPDATE recipient SET skip_reason = ? WHERE id = ?",
        [(SkipReason.ELSEWHERE.code, recipient) for _, recipient in taken],
    )
    derive.touch(store, [recipient for _, recipient in taken])
    derive.settle(store)
    return len(taken)


def words(wanted: Wanted) -> str:
    """Return in words whom a resend was asked for."""
    if wanted.sought is Sought.FIXED:
        return "fixed addresses"
    if wanted.sought is Sought.NOT_REACHED:
        return "whom it has not reached"
    return "members of a list" if wanted.list_id is not None else f"{len(wanted.ids):,} chosen"
