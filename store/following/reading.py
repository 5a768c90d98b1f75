"""One file on its way through its pieces: how far it was read, and what was read of it but is not whole yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from store.feeds.record import Defect
from store.following.content import HEAD_BYTES, TAIL_BYTES, Content, Mark
from store.following.pieces import Pieces, Place, Taken

_CHUNK_BYTES = 1 << 18
_TOO_LITTLE = 64
"""By less of its beginning no file is known again: it may be the day in a line's stamp."""
_LONGEST_BYTES = 1 << 26
"""A piece that is longer is taken as it is, so that memory stays bounded."""


class Replaced(Exception):
    """The file was cut or written anew; what was read of it stands in it no more."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one file was left, as it is kept.

    Attributes:
        mark: by what it is known again, and how far it was read.
        place: what its pieces' reader must know there.
        settled: its size when its unfinished end was read as it is; -1: it was not.
    """

    mark: Mark
    place: Place
    settled: int = -1

    @property
    def ambiguous(self) -> bool:
        """Whether so little was seen that another file may begin alike: a table's header, nothing at all."""
        seen_only = self.mark.head_size <= self.mark.offset
        return self.mark.head_size < _TOO_LITTLE or (seen_only and int(self.place.get("line", 3)) <= 2)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"mark": self.mark.to_json(), "place": self.place, "settled": self.settled}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return what :meth:`to_json` wrote."""
        return cls(Mark.from_json(values["mark"]), values["place"], values["settled"])


class Reading:
    """A file that is being read.

    Attributes:
        content: the open file.
        pieces: its reader.
        offset: how many bytes of whole pieces were taken.
        rest: what was read behind them.
        settled: its size when ``rest`` was read as it is, -1 otherwise.
    """

    def __init__(self, content: Content, pieces: Pieces, stand: Stand | None = None) -> None:
        """Begin a file, or go on where ``stand`` says; ``content`` must fit it."""
        self.content = content
        self.pieces = pieces
        self.offset = stand.mark.offset if stand else 0
        self.rest = b""
        self.settled = stand.settled if stand else -1
        # What is seen is remembered before it is taken: a file that is cut now is noticed.
        self._head = content.head
        before = min(self.offset, TAIL_BYTES)
        self._tail = content.read(self.offset - before, before)
        self._stand = stand
        self._sound = stand is None or content.fits(stand.mark)
        self._changed_ns = stand.mark.changed_ns if stand else content.stat().st_mtime_ns

    @property
    def begun(self) -> bool:
        """Whether anything was taken."""
        return self.offset > 0

    def read(self, upto: int | None = None) -> Taken | None:
        """Read on and return what became whole; None if there is nothing new.

        Args:
            upto: read no further than this byte.

        Raises:
            Replaced: the file is not the same any more; nothing was taken.
            BadInput: the system cannot read it.
        """
        at = self.offset + len(self.rest)
        changed_ns = self.content.stat().st_mtime_ns
        # What is unfinished is looked at again: with ever larger chunks that takes no more than twice the time.
        size = max(_CHUNK_BYTES, len(self.rest))
        chunk = self.content.read(at, size if upto is None else min(size, upto - at))
        if not chunk:
            return None
        head = self._head if len(self._head) == HEAD_BYTES else self.content.read(0, HEAD_BYTES)
        # Looked at last: as long as it is the same file, what was read before is of it.
        if not self.intact():
            raise Replaced
        self._changed_ns, self._head, self._stand = changed_ns, head, None
        if not self.offset and not self.rest:
            # A program that does not append goes on where it was in a file that was cut: NULs fill the hole.
            kept = chunk.lstrip(b"\x00")
            self._advance(chunk[: len(chunk) - len(kept)])
            chunk = kept
        data = self.rest + chunk
        taken = self.pieces.take(data, len(data) > _LONGEST_BYTES)
        self._advance(data[: taken.used])
        self.rest = data[taken.used :]
        return taken

    def catch_up(self, offset: int) -> bool:
        """Read again what had been taken up to ``offset``; tell whether that place was reached."""
        while self.offset < offset:
            if self.read(offset) is None:
                break
        return self.offset == offset

    def intact(self) -> bool:
        """Tell whether what was read still stands where it was."""
        size = self.content.size()
        if size is None or not self._sound:
            return self._sound
        seen = (self._tail + self.rest)[-TAIL_BYTES:]
        end = self.offset + len(self.rest)
        if size < max(end, len(self._head)) or self.content.read(end - len(seen), len(seen)) != seen:
            return False
        return self.content.read(0, len(self._head)) == self._head

    def end(self) -> Taken:
        """Take the unfinished end as it is: nothing follows it any more."""
        taken = self.pieces.take(self.rest, True) if self.rest else Taken((), 0)
        self._advance(self.rest)
        self.rest = b""
        damage = self.content.damage
        return Taken([*taken.items, Defect("end of the file", damage, ends=True)], taken.used) if damage else taken

    def _advance(self, data: bytes) -> None:
        if not data:
            return
        self.offset += len(data)
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        self.settled = -1

    def stand(self) -> Stand:
        """Return where it is."""
        if self._stand is not None and self._stand.settled == self.settled:
            return self._stand
        mark = self.content.mark(self.offset, self._head, self._tail, self._changed_ns)
        return Stand(mark, self.pieces.place(), self.settled)

    def move(self, content: Content) -> None:
        """Go on in another file that holds the same up to here."""
        self.content.close()
        self.content = content
        self.rest = b""
        self._sound = True

    def close(self) -> None:
        """Close the file."""
        self.content.close()
