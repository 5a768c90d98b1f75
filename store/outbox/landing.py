"""What the relay said, put among the events: exactly once, through the ordinary way of every feed.

An answer lands in the transaction that marks its row as landed. A row that was put off is not tried again before its
answer has landed, so that the columns of one answer are enough.

A mail that the relay put off and takes later waits nowhere any more: what was said while it was put off is taken out
again, or the recipient would count as deferred until a log tells of the delivery. The row keeps the number of tries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from store.database import Store
from store.feeds.record import Record
from store.feeds.verdicts import blamed
from store.landing import land
from store.matching import Matcher
from store.vocabulary import EventType, Hop, OutboxState, Source
from store.withdrawal import withdraw

BATCH = 2000
"""Answers a transaction."""

_UNLANDED = (
    "SELECT o.id, o.state, o.attempts, o.settled_at, o.mail_id, o.command, o.reply, o.status, o.diagnostic, r.address,"
    " p.key, m.relay FROM outbox AS o CROSS JOIN recipient AS r ON r.id = o.recipient_id CROSS JOIN message AS m"
    " ON m.id = o.message_id CROSS JOIN campaign AS p ON p.id = m.campaign_id"
    " WHERE o.message_id = ? AND NOT o.landed ORDER BY o.message_id, o.id LIMIT ?"
)
_PUT_OFF = (
    "SELECT e.recipient_id, e.dedupe FROM outbox AS o CROSS JOIN event AS e ON e.recipient_id = o.recipient_id"
    f" WHERE o.id IN ({{}}) AND e.type = {EventType.DEFERRED.code} AND e.source = {Source.OUTBOX.code}"
)
_PERMANENT = 500


@dataclass(slots=True)
class Outcomes:
    """Lands the answers of one message, some at a time."""

    store: Store
    message_id: int
    _matcher: Matcher | None = None
    _links: dict[tuple[int, str], int] = field(default_factory=dict)

    def land(self) -> int:
        """Land answers that have not landed yet, and return how many; call it inside a transaction until it is 0."""
        found = self.store.execute(_UNLANDED, (self.message_id, BATCH)).fetchall()
        if not found:
            return 0
        if self._matcher is None:
            self._matcher = Matcher(self.store)
        land(self.store, self._matcher, self._links, None, [_record(row) for row in found])
        self.store.execute_many("UPDATE outbox SET landed = TRUE WHERE id = ?", [(row[0],) for row in found])
        self._forget([row[0] for row in found if row[1] == OutboxState.ACCEPTED.code and row[2] > 1])
        return len(found)

    def _forget(self, accepted: Sequence[int]) -> None:
        """Take out what the relay said while it put these mails off."""
        said: dict[int, list[bytes]] = defaultdict(list)
        for recipient, dedupe in self.store.among(_PUT_OFF, accepted):
            said[recipient].append(bytes(dedupe))
        if said:
            withdraw(self.store, said)


def land_all(store: Store, message_id: int) -> None:
    """Land all answers of a message."""
    outcomes = Outcomes(store, message_id)
    while store.run(outcomes.land):
        pass


def _record(row: tuple[Any, ...]) -> Record:
    _, code, attempts, at, mail_id, command, reply, status, words, address, key, relay = row
    state = OutboxState.of(code)
    expired = state is OutboxState.REFUSED and (reply or 0) < _PERMANENT
    type_ = {OutboxState.ACCEPTED: EventType.SENT, OutboxState.WAITING: EventType.DEFERRED}.get(
        state, EventType.FAILED if expired else EventType.REJECTED
    )
    record = Record(
        type_,
        at,
        address,
        Source.OUTBOX,
        where=f"relay {relay}, try {attempts}",
        message_id=mail_id,
        campaign=key,
        identity=f"{mail_id} {attempts}",
        status=status,
        reply=reply,
        diagnostic=words,
        expired=expired,
        hop=Hop.RELAY,
    )
    return (
        record if type_ is EventType.SENT else blamed(record, words or "", status=status, reply=reply, command=command)
    )
