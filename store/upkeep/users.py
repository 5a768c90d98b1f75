"""Who has a store open: SQLite's connections hold a lock on its file as long as they are open (sqlite.org/wal.html).

The locks are read from the system's list of them. To ask for a lock instead would mean to open the file, and to close
it again would drop the locks of this process's own connections (sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from store.cleaning import clean
from store.database import Store
from store.errors import StoreError

_LOCKS = Path("/proc/locks")
_MAIN = range(0x40000000, 0x40000000 + 512)
"""The bytes of the file that SQLite locks (its os.h: PENDING_BYTE and those after it)."""

_SHARED_MEMORY = range(120, 129)
"""The bytes of the ``-shm`` file that it locks (sqlite.org/walformat.html, section 2.3)."""

_NAMES = ("aftersend", "tui.cli")


@dataclass(frozen=True, slots=True)
class Process:
    """A process that has the store open.

    Attributes:
        pid: its number; 0 if it is one of another container.
        name: what it is, "aftersend follow"; "" if that cannot be seen.
    """

    pid: int
    name: str

    def __str__(self) -> str:
        """Return it as it stands in a sentence."""
        if not self.pid:
            return "a process outside this container"
        return f"process {self.pid} ({self.name})" if self.name else f"process {self.pid}"


def users(path: Path) -> tuple[Process, ...] | None:
    """Return the other processes that have the store open, by their numbers; None where the system does not tell."""
    try:
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    wanted: dict[int, range] = {}
    for name, held in ((path, _MAIN), (path.with_name(f"{path.name}-shm"), _SHARED_MEMORY)):
        with suppress(OSError):
            wanted[name.stat().st_ino] = held
    pids = {pid for pid, inode, first in _locks(lines) if first in wanted.get(inode, ())}
    return tuple(Process(pid, _name(pid)) for pid in sorted(pids - {os.getpid()}))


def _locks(lines: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yield pid, inode and first byte of each lock that is held (proc_locks(5)).

    The device is left out: on btrfs and overlays it is not the one that the file says it lies on.
    """
    for line in lines:
        words = line.split()
        if len(words) == 8 and words[1] in {"POSIX", "OFDLCK"}:
            with suppress(ValueError):
                yield max(0, int(words[4])), int(words[5].rpartition(":")[2]), int(words[6])


def _name(pid: int) -> str:
    """Return which command of ours it runs, or its program's name; arguments are nobody's business."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if Path(word).name in _NAMES:
            return clean(f"aftersend {after}".strip()) if after.isidentifier() else "aftersend"
    return clean(Path(words[0]).name)


def server_users(store: Store) -> tuple[str, ...] | None:
    """Return the processes that have a store on a server open, as they call themselves; None if it does not tell."""
    sql = (
        "SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name LIKE 'aftersend:%'"
        " AND datname = current_database() ORDER BY 1"
    )
    try:
        names = [str(name).split(":") for (name,) in store.rows(sql)]
    except StoreError:
        return None
    own = (socket.gethostname(), str(os.getpid()))
    return tuple(f"process {clean(pid)} on {clean(host)}" for _, host, pid, *_ in names if (host, pid) != own)
