"""One recipient's whole history, and the outcomes of many."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from store.addresses import address_key
from store.cleaning import clean, clean_or_none
from store.database import Store
from store.errors import NotFound
from store.fold import Happening, Outcome
from store.fold import outcomes as fold_outcomes
from store.queries.journal import COLUMNS as JOURNAL_COLUMNS
from store.queries.journal import journal_row
from store.queries.recipient_rows import COLUMNS, JOINED, recipient_row, word_maker
from store.rows import AddressRow, EventRow, HistoryRow, JournalRow, OutcomeRow, RecipientRow
from store.times import from_ms, from_ms_or_none
from store.vocabulary import Actor, Attribution, BlockReason, BounceKind, EventType, Hop, Source

_type, _source, _kind = word_maker(EventType), word_maker(Source), word_maker(BounceKind)
_actor, _hop, _attribution = word_maker(Actor), word_maker(Hop), word_maker(Attribution)

_BATCH = 500
EVENT_COLUMNS = (
    "e.id, e.ts, e.type, e.source, e.address, e.message_id, e.kind, e.expired, e.reason, e.status, e.reply,"
    " e.diagnostic, e.actor, e.hop, e.attribution, l.url, e.location, e.times"
)
"""What to select of ``event AS e`` and ``link AS l`` for :func:`event_row`."""

_EVENTS = (
    f"SELECT {EVENT_COLUMNS} FROM event AS e LEFT JOIN link AS l ON l.id = e.link_id WHERE e.recipient_id = ?"
    " ORDER BY e.ts, e.id"
)
_HAPPENINGS = (
    "SELECT e.recipient_id, r.address, e.type, e.ts, e.dedupe, e.address, e.message_id, e.kind, e.expired, e.reason,"
    " e.status, e.reply, e.diagnostic, e.actor FROM json_each(?) AS j CROSS JOIN event AS e ON e.recipient_id = j.value"
    " CROSS JOIN recipient AS r ON r.id = e.recipient_id"
)


def history(store: Store, recipient_id: int) -> HistoryRow:
    """Return everything about one recipient; events, outcomes and journal entries oldest first.

    Raises:
        NotFound: there is no such recipient.
    """
    recipients = _recipients(store, "r.id = ?", recipient_id)
    if not recipients:
        raise NotFound(f"There is no recipient with the number {recipient_id}.")
    recipient = recipients[0]
    crm_id, consent, tracking, former = store.rows(
        "SELECT crm_id, consent, tracking_consent, former FROM contact WHERE id = ?", (recipient.contact_id,)
    )[0]
    address, address_id = _address(store, recipient)
    return HistoryRow(
        recipient=recipient,
        crm_id=clean_or_none(crm_id),
        consent=None if consent is None else bool(consent),
        tracking_consent=None if tracking is None else bool(tracking),
        former=bool(former),
        address=address,
        outcomes=outcomes(store, [recipient_id]).get(recipient_id, ()),
        events=tuple(event_row(values, recipient.address) for values in store.rows(_EVENTS, (recipient_id,))),
        journal=_journal(store, recipient, address_id),
        elsewhere=tuple(
            row for row in _recipients(store, "r.contact_id = ?", recipient.contact_id) if row != recipient
        ),
    )


def outcomes(store: Store, recipient_ids: Sequence[int]) -> dict[int, tuple[OutcomeRow, ...]]:
    """Return recipient id -> how each message to each of its final addresses ended, in order of time.

    Recipients without any event about the delivery are left out. The ids go in one statement: a few thousand at once.
    """
    happenings: dict[int, list[Happening]] = defaultdict(list)
    written: dict[int, dict[str, str]] = defaultdict(dict)
    for recipient, planned, type_, ts, dedupe, address, message_id, kind, *rest in store.rows(
        _HAPPENINGS, (json.dumps(list(recipient_ids)),)
    ):
        expired, reason, status, reply, diagnostic, actor = rest
        key = address_key(address) if address else ""
        written[recipient].setdefault(key, address or planned)
        happenings[recipient].append(
            Happening(
                _type(type_),
                ts,
                bytes(dedupe),
                key,
                message_id,
                _kind(kind),
                bool(expired),
                reason,
                status,
                reply,
                diagnostic,
                _actor(actor),
            )
        )
    found = {
        recipient: tuple(outcome_row(o, written[recipient].get(o.address, o.address)) for o in fold_outcomes(events))
        for recipient, events in happenings.items()
    }
    return {recipient: rows for recipient, rows in found.items() if rows}


def with_outcomes(store: Store, rows: Iterable[RecipientRow]) -> Iterator[tuple[RecipientRow, tuple[OutcomeRow, ...]]]:
    """Yield each row with its outcomes, read in batches."""
    from store.queries.history import outcomes

    taken = iter(rows)
    while batch := tuple(islice(taken, _BATCH)):
        found = outcomes(store, [row.id for row in batch])
        for row in batch:
            yield row, found.get(row.id, ())


def outcome_row(outcome: Outcome, address: str) -> OutcomeRow:
    """Make a row of an outcome; ``address`` is its final address as it was written."""
    failure = outcome.failure
    return OutcomeRow(
        message_id=clean_or_none(outcome.message_id),
        address=clean(address),
        delivery=outcome.delivery,
        bounce_kind=(failure.kind or BounceKind.UNDETERMINED) if failure else None,
        reason=clean_or_none(failure.reason) if failure else None,
        status=clean_or_none(failure.status) if failure else None,
        reply=failure.reply if failure else None,
        diagnostic=clean_or_none(failure.diagnostic) if failure else None,
        ts=from_ms_or_none(outcome.ts),
    )


def _recipients(store: Store, test: str, value: int) -> list[RecipientRow]:
    found = store.rows(f"SELECT {COLUMNS} FROM recipient AS r {JOINED} WHERE {test} ORDER BY r.id", (value,))
    return [recipient_row(values) for values in found]


def event_row(values: Sequence[Any], planned: str) -> EventRow:
    """Make a row of the values of :data:`EVENT_COLUMNS`; ``planned`` is the recipient's address."""
    id_, ts, type_, source, address, message_id, kind, expired, reason, status, reply, diagnostic, *rest = values
    actor, hop, attribution, url, where, times = rest
    return EventRow(
        id=id_,
        ts=from_ms(ts),
        type=_type(type_),
        source=_source(source),
        address=clean(address) if address else planned,
        message_id=clean_or_none(message_id),
        kind=_kind(kind),
        expired=bool(expired),
        reason=clean_or_none(reason),
        status=clean_or_none(status),
        reply=reply,
        diagnostic=clean_or_none(diagnostic),
        actor=_actor(actor),
        hop=_hop(hop),
        attribution=_attribution(attribution),
        url=clean_or_none(url),
        where=clean(where),
        times=times,
    )


def _address(store: Store, recipient: RecipientRow) -> tuple[AddressRow, int | None]:
    """Return what is known of the address used, and its row's id; nothing is known of most."""
    found = store.row(
        "SELECT a.id, a.address, a.consecutive, a.last_bounce_at, a.last_success_at, a.blocked_at, a.block_reason,"
        " a.unsubscribed_at, a.complained_at FROM recipient AS r JOIN address AS a ON a.key = r.address_key"
        " WHERE r.id = ?",
        (recipient.id,),
    )
    if found is None:
        return AddressRow(recipient.address, 0, None, None, None, None, None, None), None
    id_, address, consecutive, bounce, success, blocked, reason, unsubscribed, complained = found
    row = AddressRow(
        address=clean(address),
        consecutive=consecutive,
        last_bounce_at=from_ms_or_none(bounce),
        last_success_at=from_ms_or_none(success),
        blocked_at=from_ms_or_none(blocked),
        block_reason=None if reason is None else BlockReason.of(reason),
        unsubscribed_at=from_ms_or_none(unsubscribed),
        complained_at=from_ms_or_none(complained),
    )
    return row, id_


def _journal(store: Store, recipient: RecipientRow, address_id: int | None) -> tuple[JournalRow, ...]:
    found = store.rows(
        f"SELECT {JOURNAL_COLUMNS} FROM journal AS j WHERE j.id IN (SELECT journal_id FROM journal_line"
        " WHERE subject = 'recipient' AND subject_id = ? OR subject = 'contact' AND subject_id = ?"
        " OR subject = 'address' AND subject_id = ? OR subject = 'assigned' AND subject_id = ?) ORDER BY j.id",
        (recipient.id, recipient.contact_id, address_id, recipient.id),
    )
    return tuple(map(journal_row, found))
