"""What can be followed: the protocol :class:`Followed`, which files, mailboxes and servers fill in alike.

A source hands out what is new in steps. The follower (:mod:`store.following.follow`) lands a step's records and
keeps its position in one transaction, so a source must be able to go on from any position that it gave, and from
nothing else. It neither sees nor keeps a database.

A source of a new kind (a mailbox on a server, say) implements :class:`Followed` in its own module and offers a
function of the form :data:`Opener` called ``followed``; :data:`OPENERS` names that module for the URLs that begin
with its scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from store.feeds.record import Defect, Record

if TYPE_CHECKING:
    from store.feeds.mapping import Mapping

Position = dict[str, Any]
"""Where a source stands, as JSON of at most a few kilobytes; what it means is the source's own business."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was kept of a source when it was followed before.

    Attributes:
        position: the position of its last step.
        snapshot: the last snapshot that a step gave.
        pieces: every piece that a step named.
    """

    position: Position
    snapshot: bytes | None = None
    pieces: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """What a source gave in one go.

    Attributes:
        items: what was read, in its order.
        position: where the source stands behind these items; None: where it stood before, nothing is kept.
        more: there is more to read at once.
        snapshot: what the source must know besides its position, where it changed and is worth keeping: an own,
            versioned format. It need not be of this position, but then the source reaches this position from it.
        pieces: names of pieces that are known from now on (a Maildir's mails), kept beside the position.
        note: what the operator should be told once, in a sentence.
    """

    items: Sequence[Record | Defect] = ()
    position: Position | None = None
    more: bool = False
    snapshot: bytes | None = None
    pieces: Sequence[str] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """How far a source has been read, for people.

    Attributes:
        label: the file or mailbox.
        behind: bytes or mails that are still to be read; None if unknown.
        waiting: why nothing can be read, in a sentence; None if all is well.
        settling: seconds until a piece that may still be written counts as finished; None if there is none.
    """

    label: str
    behind: int | None = 0
    waiting: str | None = None
    settling: float | None = None


class Followed(Protocol):
    """A feed that is read as it grows.

    Attributes:
        name: a path, or a URL without a password: what the store calls the feed. No two sources share one.
        format: what it was taken for ("postfix log", "bounce mailbox"); "" as long as that is unknown.
        every_s: how many seconds may pass at most before :meth:`step` is called again without being woken.
    """

    name: str
    format: str
    every_s: float

    def resume(self, saved: Saved | None) -> None:
        """Take up where the source was left; called once, before the first step. None: it was never followed.

        Raises:
            BadInput: it can never be read (another sort of thing, a wrong password).
        """
        ...

    def step(self, limit: int) -> Step:
        """Read what is new, about ``limit`` records at most, without waiting for more to come.

        Trouble that may pass (a missing file, a lost connection) is no error: it stands in :meth:`where`.

        Raises:
            BadInput: it can never be read.
        """
        ...

    def where(self) -> Where:
        """Tell how far it has been read."""
        ...

    def watch(self, wake: Callable[[], None]) -> None:
        """Call ``wake``, from any thread, whenever a step may find something new; sources that cannot do nothing."""
        ...

    def finish(self) -> Step:
        """Return a last step without items: position and snapshot worth keeping for the next start."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class How:
    """What the operator said about all sources.

    Attributes:
        now: aware UTC time.
        zone: of times that name none.
        mapping: how to read event files whose columns have their own names.
        settled_s: how long a mail or an archive must not have changed to count as finished.
        copies_in: the folder into which rotation puts its copies, if they do not lie beside the files.
        options: what else was said ("password-file" -> path); a source takes what it knows.
        ask: asks for a password on the terminal, and remembers it; None where there is nobody to ask.
    """

    now: Callable[[], datetime]
    zone: tzinfo | None = None
    mapping: Mapping | None = None
    settled_s: float = 2.0
    copies_in: Path | None = None
    options: dict[str, str] = field(default_factory=dict)
    ask: Callable[[str], str] | None = None

    def quiet_s(self, changed_at: float) -> float:
        """Return for how long a file has not changed: as long also if the clock was set back since.

        Args:
            changed_at: its time of change, seconds since the epoch.
        """
        return abs(self.now().timestamp() - changed_at)


Opener = Callable[[str, How], Followed]
"""Makes a source of a URL, without connecting yet; raises BadInput if the URL is none of its own."""

OPENERS = {
    "imap": "store.feeds.imap",
    "imaps": "store.feeds.imap",
    "postgresql": "store.feeds.listmonk",
    "postgres": "store.feeds.listmonk",
}
"""URL scheme -> the module whose function ``followed`` is its :data:`Opener`; imported when such a URL comes."""
