"""Complaints in cells and lines."""

from __future__ import annotations

from store.rows.complaints import ComplaintRow
from store.vocabulary import Source
from tui.present.columns import Cell, Column
from tui.present.history import Line, text_lines
from tui.present.recipients import address_cell, name_cell
from tui.present.times import MOMENT_CELLS, moment
from tui.present.words import feedback_word


def told_by(row: ComplaintRow) -> str:
    """Return what told of the complaint: the feed's format, else the sort of source."""
    if row.source is Source.FEEDBACK_LOOP or not row.feed:
        return str(row.source or "")
    return row.feed


def heeded(row: ComplaintRow) -> Cell:
    """Return in a few words whether the complaint was heeded; what is wrong is red and says so."""
    if row.sent_since:
        return f"WRONG: {row.sent_since:,} mail{'' if row.sent_since == 1 else 's'} since", "bad"
    if not row.withdrawn:
        return "WRONG: consent stands", "bad"
    return ("consent withdrawn, blocked" if row.blocked_at is not None else "consent withdrawn"), "good"


def complaint_lines(row: ComplaintRow, cells: int) -> list[Line]:
    """Return all of a complaint as lines of at most ``cells`` cells."""
    what = feedback_word(row.feedback)
    told = " · ".join(part for part in (row.campaign, what, f"told by {told_by(row)}" if told_by(row) else "") if part)
    lines = list(text_lines(told, "strong", cells))
    consent = f"Consent withdrawn {moment(row.at)}" if row.withdrawn else "Consent is not withdrawn"
    blocked = f"address blocked {moment(row.blocked_at)}" if row.blocked_at is not None else "address not blocked"
    lines += text_lines(f"{consent}; {blocked}.", "text" if row.withdrawn else "bad", cells)
    if row.sent_since:
        mails = "1 mail of another campaign was" if row.sent_since == 1 else f"{row.sent_since:,} mails were"
        lines += text_lines(
            f"{mails} sent after the complaint, the last of {row.sent_last}: that is wrong.", "bad", cells
        )
    else:
        lines += text_lines("No other campaign was sent to them since.", "muted", cells)
    return lines


COMPLAINT_COLUMNS: tuple[Column[ComplaintRow], ...] = (
    Column("when", "When", lambda row: (moment(row.at), "muted"), width=MOMENT_CELLS),
    Column("name", "Name", lambda row: name_cell(row.recipient), width=12, weight=2, limit=26, priority=2),
    Column("address", "Address", lambda row: address_cell(row.recipient), width=20, weight=3, limit=44, middle=True),
    Column("heeded", "Heeded", heeded, width=26),
    Column("campaign", "Campaign", lambda row: (row.campaign, "muted"), width=16, weight=1, limit=30, priority=1),
    Column("feedback", "Feedback", lambda row: (row.feedback, "text"), width=10, since=110, priority=3),
    Column("source", "Told by", lambda row: (told_by(row), "muted"), width=14, since=125, priority=4),
)
"""When, who, whether it was heeded, which campaign, what sort, who told it."""
