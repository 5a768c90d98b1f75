"""Reading a listmonk database to its end, as `aftersend ingest` does."""

from __future__ import annotations

from dataclasses import dataclass

from sample_data.world import FIXED_NOW
from store.feeds.listmonk import followed
from store.feeds.record import Defect, Record
from store.following.source import Followed, How, Saved


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Attributes:
        records, defects: in their order.
        saved: where it ended.
        note: what the operator is told.
    """

    records: list[Record]
    defects: list[Defect]
    saved: Saved
    note: str

    @property
    def wheres(self) -> list[str]:
        """Where the records stand."""
        return [record.where for record in self.records]


def opened(url: str, saved: Saved | None = None) -> Followed:
    """Return the source of a URL, taken up where it was left."""
    source = followed(url, How(now=lambda: FIXED_NOW))
    source.resume(saved)
    return source


def read(url: str, saved: Saved | None = None, limit: int = 1000) -> Read:
    """Read everything that is new, ``limit`` records a step."""
    source = opened(url, saved)
    try:
        return read_on(source, limit)
    finally:
        source.close()


def read_on(source: Followed, limit: int = 1000) -> Read:
    """Read what an open source holds."""
    found: list[Record | Defect] = []
    notes: list[str] = []
    more = True
    while more:
        step = source.step(limit)
        found += step.items
        notes += [step.note] if step.note else []
        more = step.more
    assert source.where().waiting is None
    last = source.finish().position
    assert last is not None
    return Read(
        [item for item in found if isinstance(item, Record)],
        [item for item in found if isinstance(item, Defect)],
        Saved(last),
        " ".join(notes),
    )
