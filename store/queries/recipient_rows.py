"""From table values to recipient rows: the columns to select, in their order, and the row made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from store.cleaning import clean, clean_or_none
from store.rows import RecipientRow
from store.times import from_ms_or_none
from store.vocabulary import BounceKind, Decision, Delivery, Engagement, SkipReason, Triage, Word


def word_maker(vocabulary: type[Word]) -> Callable[[Any], Any]:
    """Return what makes a word of a code; None stays None, an unknown code too."""
    return {word.code: word for word in vocabulary}.get


def _as_it_is(value: Any) -> Any:
    return value


_FIELDS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("r.id", _as_it_is),
    ("r.campaign_id", _as_it_is),
    ("p.name", clean),
    ("r.contact_id", _as_it_is),
    ("r.address", clean),
    ("c.email", clean),
    ("c.name", clean),
    ("c.company", clean),
    ("c.language", clean),
    ("c.responsible", clean),
    ("r.delivery", word_maker(Delivery)),
    ("r.engagement", word_maker(Engagement)),
    ("r.skip_reason", word_maker(SkipReason)),
    ("r.bounce_kind", word_maker(BounceKind)),
    ("r.reason", clean_or_none),
    ("r.status", clean_or_none),
    ("r.reply", _as_it_is),
    ("r.triage", word_maker(Triage)),
    ("r.decision", word_maker(Decision)),
    ("a.key IS NOT NULL", bool),
    ("r.partly", bool),
    ("r.clicks", _as_it_is),
    ("r.sent_at", from_ms_or_none),
    ("r.delivered_at", from_ms_or_none),
    ("r.deferred_at", from_ms_or_none),
    ("r.bounced_at", from_ms_or_none),
    ("r.opened_at", from_ms_or_none),
    ("r.machine_opened_at", from_ms_or_none),
    ("r.clicked_at", from_ms_or_none),
    ("r.machine_clicked_at", from_ms_or_none),
    ("r.replied_at", from_ms_or_none),
    ("r.complained_at", from_ms_or_none),
    ("r.unsubscribed_at", from_ms_or_none),
    ("r.cleared_at", from_ms_or_none),
)
"""The fields of RecipientRow in their order: where each comes from, and what makes it of the table's value."""

COLUMNS = ", ".join(sql for sql, _ in _FIELDS)
"""What to select for :func:`recipient_row`, of ``recipient AS r`` and the tables that :data:`JOINED` joins."""

JOINED = (
    "CROSS JOIN contact AS c ON c.id = r.contact_id CROSS JOIN campaign AS p ON p.id = r.campaign_id"
    " LEFT JOIN address AS a ON a.key = r.address_key AND a.blocked_at IS NOT NULL"
)
"""What stands behind ``recipient AS r``; CROSS JOIN keeps SQLite from turning the order round."""

_MAKERS = tuple(make for _, make in _FIELDS)


def recipient_row(values: Sequence[Any]) -> RecipientRow:
    """Make a row of the values of :data:`COLUMNS`."""
    return RecipientRow(*[make(value) for make, value in zip(_MAKERS, values, strict=True)])
