"""Being woken when something in a folder changes; whoever waits looks again after a while anyway."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

_STEP_MS = 20
_DEBOUNCE_MS = 200
_TIMEOUT_MS = 5000


class Folders:
    """Watches folders in a thread of its own, each without those within it.

    Where the system cannot tell of changes (no inotify, too many watches, a network drive) nothing wakes, and the
    rescan has to do.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        """Start without any folder; ``wake`` is called from the thread."""
        self._wake = wake
        self._wanted: set[Path] = set()
        self._watched: frozenset[Path] = frozenset()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, folder: Path) -> None:
        """Watch a folder, too, from the next :meth:`refresh` on."""
        self._wanted.add(folder)

    def refresh(self) -> None:
        """Watch what was asked for and is there by now."""
        there = frozenset(folder for folder in self._wanted if folder.is_dir())
        if there == self._watched:
            return
        self.close()
        self._watched = there
        if there:
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(there, self._stop), daemon=True)
            self._thread.start()

    def _run(self, folders: frozenset[Path], stop: threading.Event) -> None:
        from watchfiles import watch

        try:
            for _ in watch(
                *folders,
                watch_filter=None,
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                stop_event=stop,
                rust_timeout=_TIMEOUT_MS,
                raise_interrupt=False,
                recursive=False,
                ignore_permission_denied=True,
            ):
                self._wake()
        except (OSError, RuntimeError):
            # A folder went away, or the system has no more watches to give.
            return

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._watched = frozenset()
