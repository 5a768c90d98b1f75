"""Recipients as CSV (RFC 4180) for spreadsheets: formulas defused, times in ISO 8601 UTC, never half a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from store.cleaning import clean
from store.exports.files import Target, writing
from store.exports.json import iso
from store.rows import RecipientRow

_HEADINGS = (
    ("Campaign", "campaign"),
    ("Address", "address"),
    ("Address today", "contact_address"),
    ("Name", "name"),
    ("Company", "company"),
    ("Language", "language"),
    ("Responsible", "responsible"),
    ("Delivery", "delivery"),
    ("Engagement", "engagement"),
    ("Skip reason", "skip_reason"),
    ("Bounce kind", "bounce_kind"),
    ("Reason", "reason"),
    ("Status", "status"),
    ("Reply", "reply"),
    ("Triage", "triage"),
    ("Decision", "decision"),
    ("Blocked", "blocked"),
    ("Partly", "partly"),
    ("Clicks", "clicks"),
    ("Sent at", "sent_at"),
    ("Delivered at", "delivered_at"),
    ("Deferred at", "deferred_at"),
    ("Bounced at", "bounced_at"),
    ("Opened at", "opened_at"),
    ("Machine opened at", "machine_opened_at"),
    ("Clicked at", "clicked_at"),
    ("Machine clicked at", "machine_clicked_at"),
    ("Replied at", "replied_at"),
    ("Complained at", "complained_at"),
    ("Unsubscribed at", "unsubscribed_at"),
    ("Cleared at", "cleared_at"),
)
HEADER = tuple(heading for heading, _ in _HEADINGS)
"""The header row."""

_FORMULA = tuple("=+-@\t\r\u2409\u240d\uff0b\uff0d\uff1d\uff20")
_LEADING = " \"'\u00a0\u3000"
_OFTEN = 1000


def export(
    rows: Iterable[RecipientRow],
    target: Target,
    *,
    bom: bool = False,
    overwrite: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> int:
    """Write recipients as CSV in UTF-8 and return their number.

    Args:
        rows: the recipients, in the order wanted.
        target: where to (:func:`store.exports.files.writing`).
        bom: begin with a byte order mark, by which Excel knows UTF-8.
        overwrite: whether an existing file may be replaced.
        on_progress: told the number of rows written, about every thousand.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    count = 0
    with writing(target, overwrite=overwrite) as stream:
        if bom:
            stream.write("\ufeff")
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for count, row in enumerate(rows, 1):
            writer.writerow([cell(getattr(row, name)) for _, name in _HEADINGS])
            if on_progress is not None and count % _OFTEN == 0:
                on_progress(count)
    return count


def cell(value: Any) -> str:
    """Return a value as the text of a cell.

    Text that a spreadsheet could take for a formula gets an apostrophe in front (OWASP, CSV injection), also where
    blanks or quotes stand before the sign.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, int):
        return str(value)
    text = clean(str(value))
    return f"'{text}" if text.lstrip(_LEADING).startswith(_FORMULA) else text
