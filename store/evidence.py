"""What leaves the store of the feeds themselves: raw mails, lines of logs, and records as they were read.

Texts are clean, as in :mod:`store.rows`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.vocabulary import EventType, Source


@dataclass(frozen=True, slots=True)
class RawMailRow:
    """A mail, or the lines of a log, as they lie on disk.

    Attributes:
        lines: its lines, tabs as blanks.
        path: the file it was found in.
        where: its place there when it was read ("mail 3", "line 12", a mail's file name).
        cut: there is more of it than is shown.
    """

    lines: tuple[str, ...]
    path: str
    where: str
    cut: bool


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record of a feed, whole.

    Attributes:
        id: its number among the strangers.
        fields: name and value of every field that says something, in the order of the record.
    """

    id: int
    ts: datetime
    type: EventType
    source: Source
    campaign: str | None
    fields: tuple[tuple[str, str], ...]
