"""Pulling a campaign's mails out of a Postfix queue: hold them, let them go on, or delete them while they are on hold.

Only mails that :func:`store.queries.queued.queued` says are surely the campaign's are ever touched, and it is asked
again the moment before. Only a mail on hold is deleted: it stays where it is by itself, so its queue id cannot have
become another mail's in between. What is deleted is written down before (``deleting``) and settled after; a crash in
between is put right by the next look (:func:`settle`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from store import journal
from store.actions.marking import SCOPES, decided, lines, read
from store.cleaning import clean
from store.database import Store
from store.errors import Refused
from store.feeds.record import Record
from store.journal import Line, Operator
from store.landing import event_row, insert_events
from store.marks import mark
from store.matching import Match
from store.outbox.postfix import Instance
from store.queries.queued import queued
from store.rows import Change
from store.rows.queued import QueuedRow
from store.times import to_ms
from store.vocabulary import Attribution, BounceKind, Decision, EventType, PulledState, Source

PULLED = "pulled"
"""The reason of a failure that was ours: the mail was deleted from the queue."""

_BUSY = "what is being delivered at this very moment may still arrive"
_INSERT = (
    "INSERT INTO pulled (campaign_id, recipient_id, instance, queue_id, arrived_at, sender, message_id, state,"
    " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (instance, queue_id, arrived_at, recipient_id)"
    " DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at"
)


def hold(
    store: Store, campaign_id: int, instance: Instance, chosen: Collection[QueuedRow], who: Operator, now: datetime
) -> Change:
    """Put mails of a campaign on hold, so that Postfix does not try to deliver them; undo lets them go on.

    Args:
        store: the open store.
        campaign_id: the campaign.
        instance: the Postfix.
        chosen: what was shown, and is meant; what has become another mail since is left alone.
        who: the operator.
        now: aware UTC time.

    Raises:
        NotFound, Refused, Unreachable: the queue cannot be looked at or changed; the sentence says why.
    """
    settle(store, campaign_id, instance, who, now)
    wanted = [mail for mail in _again(store, campaign_id, instance, chosen) if not mail.held]
    told = instance.tell("hold", [mail.queue_id for mail in wanted])
    there = {mail.identity: mail for mail in queued(store, campaign_id, instance).mails if mail.held}
    held = [mail for mail in wanted if mail.queue_id in told and mail.identity in there]
    # An id that became another mail's while it was asked for: that one goes on.
    instance.tell("release", told - {mail.queue_id for mail in held})
    left = len(chosen) - len(held)
    if not held:
        return Change("hold", None, 0, f"None of these mails could be put on hold: {_gone(left)}.")

    def change() -> Change:
        ids = _put(store, campaign_id, instance, held, PulledState.HELD, now)
        said = f"{_mails(held)} of “{_name(store, campaign_id)}” put on hold in {instance.words}"
        said += f" ({left:,} left alone: {_gone(left)})" if left else f"; {_BUSY}"
        was, is_ = {"state": PulledState.RELEASED.code}, {"state": PulledState.HELD.code}
        kept = [Line("pulled", id_, was, is_) for id_ in ids]
        entry = journal.write(store, who, now, "hold", said, kept, subjects=len(held))
        return Change("hold", entry, len(held), said, scopes=SCOPES)

    return store.run(change)


def release(
    store: Store, campaign_id: int, instance: Instance, chosen: Collection[QueuedRow], who: Operator, now: datetime
) -> Change:
    """Let mails that are on hold go on, whoever put them there; Postfix tries them again by itself.

    Raises:
        NotFound, Refused, Unreachable: as for :func:`hold`.
    """
    settle(store, campaign_id, instance, who, now)
    wanted = [mail for mail in _again(store, campaign_id, instance, chosen) if mail.held]
    told = instance.tell("release", [mail.queue_id for mail in wanted])
    freed = [mail for mail in wanted if mail.queue_id in told]
    if not freed:
        return Change("release", None, 0, "None of these mails is on hold.")

    def change() -> Change:
        _put(store, campaign_id, instance, freed, PulledState.RELEASED, now)
        said = f"{_mails(freed)} of “{_name(store, campaign_id)}” released from hold in {instance.words}"
        entry = journal.write(store, who, now, "release", said, undoable=False, subjects=len(freed))
        return Change("release", entry, len(freed), said, scopes=SCOPES)

    return store.run(change)


def pull(
    store: Store, campaign_id: int, instance: Instance, chosen: Collection[QueuedRow], who: Operator, now: datetime
) -> Change:
    """Delete mails that are on hold from the queue: they never arrive, and nobody can bring them back.

    Their recipients stand as not reached, by a failure that is ours: it does not count against the address, is decided
    (excused), and lets them be sent to again.

    Raises:
        Refused: none of them is on hold; or as for :func:`hold`.
        NotFound, Unreachable: as for :func:`hold`.
    """
    settle(store, campaign_id, instance, who, now)
    wanted = [mail for mail in _again(store, campaign_id, instance, chosen) if mail.held]
    if not wanted:
        raise Refused("None of these mails is on hold; only mails on hold are deleted.")

    def begin() -> None:
        _put(store, campaign_id, instance, wanted, PulledState.DELETING, now)

    store.run(begin)
    told = instance.tell("delete", [mail.queue_id for mail in wanted])
    stayed = [mail for mail in wanted if mail.queue_id not in told]

    def back() -> None:
        _put(store, campaign_id, instance, stayed, PulledState.HELD, now)

    if stayed:
        store.run(back)
    done = _settled(store, campaign_id, instance, {(mail.queue_id, to_ms(mail.arrived_at)) for mail in stayed})
    return store.run(lambda: _record(store, campaign_id, instance, done, who, now, left=len(chosen) - len(told)))


def settle(store: Store, campaign_id: int, instance: Instance, who: Operator, now: datetime) -> None:
    """Put right what a crash left open: mails that were being deleted and are not in the queue any more were deleted.

    Raises:
        NotFound, Refused, Unreachable: the queue cannot be looked at.
    """
    if not _deleting(store, campaign_id, instance):
        return
    there = {(mail.id, mail.arrived_at) for mail in instance.mails()}
    gone = _settled(store, campaign_id, instance, there)

    def change() -> None:
        if gone:
            _record(store, campaign_id, instance, gone, who, now, left=0)
        store.execute(
            "UPDATE pulled SET state = ?, changed_at = ? WHERE campaign_id = ? AND instance = ? AND state = ?",
            (PulledState.HELD.code, to_ms(now), campaign_id, instance.config, PulledState.DELETING.code),
        )

    store.run(change)


def let_go(store: Store, ids: Sequence[int]) -> None:
    """Have Postfix do what these rows of ``pulled`` say: hold or release; an undo or redo has just changed them.

    Raises:
        Refused: none of the mails is in the queue any more; or Postfix refuses.
        NotFound, Unreachable: there is no Postfix any more, or it does not answer.
    """
    sql = "SELECT instance, state, campaign_id, queue_id, arrived_at, sender FROM pulled WHERE id IN ({})"
    wanted: dict[tuple[str, int, int], set[tuple[str, int, str]]] = {}
    for config, state, campaign, queue_id, arrived, sender in store.among(sql, ids):
        wanted.setdefault((config, state, campaign), set()).add((queue_id, arrived, sender))
    told = 0
    for (config, state, campaign), mails in wanted.items():
        instance = Instance(config)
        hold_ = state == PulledState.HELD.code
        there = queued(store, campaign, instance).mails
        meant = [m for m in there if (m.queue_id, to_ms(m.arrived_at), m.sender) in mails and m.held is not hold_]
        told += len(instance.tell("hold" if hold_ else "release", [mail.queue_id for mail in meant]))
    if wanted and not told:
        raise Refused("None of these mails is in the queue any more.")


def _again(store: Store, campaign_id: int, instance: Instance, chosen: Collection[QueuedRow]) -> list[QueuedRow]:
    """Return those chosen that are in the queue now and still surely the campaign's, as they are now."""
    meant = {mail.identity for mail in chosen}
    return [mail for mail in queued(store, campaign_id, instance).mails if mail.identity in meant]


def _put(
    store: Store, campaign_id: int, instance: Instance, mails: Iterable[QueuedRow], state: PulledState, now: datetime
) -> list[int]:
    """Write down how these mails stand, and return the numbers of their rows."""
    rows = [(mail, recipient) for mail in mails for recipient in mail.recipient_ids]
    at = to_ms(now)
    store.execute_many(
        _INSERT,
        [
            (
                campaign_id,
                recipient,
                instance.config,
                mail.queue_id,
                to_ms(mail.arrived_at),
                mail.sender,
                mail.message_id,
                state.code,
                at,
            )
            for mail, recipient in rows
        ],
    )
    sql = "SELECT id, queue_id, arrived_at, recipient_id FROM pulled WHERE instance = ? AND queue_id IN ({})"
    ids = sorted({mail.queue_id for mail, _ in rows})
    found = {(q, at, r): id_ for id_, q, at, r in store.among(sql, ids, (instance.config,))}
    return [found[mail.queue_id, to_ms(mail.arrived_at), recipient] for mail, recipient in rows]


def _deleting(store: Store, campaign_id: int, instance: Instance) -> list[tuple[Any, ...]]:
    return store.rows(
        "SELECT id, recipient_id, queue_id, arrived_at, message_id FROM pulled WHERE campaign_id = ? AND instance = ?"
        " AND state = ? ORDER BY id",
        (campaign_id, instance.config, PulledState.DELETING.code),
    )


def _settled(
    store: Store, campaign_id: int, instance: Instance, there: Collection[tuple[str, int]]
) -> list[tuple[Any, ...]]:
    """Return the rows of mails that were being deleted, without those that are ``there``."""
    return [row for row in _deleting(store, campaign_id, instance) if (row[2], row[3]) not in there]


def _record(
    store: Store,
    campaign_id: int,
    instance: Instance,
    rows: Sequence[tuple[Any, ...]],
    who: Operator,
    now: datetime,
    *,
    left: int,
) -> Change:
    """Write down that mails were deleted: an event for each recipient, excused, and the journal entry."""
    insert_events(store, _events(store, campaign_id, instance, rows, who, now))
    recipients = [row[1] for row in rows]
    before = read(store, "recipient", recipients)
    excused = {id_: decided(Decision.EXCUSED, who, to_ms(now)) for id_ in before}
    mark(store, excused)
    store.execute_many(
        "UPDATE pulled SET state = ?, changed_at = ? WHERE id = ?",
        [(PulledState.DELETED.code, to_ms(now), row[0]) for row in rows],
    )
    mails = len({(row[2], row[3]) for row in rows})
    if not mails:
        return Change("pull", None, 0, f"None of these mails could be deleted: {_gone(left)}.")
    noun = "1 mail" if mails == 1 else f"{mails:,} mails"
    said = f"{noun} of “{_name(store, campaign_id)}” deleted from the queue of {instance.words}"
    said += f" ({left:,} left alone: {_gone(left)})" if left > 0 else ""
    kept = lines("recipient", before, excused)
    entry = journal.write(store, who, now, "pull", said, kept, undoable=False, subjects=mails)
    return Change("pull", entry, mails, said, scopes=SCOPES)


def _events(
    store: Store, campaign_id: int, instance: Instance, rows: Sequence[tuple[Any, ...]], who: Operator, now: datetime
) -> list[tuple[Any, ...]]:
    """Return a failure for each recipient of mails that were deleted, as rows of the event table."""
    sql = "SELECT id, address, address_key FROM recipient WHERE id IN ({})"
    known = {id_: (address, key) for id_, address, key in store.among(sql, [row[1] for row in rows])}
    found = []
    for _, recipient, queue_id, arrived, message_id in rows:
        address, key = known[recipient]
        record = Record(
            EventType.FAILED,
            to_ms(now),
            address,
            Source.OPERATOR,
            f"queue id {queue_id}",
            message_id=message_id or None,
            identity=f"{instance.config} {queue_id} {arrived} {recipient}",
            reason=PULLED,
            kind=BounceKind.BLOCK,
            diagnostic=f"deleted from the mail queue by {who.name}",
        )
        found.append(event_row(record, Match(recipient, campaign_id, key, Attribution.EXACT), None, None))
    return found


def _name(store: Store, campaign_id: int) -> str:
    found = store.execute("SELECT name FROM campaign WHERE id = ?", (campaign_id,)).fetchone()
    return clean(found[0]) if found else ""


def _mails(mails: Sequence[QueuedRow]) -> str:
    return "1 mail" if len(mails) == 1 else f"{len(mails):,} mails"


def _gone(count: int) -> str:
    return "it has left the queue meanwhile" if count == 1 else "they have left the queue meanwhile"
