"""A listmonk database as a source that can be followed: looked at now and then, each time for what is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from store.errors import BadInput
from store.feeds.listmonk.connecting import Passing, connect
from store.feeds.listmonk.looking import Item, Look
from store.feeds.listmonk.url import DatabaseUrl
from store.following.source import Position, Saved, Step, Where

if TYPE_CHECKING:
    from psycopg import Connection

FORMAT = "listmonk database"
EVERY_S = 30.0


class Listmonk:
    """The source (:class:`store.following.source.Followed`).

    Attributes:
        name: the URL, without what is no matter of which data it is.
        format: "listmonk database".
        every_s: how often it is looked for something new.
    """

    def __init__(self, url: DatabaseUrl) -> None:
        """Take the URL; nothing is connected yet."""
        self.name = url.name
        self.format = FORMAT
        self.every_s = EVERY_S
        self._url = url
        self._position: Position = {}
        self._connection: Connection[tuple[Any, ...]] | None = None
        self._look: Look | None = None
        self._waiting: str | None = None
        self._first = True

    def resume(self, saved: Saved | None) -> None:
        """Take up the position, and connect.

        Raises:
            BadInput: wrong password, no such database, none of listmonk, or not the campaign.
        """
        self._position = dict(saved.position) if saved else {}
        try:
            self._begin()
        except Passing as trouble:
            self._lost(trouble)
        except BadInput:
            self.close()
            raise

    def step(self, limit: int) -> Step:
        """Read what is new; a server that does not answer stands in :meth:`where`.

        Raises:
            BadInput: the tables may not be read (any more).
        """
        items: list[Item] = []
        note = None
        try:
            look = self._look or self._begin()
            for item in look.items:
                items.append(item)
                if len(items) >= limit:
                    break
            else:
                note = look.note or None
                self._end(look)
        except Passing as trouble:
            self._lost(trouble)
        except BadInput:
            self.close()
            raise
        if self._look is not None:
            self._position = dict(self._look.position)
        # Where nothing came, nothing needs to be kept, every half minute: what lies behind holds nothing either.
        return Step(items, dict(self._position) if items else None, more=self._look is not None, note=note)

    def where(self) -> Where:
        """Tell how many rows are still to be read, and why none can be."""
        return Where(self.name, self._look.behind if self._look is not None else 0, self._waiting)

    def watch(self, wake: Callable[[], None]) -> None:
        """Do nothing: nobody is told what listmonk writes."""

    def finish(self) -> Step:
        """Return the position."""
        return Step(position=dict(self._position))

    def close(self) -> None:
        """Let go of the connection."""
        if self._look is not None:
            self._look.items.close()
            self._look = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begin(self) -> Look:
        if self._connection is None:
            self._connection = connect(self._url)
        self._look = Look(self._connection, self._url, self._position, first=self._first)
        self._waiting = None
        return self._look

    def _end(self, look: Look) -> None:
        """End a look; its snapshot must not outlive it, or the server could clear nothing away."""
        self._position = dict(look.position)
        self._look, self._first = None, False
        look.end()

    def _lost(self, trouble: Passing) -> None:
        if self._look is not None:
            self._position = dict(self._look.position)
        self._waiting = str(trouble)
        self.close()
