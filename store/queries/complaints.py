"""Who complained about spam, and whether that was heeded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.cleaning import clean
from store.queries.conditions import Parameters, folded, matches
from store.queries.recipient_rows import COLUMNS, JOINED, recipient_row, word_maker
from store.queries.snapshot import Snapshot
from store.rows.complaints import ComplaintRow
from store.times import from_ms, from_ms_or_none
from store.vocabulary import EventType, Source

_source = word_maker(Source)
_COMPLAINED = EventType.COMPLAINED.code
_SINCE = (
    "FROM recipient AS o WHERE o.id IN (SELECT id FROM recipient WHERE contact_id = r.contact_id UNION SELECT id"
    " FROM recipient WHERE address_key = r.address_key AND address_key <> '') AND o.campaign_id <> r.campaign_id"
    " AND coalesce(o.sent_at, o.delivered_at) > r.complained_at"
)
"""Mails of other campaigns after the complaint."""

_TOLD = (
    f"(SELECT e.id FROM event AS e WHERE e.recipient_id = r.id AND e.type = {_COMPLAINED} ORDER BY e.ts, e.id LIMIT 1)"
)
_EXTRA = (
    "r.complained_at, e.reason, e.source, f.format, c.consent, b.blocked_at,"
    f" (SELECT count(*) {_SINCE}), (SELECT q.name FROM campaign AS q WHERE q.id ="
    f" (SELECT o.campaign_id {_SINCE} ORDER BY coalesce(o.sent_at, o.delivered_at) DESC NULLS LAST LIMIT 1))"
)
_WRONG = f"(c.consent IS NOT FALSE OR EXISTS (SELECT 1 {_SINCE}))"


class ComplaintsView(Snapshot):
    """The complaints, the last one first.

    Attributes:
        wrong: how many of them were not heeded: mail was sent afterwards, or consent was not withdrawn.
        strangers: addresses in no plan that complained.
    """

    wrong = 0
    strangers = 0

    def build(self, text: str = "", campaign_id: int | None = None) -> int:
        """Take the snapshot and return how many there are; call it once.

        Args:
            text: only of people with all these words in name, address or company.
            campaign_id: only about this campaign; None: all.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        parameters: Parameters = {}
        tests = ["r.complained_at IS NOT NULL"]
        if campaign_id is not None:
            tests.append("r.campaign_id = :campaign")
            parameters["campaign"] = campaign_id
        terms = folded(text.split())
        if terms:
            tests.append(matches(terms, parameters))
        where = " AND ".join(tests)
        self.fill(f"SELECT r.id FROM recipient AS r WHERE {where} ORDER BY r.complained_at DESC, r.id", parameters)
        self.wrong = self.values(
            "SELECT count(*) FROM v CROSS JOIN recipient AS r ON r.id = v.id CROSS JOIN contact AS c"
            f" ON c.id = r.contact_id WHERE {_WRONG}"
        )[0][0]
        self.strangers = self.values(f"SELECT count(DISTINCT address_key) FROM stranger WHERE type = {_COMPLAINED}")[0][
            0
        ]
        return self.total

    def page(self, offset: int, limit: int) -> tuple[ComplaintRow, ...]:
        """Return the complaints from position ``offset`` on, as they are now."""
        found = self.values(
            f"SELECT {_EXTRA}, {COLUMNS} FROM v CROSS JOIN recipient AS r ON r.id = v.id {JOINED}"
            f" LEFT JOIN address AS b ON b.key = r.address_key LEFT JOIN event AS e ON e.id = {_TOLD}"
            " LEFT JOIN feed AS f ON f.id = e.feed_id WHERE v.pos > ? AND v.pos <= ? ORDER BY v.pos",
            (offset, offset + limit),
        )
        return tuple(map(_row, found))


def _row(values: Sequence[Any]) -> ComplaintRow:
    at, feedback, source, feed, consent, blocked_at, since, last, *recipient = values
    return ComplaintRow(
        recipient_row(recipient),
        from_ms(at),
        clean(feedback or ""),
        _source(source),
        clean(feed or ""),
        None if consent is None else bool(consent),
        from_ms_or_none(blocked_at),
        since,
        clean(last or ""),
    )
