"""The corrections list: every address that operators corrected and did not take back, for the CRM to take over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from store.cleaning import clean, clean_or_none
from store.database import Store
from store.rows import CorrectionRow
from store.times import from_ms, to_ms

_VERBS: Final = ("fix", "accept")
_STANDING: Final = (
    "FROM journal AS j CROSS JOIN journal_line AS l ON l.journal_id = j.id AND l.subject = 'contact'"
    " WHERE j.verb IN (?, ?) AND j.undone_at IS NULL AND j.ts >= ?"
    " AND coalesce(json_extract(l.after, '$.email'), '') NOT IN ('', coalesce(json_extract(l.before, '$.email'), ''))"
)
_CORRECTIONS: Final = (
    "SELECT s.*, c.crm_id, c.name, c.company, p.name FROM (SELECT j.id AS id, j.ts AS ts, j.operator AS operator,"
    " l.subject_id AS contact, json_extract(l.before, '$.email') AS old, json_extract(l.after, '$.email') AS new,"
    " (SELECT max(r.id) FROM journal_line AS m CROSS JOIN recipient AS r ON r.id = m.subject_id"
    " WHERE m.journal_id = j.id AND m.subject = 'recipient' AND r.contact_id = l.subject_id) AS recipient"
    f" {_STANDING} ORDER BY j.id DESC, l.subject_id LIMIT ? OFFSET ?) AS s"
    " LEFT JOIN contact AS c ON c.id = s.contact LEFT JOIN recipient AS r ON r.id = s.recipient"
    " LEFT JOIN campaign AS p ON p.id = r.campaign_id ORDER BY s.id DESC, s.contact"
)
_BATCH: Final = 500


def corrections(
    store: Store, since: datetime | None = None, limit: int = _BATCH, offset: int = 0
) -> tuple[CorrectionRow, ...]:
    """Return corrections that stand, the newest first.

    A contact that was corrected twice is there twice, with the address between: a CRM that takes them over from the
    oldest to the newest ends where the store is.

    Args:
        store: the open store.
        since: only those made at this moment or later; None: all.
        limit: at most so many.
        offset: how many to pass over.
    """
    found = store.rows(_CORRECTIONS, (*_VERBS, _from(since), limit, offset))
    return tuple(map(_row, found))


def count_corrections(store: Store, since: datetime | None = None) -> int:
    """Return how many corrections stand."""
    return int(store.rows(f"SELECT count(*) {_STANDING}", (*_VERBS, _from(since)))[0][0])


def stream_corrections(store: Store, since: datetime | None = None) -> Iterator[CorrectionRow]:
    """Yield all corrections that stand, the newest first."""
    for some in store.stream(_CORRECTIONS, (*_VERBS, _from(since), -1, 0)):
        yield from map(_row, some)


def _from(since: datetime | None) -> int:
    return to_ms(since) if since is not None else 0


def _row(values: Sequence[Any]) -> CorrectionRow:
    journal_id, ts, operator, contact_id, old, new, recipient_id, crm_id, name, company, campaign = values
    return CorrectionRow(
        journal_id=journal_id,
        at=from_ms(ts),
        operator=clean(operator),
        contact_id=contact_id,
        recipient_id=recipient_id,
        crm_id=clean_or_none(crm_id),
        name=clean(name or ""),
        company=clean(company or ""),
        old=clean(old),
        new=clean(new),
        campaign=clean(campaign or ""),
    )
