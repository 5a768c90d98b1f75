"""Sends and their mails as objects for JSON."""

from __future__ import annotations

from typing import Any

from store.exports.json import plain
from store.rows.outbox import OutboxRow, SendRow


def send_object(row: SendRow) -> dict[str, Any]:
    """Return a send, with its mails by state; "alive": whether a process is known to send it now."""
    return {
        "send": row.campaign,
        "key": row.key,
        "follows_up": row.parent or None,
        "state": row.state.value,
        "why": row.why or None,
        "alive": row.alive,
        "subject": row.subject,
        "from": row.sender,
        "relay": row.relay,
        "mails": row.total,
        **{state.value: count for state, count in row.counts.items()},
        "made": plain(row.made_at),
        "made_by": row.made_by,
        "began": plain(row.began_at),
        "ended": plain(row.ended_at),
    }


def mail_object(row: OutboxRow) -> dict[str, Any]:
    """Return a mail of the outbox, with what the relay said last."""
    return {
        "address": row.address,
        "name": row.name,
        "state": row.state.value,
        "tries": row.attempts,
        "command": row.command or None,
        "reply": row.reply,
        "status": row.status or None,
        "said": row.diagnostic or None,
        "next": plain(row.next_at),
        "settled": plain(row.settled_at),
        "message_id": row.mail_id,
    }
