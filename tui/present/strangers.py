"""Strangers: the columns of their table, and their records as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

from store.evidence import RawMailRow, RecordRow
from store.rows import StrangerRow
from tui.present.cells import wrap
from tui.present.columns import Cell, Column
from tui.present.history import Line
from tui.present.keys import wrap_kept
from tui.present.times import MOMENT_CELLS, exact, moment
from tui.present.words import reason_sentence, reason_word, stranger_look

_NAME_CELLS: Final = 12
_BLANK: Final[Line] = (("", "text"),)


def _state_cell(row: StrangerRow) -> Cell:
    look = stranger_look(row)
    return look.label, look.style


def _why_cell(row: StrangerRow) -> Cell:
    return reason_word(row.reason) or row.status or str(row.reply or ""), "text"


def _campaign_cell(row: StrangerRow) -> Cell:
    return (row.campaign, "text") if row.campaign else ("-", "muted")


def _source_cell(row: StrangerRow) -> Cell:
    return row.source or "", "muted"


STRANGER_COLUMNS: tuple[Column[StrangerRow], ...] = (
    Column("state", "State", _state_cell, width=15, weight=1, limit=18),
    Column("address", "Address", lambda row: (row.address, "strong"), width=20, weight=3, limit=44, middle=True),
    Column("reason", "Why", _why_cell, width=14, weight=2, limit=32, priority=2),
    Column("when", "When", lambda row: (moment(row.ts), "muted"), width=MOMENT_CELLS, priority=1),
    Column("campaign", "Campaign", _campaign_cell, width=12, weight=1, limit=30, since=95, priority=3),
    Column("source", "Source", _source_cell, width=13, since=110, priority=4),
)
"""State, address, cause, time, campaign (where the mail tells it), and the sort of feed."""

STRANGER_SORTS: Final = {
    "when": "time",
    "state": "state",
    "address": "address",
    "reason": "cause",
    "campaign": "campaign",
    "source": "source",
}
"""What one can sort strangers by, with the words for people."""


def sort_key(row: StrangerRow, column: str) -> tuple[bool, object]:
    """Return by what a row is sorted; rows without a value come first, which is last in the usual reverse order."""
    value: object = {
        "when": row.ts,
        "state": stranger_look(row).word,
        "address": row.address.casefold(),
        "reason": reason_word(row.reason) or None,
        "campaign": row.campaign,
        "source": row.source,
    }[column]
    return value is not None, value


def record_lines(
    found: Sequence[RecordRow], raws: Sequence[RawMailRow | str], cells: int, zone: tzinfo | None = None
) -> list[Line]:
    """Return records with every field they have, then the mails or log lines, as lines of at most ``cells`` cells.

    Args:
        found: the records.
        raws: what they were read from, or the sentence why it cannot be shown.
        cells: the width.
        zone: in which times are shown; None: the zone of the machine.
    """
    lines: list[Line] = []
    for record in found:
        head = " · ".join((record.type, record.source, exact(record.ts, zone), record.campaign or "of no campaign"))
        lines += [*_text(head, "strong", cells), *_fields(record, cells), _BLANK]
    for raw in raws:
        lines += [*raw_lines(raw, cells, heading=True), _BLANK]
    return lines[:-1] or [(("These records were assigned or claimed meanwhile.", "muted"),)]


def raw_lines(raw: RawMailRow | str, cells: int, *, heading: bool = False) -> list[Line]:
    """Return a mail or log lines as lines of at most ``cells`` cells, or the sentence why there are none."""
    if isinstance(raw, str):
        return list(_text(raw, "warn", cells))
    lines = list(_text(f"{raw.path} · {raw.where}", "accent", cells)) if heading else []
    lines += [((part, "text"),) for line in raw.lines for part in wrap_kept(line, cells)]
    if raw.cut:
        lines += [_BLANK, *_text("Only the first 64 kB are shown.", "muted", cells)]
    return lines


def _fields(record: RecordRow, cells: int) -> Iterator[Line]:
    for name, value in record.fields:
        label = f"  {name.replace('_', ' '):{_NAME_CELLS}} "
        told = f"{value} ({reason_sentence(value)})" if name == "reason" else value
        for number, part in enumerate(wrap(told, max(10, cells - len(label)))):
            yield ((label if number == 0 else " " * len(label), "muted"), (part, "text"))


def _text(text: str, style: str, cells: int) -> Iterator[Line]:
    for part in wrap(text, cells):
        yield ((part, style),)
