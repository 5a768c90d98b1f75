"""Waiting for new mail: the server tells of it (IDLE, RFC 2177) on a connection of its own."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable

from store.errors import StoreError
from store.feeds.imap.connection import Connection

IDLE_S = 60.0
"""How long one IDLE lasts: servers end one after half an hour, routers on the way much earlier, and without a word."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
"""The pause before a lost connection is made anew, doubled each time it fails."""

_END_S = 2.0


class Watch:
    """A thread that calls ``wake`` when a folder has changed; it ends where the server has no IDLE."""

    def __init__(self, connect: Callable[[], Connection], wake: Callable[[], None]) -> None:
        self._connect = connect
        self._wake = wake
        self._ended = threading.Event()
        self._end_read, self._end_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="imap idle", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; one that is just connecting ends with the process."""
        self._ended.set()
        os.write(self._end_write, b"\0")
        self._thread.join(_END_S)
        if not self._thread.is_alive():
            os.close(self._end_read)
            os.close(self._end_write)

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._ended.is_set():
            try:
                connection = self._connect()
            except StoreError:
                # Whoever reads the folder meets the same trouble, and tells of it.
                self._ended.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
                continue
            pause = FIRST_PAUSE_S
            try:
                connection.examine()
                # What came while there was no connection is not told by it.
                self._wake()
                while not self._ended.is_set() and connection.idle(self._wait):
                    self._wake()
                connection.close()
                return
            except StoreError:
                connection.drop()
                self._ended.wait(pause)

    def _wait(self, descriptor: int) -> None:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.register(self._end_read, select.POLLIN)
        poll.poll(IDLE_S * 1000)
