"""A growing file's content cut into pieces that are whole, and what they say; an unfinished end waits for the rest.

A piece is a line, a JSON object, a row, a mail. Its reader is given the content from where the last piece ended, so
that it can go on after a restart from a byte and the few words of :meth:`Pieces.place`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from store.feeds.record import Defect, Record

Place = dict[str, Any]
"""What a reader of pieces must know besides the byte, as JSON: the number of the next line, a table's columns."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was cut off.

    Attributes:
        items: what the pieces say.
        used: how many bytes they are; the rest is the unfinished end.
    """

    items: Sequence[Record | Defect]
    used: int


class Pieces(Protocol):
    """Reads one file, from its start or from where it was left."""

    def take(self, data: bytes, final: bool) -> Taken:
        """Read the whole pieces that ``data`` begins with.

        Args:
            data: what follows the pieces that were taken before, as far as there is more.
            final: nothing will follow, so an unfinished end is what it is, and all is used.
        """
        ...

    def place(self) -> Place:
        """Return what must be known to go on behind what was taken."""
        ...


class Format(Protocol):
    """Makes the readers of one feed's files, which may share what earlier ones said.

    Attributes:
        kind: what the file was taken for, as :func:`store.feeds.opening.kind_of` says it.
        label: the same for people ("postfix log").
        settles_s: how long a file must not have changed until its unfinished end is read as it is; None: it is only
            when another file took its place.
    """

    kind: str
    label: str
    settles_s: float | None

    def pieces(self, place: Place | None, latest_ms: int) -> Pieces:
        """Return a reader for a file.

        Args:
            place: where it was left; None: it begins.
            latest_ms: when the file was last changed, epoch milliseconds: no line is later.
        """
        ...

    def to_json(self) -> Any:
        """Return what is remembered of earlier pieces as JSON; None if nothing ever is."""
        ...

    def from_json(self, values: Any) -> None:
        """Know again what :meth:`to_json` returned."""
        ...
