"""The one door to writes: a queue, drained in order by one worker, off the thread that draws.

A write that is asked for is done, once and in order: a worker per write would lose or reorder them, and leaving the
program waits until the queue is empty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from textual.message_pump import MessagePump

from store.errors import DiskFull, StoreBusy, StoreError, StoreUnavailable
from tui.messages import Changed, Failed, Refused, Told

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import Change

Write: TypeAlias = "Callable[[], Change]"
"""A call of one function of ``store.actions``, with everything bound; it may be made again when the store was busy."""

_TRIES = 12
"""So often a write is tried while others write; each time it waits as long as the store lets it."""
_GIVEN_UP = "Others have been writing for minutes, so what you asked for was not done; try it again later."
_WAITS = "Others are writing at length; what you asked for is done as soon as they let it."


class Gateway:
    """Takes writes, does them one after the other, and tells ``owner`` how each ended.

    ``owner`` gets :class:`Changed`, :class:`Refused` (the action would be wrong) or :class:`Failed` (the store cannot
    do it now). Any other exception is a bug and leaves :meth:`drain`, which ends the program.

    Attributes:
        own: the entries of the journal that were written here.
    """

    def __init__(self, store: Store, owner: MessagePump) -> None:
        self._store = store
        self._owner = owner
        self._queue: asyncio.Queue[Write] = asyncio.Queue()
        self._broken = False
        self._pending = 0
        self.own: set[int] = set()

    @property
    def pending(self) -> int:
        """Writes that were asked for and are not finished."""
        return self._pending

    def submit(self, write: Write) -> None:
        """Ask for a write."""
        self._pending += 1
        self._queue.put_nowait(write)

    async def drain(self) -> None:
        """Do the writes as they come, for ever."""
        while True:
            write = await self._queue.get()
            try:
                self._owner.post_message(await self._done(write))
            except Exception:
                self._broken = True
                raise
            finally:
                self._pending -= 1
                self._queue.task_done()

    async def finished(self) -> None:
        """Wait until every write that was asked for is done."""
        if not self._broken:
            await self._queue.join()

    async def _done(self, write: Write) -> Changed | Refused | Failed:
        """Do a write, also if a long import by somebody else is in its way; tell of that once."""
        for tried in range(1, _TRIES):
            done = await asyncio.to_thread(self._do, write)
            if done is not None:
                return done
            if tried == 1:
                self._owner.post_message(Told(_WAITS))
        return await asyncio.to_thread(self._do, write) or Failed(_GIVEN_UP)

    def _do(self, write: Write) -> Changed | Refused | Failed | None:
        """Do a write; None: the store was busy."""
        try:
            change = write()
        except StoreBusy:
            return None
        except (StoreUnavailable, DiskFull) as error:
            return Failed(str(error))
        except StoreError as error:
            return Refused(str(error))
        else:
            if change.journal_id is not None:
                self.own.add(change.journal_id)
            return Changed(change)
        finally:
            self._store.close()
