"""What a server's words mean, put into the record of a log line."""

from __future__ import annotations

from dataclasses import replace

from store.feeds.bounces.classifier import classify
from store.feeds.ours import domain_of
from store.feeds.record import Record
from store.vocabulary import EventType

_FAILED = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})


def blamed(
    record: Record,
    said: str,
    *,
    status: str | None,
    reply: int | None,
    words: str | None = None,
    command: str | None = None,
    remote: str | None = None,
) -> Record:
    """Return a deferral or a failure with the server's words, and the reason and kind they tell.

    Args:
        record: deferred, bounced, rejected or failed.
        said: everything the log tells, kept as the diagnostic.
        status: RFC 3463 code in it.
        reply: SMTP reply code in it.
        words: the server's part of what was said; None: all of it.
        command: the SMTP command that was refused.
        remote: the host that refused it.
    """
    verdict = classify(
        status,
        reply,
        said if words is None else words,
        command=command,
        domain=domain_of(record.address),
        remote=remote,
    )
    return replace(
        record,
        status=status,
        reply=reply,
        diagnostic=said or None,
        reason=verdict.reason,
        kind=verdict.kind if record.type in _FAILED else None,
        command=command,
        remote=remote,
    )
