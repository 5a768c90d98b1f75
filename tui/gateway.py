"""The one door to writes: a queue, drained in order by one worker, off the thread that draws.

A write that is asked for is done, once and in order: a worker per write would lose or reorder them, and leaving the
program waits until the queue is empty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from textual.message_pump import MessagePump

from store.errors import DiskFull, StoreError, StoreUnavailable
from tui.messages import Changed, Failed, Refused

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import Change

Write: TypeAlias = "Callable[[], Change]"
"""A call of one function of ``store.actions``, with everything bound."""


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
                self._owner.post_message(await asyncio.to_thread(self._do, write))
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

    def _do(self, write: Write) -> Changed | Refused | Failed:
        try:
            change = write()
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
