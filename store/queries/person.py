"""Everything about one person over all campaigns, in one order of time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from store.cleaning import clean, clean_or_none
from store.database import Store
from store.errors import NotFound
from store.queries.blocked import BLOCKED_BY
from store.queries.history import EVENT_COLUMNS, event_row
from store.queries.journal import COLUMNS as JOURNAL_COLUMNS
from store.queries.journal import journal_row
from store.queries.people import PeopleView
from store.queries.recipient_rows import COLUMNS, JOINED, recipient_row
from store.rows import AddressRow, EventRow, RecipientRow
from store.rows.people import Happening, Membership, PersonHistory, PersonRow, StandingRow
from store.times import from_ms_or_none
from store.vocabulary import BlockReason, ListKind

_GONE = "This person is no longer there."


def person(store: Store, contact_id: int) -> PersonHistory:
    """Return everything about a person.

    Raises:
        NotFound: there is no such contact.
    """
    view = PeopleView(store)
    try:
        found = view.people([contact_id])
    finally:
        view.close()
    if not found:
        raise NotFound(_GONE)
    with store.reading():
        return _history(store, found[0])


def _history(store: Store, row: PersonRow) -> PersonHistory:
    known = store.row(
        "SELECT crm_id, language, responsible, tracking_consent, tracking_at, tracking_source, email_key FROM contact"
        " WHERE id = ?",
        (row.id,),
    )
    if known is None:
        raise NotFound(_GONE)
    crm_id, language, responsible, tracking, tracking_at, source, key = known
    recipients = tuple(
        recipient_row(values)
        for values in store.rows(
            f"SELECT {COLUMNS} FROM recipient AS r {JOINED} WHERE r.contact_id = ? AND r.occurrence = 0"
            " ORDER BY coalesce(p.started_at, p.created_at), r.id",
            (row.id,),
        )
    )
    return PersonHistory(
        row,
        clean_or_none(crm_id),
        clean(language),
        clean(responsible),
        None if tracking is None else bool(tracking),
        from_ms_or_none(tracking_at),
        clean(source or ""),
        recipients,
        _standing(store, row.id, key),
        _lists(store, row.id),
        tuple(sorted([*_events(store, recipients), *_journal(store, row.id, recipients)], key=_moment)),
    )


def _moment(happening: Happening) -> tuple[object, bool, int]:
    what = happening.what
    return what.ts, not isinstance(what, EventRow), what.id


def _events(store: Store, recipients: Sequence[RecipientRow]) -> Iterator[Happening]:
    of = {row.id: row for row in recipients}
    found = store.rows(
        f"SELECT e.recipient_id, {EVENT_COLUMNS} FROM json_each(?) AS j CROSS JOIN event AS e"
        " ON e.recipient_id = j.value LEFT JOIN link AS l ON l.id = e.link_id",
        (json.dumps(list(of)),),
    )
    for id_, *values in found:
        yield Happening(of[id_].campaign, event_row(values, of[id_].address))


def _journal(store: Store, contact_id: int, recipients: Sequence[RecipientRow]) -> Iterator[Happening]:
    """Yield what operators did to the person, their rows, their addresses, and their places on lists.

    An entry is about a campaign if it changed the person's row in just that one. Whoever was on a list from its
    beginning has no line of their own there: the entry that made the list tells it.
    """
    campaigns = {row.id: row.campaign for row in recipients}
    about: dict[int, set[str]] = defaultdict(set)
    for entry, row in store.rows(
        "SELECT l.journal_id, l.subject_id FROM json_each(?) AS i CROSS JOIN journal_line AS l"
        " ON l.subject IN ('recipient', 'assigned') AND l.subject_id = i.value",
        (json.dumps(list(campaigns)),),
    ):
        about[entry].add(campaigns[row])
    found = store.rows(
        f"SELECT {JOURNAL_COLUMNS} FROM journal AS j WHERE j.id IN (SELECT value FROM json_each(?1)"
        " UNION SELECT l.journal_id FROM journal_line AS l WHERE l.subject = 'contact' AND l.subject_id = ?2"
        " UNION SELECT l.journal_id FROM (SELECT address_key AS key FROM recipient WHERE contact_id = ?2"
        " UNION SELECT email_key FROM contact WHERE id = ?2) AS k CROSS JOIN address AS a ON a.key = k.key"
        " CROSS JOIN journal_line AS l ON l.subject = 'address' AND l.subject_id = a.id"
        " UNION SELECT l.journal_id FROM mail_list AS m CROSS JOIN journal_line AS l"
        " ON l.subject = 'member:' || m.id AND l.subject_id = ?2"
        " UNION SELECT min(l.journal_id) FROM mail_list AS m CROSS JOIN list_member AS b ON b.list_id = m.id"
        " AND b.contact_id = ?2 CROSS JOIN journal_line AS l ON l.subject = 'mail_list' AND l.subject_id = m.id"
        " WHERE NOT EXISTS (SELECT 1 FROM journal_line AS o WHERE o.subject = 'member:' || m.id"
        " AND o.subject_id = ?2) GROUP BY m.id)",
        (json.dumps(list(about)), contact_id),
    )
    for entry in map(journal_row, found):
        of = about.get(entry.id, set())
        yield Happening(next(iter(of)) if len(of) == 1 else "", entry)


def _standing(store: Store, contact_id: int, today: str) -> tuple[StandingRow, ...]:
    """Return how the addresses stand: today's, those of plans, and those that were corrected."""
    found = store.rows(
        f"SELECT k.key, coalesce(a.address, {store.of_highest('k.address', 'k.at')}), coalesce(a.consecutive, 0),"
        " a.last_bounce_at, a.last_success_at,"
        f" a.blocked_at, a.block_reason, a.unsubscribed_at, a.complained_at, {BLOCKED_BY} FROM ("
        "SELECT address_key AS key, address, id AS at FROM recipient WHERE contact_id = ?1 UNION ALL"
        " SELECT email_key, email, 1e18 FROM contact WHERE id = ?1 UNION ALL"
        " SELECT json_extract(before, '$.email_key'), json_extract(before, '$.email'), 0 FROM journal_line"
        " WHERE subject = 'contact' AND subject_id = ?1) AS k LEFT JOIN address AS a ON a.key = k.key"
        " WHERE k.key <> '' GROUP BY k.key, a.id ORDER BY k.key <> ?2, max(k.at) DESC",
        (contact_id, today),
    )
    return tuple(
        StandingRow(
            AddressRow(
                clean(address),
                failures,
                from_ms_or_none(bounce),
                from_ms_or_none(success),
                from_ms_or_none(blocked),
                None if reason is None else BlockReason.of(reason),
                from_ms_or_none(unsubscribed),
                from_ms_or_none(complained),
            ),
            key == today,
            clean(by or "") if blocked is not None else "",
        )
        for key, address, failures, bounce, success, blocked, reason, unsubscribed, complained, by in found
    )


def _lists(store: Store, contact_id: int) -> tuple[Membership, ...]:
    found = store.rows(
        "SELECT m.id, m.kind, m.name FROM mail_list AS m CROSS JOIN list_member AS b ON b.list_id = m.id"
        " AND b.contact_id = ? WHERE m.deleted_at IS NULL ORDER BY m.kind, m.name",
        (contact_id,),
    )
    return tuple(Membership(id_, ListKind.of(kind), clean(name)) for id_, kind, name in found)
