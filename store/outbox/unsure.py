"""Mails of which nobody can tell whether they left: found after a crash, resolved by evidence or by an operator.

The relay's log is evidence, and so is anything that only somebody who got the mail can do. What a log does *not* tell
proves nothing: it may not have been read yet, or not come. So a mail is never taken for unsent by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from store import journal
from store.database import Store
from store.errors import Refused
from store.journal import Operator
from store.outbox.claimant import lives
from store.rows import Change
from store.times import to_ms
from store.vocabulary import Attribution, EventType, OutboxState, SendState, Source

SCOPES = frozenset({"campaigns", "recipients", "outbox", "journal"})

_ACCEPTED, _SENDING, _UNSURE = OutboxState.ACCEPTED.code, OutboxState.SENDING.code, OutboxState.UNSURE.code
_OPEN = f"state IN ({_SENDING}, {_UNSURE})"
"""As the partial index has it; SQLite takes the index only where the same words stand."""

_SURE = (
    EventType.DELIVERED,
    EventType.BOUNCED,
    EventType.OPENED,
    EventType.CLICKED,
    EventType.REPLIED,
    EventType.AUTOREPLIED,
    EventType.COMPLAINED,
    EventType.UNSUBSCRIBED,
)
"""What happens only to mail that has left."""

_ITS_OWN = (EventType.QUEUED, EventType.SENT, EventType.DEFERRED)
"""What says so where it names the mail: without its Message-ID it may be a refusal before the end of the data."""

_TELLS = (
    f"e.recipient_id = outbox.recipient_id AND e.source NOT IN ({Source.OUTBOX.code}, {Source.OPERATOR.code})"
    f" AND (e.type IN ({', '.join(str(type_.code) for type_ in _SURE)}) AND (e.message_id = outbox.mail_id"
    f" OR e.attribution <> {Attribution.INFERRED.code})"
    f" OR e.type IN ({', '.join(str(type_.code) for type_ in _ITS_OWN)}) AND e.message_id = outbox.mail_id)"
)
_RESOLVE = (
    f"UPDATE outbox SET state = {_ACCEPTED}, diagnostic = 'what happened to it since tells that it left'"
    f" WHERE {_OPEN} AND state = {_UNSURE} AND {{}} EXISTS (SELECT 1 FROM event AS e WHERE {_TELLS})"
)
REOPEN = (
    f"UPDATE message SET state = {SendState.PAUSED.code}, why = 'something of it waits again', ended_at = NULL"
    f" WHERE state = {SendState.DONE.code} AND id IN ({{}})"
)
"""Lets messages be resumed that were done; of which ones, a statement in the braces tells."""

_DIED = "the sending process ended before an answer to the end of the data was recorded"


def recover(store: Store, message_id: int, now: datetime) -> int:
    """Make the open mails of a dead process unsure, resolve what events tell already, and return how many were open.

    Call it inside a transaction, when the process that claimed them is known to be dead.
    """
    cursor = store.execute(
        f"UPDATE outbox SET state = {_UNSURE}, attempts = attempts + 1, settled_at = ?, diagnostic = ?"
        f" WHERE message_id = ? AND {_OPEN} AND state = {_SENDING}",
        (to_ms(now), _DIED, message_id),
    )
    store.execute(_RESOLVE.format("message_id = ? AND"), (message_id,))
    return int(cursor.rowcount)


def recover_dead(store: Store, now: datetime) -> int:
    """Do :func:`recover` for every message whose process is dead; call it inside a transaction."""
    found = store.execute(
        f"SELECT id, claimant, beat_at FROM message WHERE id IN (SELECT message_id FROM outbox WHERE {_OPEN}"
        f" AND state = {_SENDING})"
    ).fetchall()
    dead = [id_ for id_, claimant, beat_at in found if not lives(claimant, beat_at, now)]
    return sum(recover(store, id_, now) for id_ in dead)


def resolve(store: Store, after_event: int) -> None:
    """Take mails for accepted of which new events tell so; call it in the transaction in which these landed.

    Args:
        store: the open store.
        after_event: look at events with a higher id.
    """
    if store.execute(f"SELECT 1 FROM outbox WHERE {_OPEN} LIMIT 1").fetchone() is None:
        return
    store.execute(_RESOLVE.format("recipient_id IN (SELECT recipient_id FROM event WHERE id > ?) AND"), (after_event,))


def decide(store: Store, ids: Sequence[int], who: Operator, now: datetime, *, sent: bool) -> Change:
    """Decide about mails of which nobody can tell: take them for sent, or let them be sent again.

    Sent again, somebody may get the mail twice; the journal says who took that upon themselves.

    Args:
        store: the open store.
        ids: rows of the outbox.
        who: the operator.
        now: aware UTC time.
        sent: take them for sent.

    Raises:
        Refused: none of them is unsure.
    """

    def change() -> Change:
        recover_dead(store, now)
        sql = f"SELECT id FROM outbox WHERE state = {_UNSURE} AND id IN ({{}})"
        open_ = [id_ for (id_,) in store.among(sql, ids)]
        if not open_:
            raise Refused("None of these mails is unsure.")
        state = _ACCEPTED if sent else OutboxState.WAITING.code
        words = f"{'taken for sent' if sent else 'to be sent again'}, decided by {who.name}"
        store.execute_many(
            "UPDATE outbox SET state = ?, settled_at = ?, landed = ?, next_at = 0, command = NULL, reply = NULL,"
            " status = NULL, diagnostic = ? WHERE id = ?",
            [(state, to_ms(now), not sent, words, id_) for id_ in open_],
        )
        if not sent:
            store.execute(
                REOPEN.format("SELECT message_id FROM outbox WHERE id IN (SELECT value FROM json_each(?))"),
                (json.dumps(open_),),
            )
        noun = "1 mail" if len(open_) == 1 else f"{len(open_):,} mails"
        said = f"{noun} of which nobody could tell: {'taken for sent' if sent else 'to be sent again'}"
        entry = journal.write(store, who, now, "unsure", said, undoable=False, subjects=len(open_))
        return Change("unsure", entry, len(open_), said, scopes=SCOPES)

    return store.run(change)
