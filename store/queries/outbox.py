"""Sends and their mails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from store.addresses import campaign_key
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound
from store.outbox.claimant import lives
from store.outbox.content import Message
from store.outbox.keeping import COLUMNS, kept
from store.rows.outbox import OutboxRow, SendRow
from store.rows.page import Page
from store.times import from_ms, from_ms_or_none
from store.vocabulary import OutboxState, SendState

_SENDS = (
    "SELECT m.id, m.campaign_id, p.name, p.key, p.parent_id, coalesce(q.name, ''), m.state, m.why, m.subject,"
    " m.sender, m.relay, m.rate, m.connections, m.digest, m.made_at, m.made_by, m.starts_at, m.began_at, m.ended_at,"
    " m.claimant, m.beat_at, (SELECT min(o.next_at) FROM outbox AS o WHERE o.message_id = m.id"
    f" AND o.state = {OutboxState.WAITING.code}) FROM message AS m CROSS JOIN campaign AS p ON p.id = m.campaign_id"
    " LEFT JOIN campaign AS q ON q.id = p.parent_id{} ORDER BY m.id DESC"
)
_COUNTS = "SELECT state, count(*) FROM outbox WHERE message_id = ? GROUP BY state"
MAIL_COLUMNS = (
    "o.id, o.message_id, o.recipient_id, r.contact_id, r.address, c.name, c.company, o.state, o.attempts, o.next_at,"
    " o.claimed_at, o.settled_at, o.mail_id, o.command, o.reply, o.status, o.diagnostic"
)
"""What :func:`mail_row` takes, of ``outbox AS o``, ``recipient AS r`` and ``contact AS c``."""

_MAILS = (
    f"SELECT {MAIL_COLUMNS} FROM outbox AS o CROSS JOIN recipient AS r ON r.id = o.recipient_id CROSS JOIN contact AS c"
    " ON c.id = r.contact_id WHERE o.message_id = ?"
)
_NEAR = 3


def list_sends(store: Store, now: datetime) -> tuple[SendRow, ...]:
    """Return all sends, the newest first."""
    return tuple(_send(store, values, now) for values in store.rows(_SENDS.format("")))


def send_row(store: Store, message_id: int, now: datetime) -> SendRow:
    """Return a send.

    Raises:
        NotFound: there is none of this id.
    """
    found = store.row(_SENDS.format(" WHERE m.id = ?"), (message_id,))
    if found is None:
        raise NotFound("This send is no longer there.")
    return _send(store, found, now)


def children(store: Store, campaign_id: int, now: datetime) -> tuple[SendRow, ...]:
    """Return the sends that follow a campaign up, the newest first."""
    return tuple(_send(store, row, now) for row in store.rows(_SENDS.format(" WHERE p.parent_id = ?"), (campaign_id,)))


def find_send(store: Store, name: str, now: datetime) -> SendRow:
    """Return the send whose campaign has this name or key; case and blanks do not matter.

    Raises:
        NotFound: there is none; the text names those that are nearly called so.
    """
    wanted = campaign_key(name)
    known = store.rows("SELECT m.id, p.name, p.key FROM message AS m JOIN campaign AS p ON p.id = m.campaign_id")
    for id_, *words in known:
        if wanted in map(campaign_key, words):
            return send_row(store, id_, now)
    if not known:
        raise NotFound("Nothing was sent from here yet.")
    by_word = {campaign_key(word): row[1] for row in known for word in row[1:]}
    near = dict.fromkeys(by_word[word] for word in get_close_matches(wanted, by_word, _NEAR, 0.5))
    listed = ", ".join(f"“{clean(word)}”" for word in near or [row[1] for row in known[-_NEAR:]])
    raise NotFound(f"There is no send “{clean(name)}”; {f'is it {listed}?' if near else f'the last are {listed}.'}")


def message_of(store: Store, message_id: int) -> Message:
    """Return the message of a send.

    Raises:
        NotFound: there is none of this id.
    """
    found = store.row(f"SELECT {', '.join(COLUMNS)} FROM message WHERE id = ?", (message_id,))
    if found is None:
        raise NotFound("This send is no longer there.")
    return kept(dict(zip(COLUMNS, found, strict=True)))


def sent_message(store: Store, campaign_id: int) -> Message | None:
    """Return the message that was sent from here for a campaign; None: it was not sent from here."""
    found = store.row("SELECT id FROM message WHERE campaign_id = ?", (campaign_id,))
    return None if found is None else message_of(store, found[0])


def mails(
    store: Store,
    message_id: int,
    states: Collection[OutboxState] = (),
    limit: int = 100,
    offset: int = 0,
) -> Page[OutboxRow]:
    """Return a page of the mails of a send, in the order of sending.

    Args:
        store: the open store.
        message_id: the send.
        states: only these; empty: all.
        limit: how many at most; -1: all.
        offset: how many are left out before.
    """
    among = f" AND o.state IN ({', '.join(str(state.code) for state in states)})" if states else ""
    counts = dict(store.rows(_COUNTS, (message_id,)))
    total = sum(count for code, count in counts.items() if not states or OutboxState.of(code) in states)
    found = store.rows(f"{_MAILS}{among} ORDER BY o.id LIMIT ? OFFSET ?", (message_id, limit, offset))
    return Page(tuple(map(mail_row, found)), total, offset)


def _send(store: Store, values: Sequence[Any], now: datetime) -> SendRow:
    id_, campaign_id, name, key, parent_id, parent, state, why, subject, sender, relay, rate, connections, *rest = (
        values
    )
    digest, made_at, made_by, starts_at, began_at, ended_at, claimant, beat_at, next_at = rest
    alive = lives(claimant, beat_at, now)
    counts = dict.fromkeys(OutboxState, 0) | {
        OutboxState.of(code): count for code, count in store.rows(_COUNTS, (id_,))
    }
    if not alive:
        # What the process had open when it died: nobody can tell, whether or not that stands in the rows yet.
        counts[OutboxState.UNSURE] += counts[OutboxState.SENDING]
        counts[OutboxState.SENDING] = 0
    return SendRow(
        id_,
        campaign_id,
        clean(name),
        clean(key),
        parent_id,
        clean(parent),
        SendState.of(state),
        clean(why),
        clean(subject),
        clean(sender),
        clean(relay),
        rate,
        connections,
        digest,
        from_ms(made_at),
        clean(made_by),
        from_ms_or_none(starts_at),
        from_ms_or_none(began_at),
        from_ms_or_none(ended_at),
        alive,
        counts,
        from_ms_or_none(next_at or None),
    )


def mail_row(values: Sequence[Any]) -> OutboxRow:
    """Make a row of :data:`MAIL_COLUMNS`."""
    id_, message_id, recipient_id, contact_id, address, name, company, state, attempts, next_at, *rest = values
    claimed_at, settled_at, mail_id, command, reply, status, diagnostic = rest
    return OutboxRow(
        id_,
        message_id,
        recipient_id,
        contact_id,
        clean(address),
        clean(name),
        clean(company),
        OutboxState.of(state),
        attempts,
        from_ms_or_none(next_at or None),
        from_ms_or_none(claimed_at),
        from_ms_or_none(settled_at),
        clean(mail_id),
        clean(command or ""),
        reply,
        clean(status or ""),
        clean(diagnostic or ""),
    )
