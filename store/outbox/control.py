"""Pausing, stopping and going on, from any process; and holding mails back that have not left.

Nothing is asked of the process that sends: each of its claims looks at the state of the message in the claim's own
transaction. So when a pause is committed nothing is claimed any more, and what may still leave are the mails that were
claimed before, one a connection at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from store import journal
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.outbox.claimant import lives
from store.outbox.unsure import REOPEN, recover
from store.queries.tripwires import standing
from store.rows import Change
from store.rows.outbox import SendRow
from store.vocabulary import Delivery, OutboxState, SendState

SCOPES = frozenset({"campaigns", "recipients", "outbox", "journal"})
"""What panes read again after the sending of a message changed."""

_HELD, _WAITING = OutboxState.HELD.code, OutboxState.WAITING.code
_LONGEST_WHY = 300


def pause(store: Store, message_id: int, who: Operator, now: datetime, why: str = "") -> Change:
    """Let nothing more of a message leave until somebody resumes it.

    Raises:
        NotFound: there is no such send.
        Refused: it is not under way.
    """
    return _halt(store, message_id, SendState.PAUSED, who, now, why)


def stop(store: Store, message_id: int, who: Operator, now: datetime, why: str = "") -> Change:
    """Let nothing more of a message leave, and end the process that sends it. What waits stays in the outbox.

    Raises:
        NotFound: there is no such send.
        Refused: it has ended, or is stopped already.
    """
    return _halt(store, message_id, SendState.STOPPED, who, now, why)


def resume(store: Store, message_id: int, who: Operator, now: datetime, shown: SendRow | None = None) -> Change:
    """Let a paused message go on; only a process that sends it makes it do so.

    Args:
        store: the open store.
        message_id: the message.
        who: the operator.
        now: aware UTC time.
        shown: the send as whoever resumes it has seen it; None: they have looked at it just now.

    Raises:
        NotFound: there is no such send.
        Refused: it is under way or has ended, somebody halted it since it was shown, or one of its tripwires has
            tripped and nobody has acknowledged it.
    """

    def change() -> Change:
        if shown is not None:
            refuse_if_halted_since(store, shown)
        state, name, campaign_id, alive = _state(store, message_id, now)
        if state in {SendState.SENDING, SendState.STARTING} and alive:
            raise Refused(f"“{name}” is being sent.")
        if state is SendState.DONE:
            raise Refused(f"“{name}” has ended: nothing of it waits any more.")
        may_go_on(store, campaign_id, now)
        return _moved(store, message_id, SendState.SENDING, f"“{name}” goes on", "resume", "", who, now)

    return store.run(change)


def refuse_if_halted_since(store: Store, shown: SendRow) -> None:
    """Refuse to let a send go on that somebody has halted, or for another reason, since it was shown.

    Raises:
        Refused: that is so; the sentence says who or why.
    """
    found = store.row("SELECT state, why FROM message WHERE id = ?", (shown.id,))
    if found is None:
        return
    state, why = SendState.of(found[0]), clean(found[1] or "")
    if state in {SendState.PAUSED, SendState.STOPPED} and (state, why) != (shown.state, shown.why):
        raise Refused(f"“{shown.campaign}” is {state} by now ({why or 'nobody said why'}); look again with `.`.")


def may_go_on(store: Store, campaign_id: int, now: datetime) -> None:
    """Refuse while a tripwire of a campaign rings.

    Raises:
        Refused: one does; the sentence says how to acknowledge it.
    """
    for trip in standing(store, now, campaign_id):
        if trip.rings:
            raise Refused(
                f"A tripwire of “{trip.campaign}” has tripped: {trip.why}. Acknowledge it first"
                f" (aftersend tripwire ack {trip.key})."
            )


def hold(store: Store, message_id: int, ids: Sequence[int] | None, reason: str, who: Operator, now: datetime) -> Change:
    """Hold mails back that have not left: of these recipients, or all that wait.

    Args:
        store: the open store.
        message_id: the message.
        ids: recipient ids; None: all.
        reason: why, for people.
        who: the operator.
        now: aware UTC time.

    Raises:
        NotFound: there is no such send.
        Refused: none of them waits any more.
    """
    return _move(store, message_id, ids, (_WAITING, _HELD), clean(reason)[:_LONGEST_WHY], who, now)


def release(store: Store, message_id: int, ids: Sequence[int] | None, who: Operator, now: datetime) -> Change:
    """Let mails that are held wait again, but not to people who are skipped in the plan by now.

    Raises:
        NotFound: there is no such send.
        Refused: none of them is held.
    """
    return _move(store, message_id, ids, (_HELD, _WAITING), None, who, now)


def _halt(store: Store, message_id: int, to: SendState, who: Operator, now: datetime, why: str) -> Change:
    def change() -> Change:
        state, name, _, _ = _state(store, message_id, now)
        if state is SendState.DONE:
            raise Refused(f"“{name}” has ended: nothing of it waits any more.")
        if state is to or (to is SendState.PAUSED and state in {SendState.READY, SendState.STOPPED}):
            raise Refused(f"“{name}” is {'not under way' if state is SendState.READY else f'{state} already'}.")
        waiting = store.execute(
            "SELECT count(*) FROM outbox WHERE message_id = ? AND state = ?", (message_id, _WAITING)
        ).fetchone()[0]
        words = clean(why)[:_LONGEST_WHY] or f"{to} by {who.name}"
        said = f"“{name}” {to} with {waiting:,} not sent{f': {words}' if why else ''}"
        verb = "stop" if to is SendState.STOPPED else "pause"
        return _moved(store, message_id, to, said, verb, words, who, now)

    return store.run(change)


def _moved(
    store: Store, message_id: int, to: SendState, said: str, verb: str, why: str, who: Operator, now: datetime
) -> Change:
    store.execute("UPDATE message SET state = ?, why = ? WHERE id = ?", (to.code, why, message_id))
    entry = journal.write(store, who, now, verb, said, undoable=False, subjects=1)
    return Change(verb, entry, 1, said, scopes=SCOPES)


def _state(store: Store, message_id: int, now: datetime) -> tuple[SendState, str, int, bool]:
    """Return state, name, campaign and whether a process sends it; what a dead one left open becomes unsure."""
    found = store.execute(
        "SELECT m.state, p.name, p.id, m.claimant, m.beat_at FROM message AS m JOIN campaign AS p"
        " ON p.id = m.campaign_id WHERE m.id = ?",
        (message_id,),
    ).fetchone()
    if found is None:
        raise NotFound("This send is no longer there.")
    state, name, campaign_id, claimant, beat_at = found
    alive = lives(claimant, beat_at, now)
    if not alive:
        recover(store, message_id, now)
    return SendState.of(state), clean(name), campaign_id, alive


def _move(
    store: Store,
    message_id: int,
    ids: Sequence[int] | None,
    way: tuple[int, int],
    reason: str | None,
    who: Operator,
    now: datetime,
) -> Change:
    def change() -> Change:
        _, name, _, _ = _state(store, message_id, now)
        sql = "SELECT id, recipient_id FROM outbox WHERE message_id = ? AND state = ?"
        if way[0] == _HELD:
            # Who was left out of the plan stays out.
            sql += f" AND recipient_id NOT IN (SELECT id FROM recipient WHERE delivery = {Delivery.SKIPPED.code})"
        if ids is None:
            rows = store.execute(sql, (message_id, way[0])).fetchall()
        else:
            rows = list(store.among(f"{sql} AND recipient_id IN ({{}})", list(ids), (message_id, way[0])))
        verb = "hold" if way[1] == _HELD else "release"
        if not rows:
            raise Refused(f"None of these mails of “{name}” {'waits' if verb == 'hold' else 'is held'}.")
        store.execute_many(
            "UPDATE outbox SET state = ?, diagnostic = ?, next_at = 0, attempts = 0 WHERE id = ?",
            [(way[1], reason, id_) for id_, _ in rows],
        )
        if verb == "release":
            store.execute(REOPEN.format("?"), (message_id,))
        said = f"{len(rows):,} of “{name}” {'held' if verb == 'hold' else 'released'}{f': {reason}' if reason else ''}"
        entry = journal.write(store, who, now, verb, said, undoable=False, subjects=len(rows))
        return Change(verb, entry, len(rows), said, scopes=SCOPES)

    return store.run(change)
