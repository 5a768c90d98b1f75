"""Which process sends a message, and whether it still lives.

A process names itself by its host, the boot of that host, its number and the moment it began, so that another process
with the same number is not taken for it. On the same boot of the same host that can be looked up; elsewhere a process
is taken for dead when it has not been heard of for a while. A wrong verdict doubles nothing: whoever was taken for dead
finds at its next claim that the message is not its own any more (:mod:`store.outbox.ledger`).
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from store.times import to_ms

SILENT_MS = 120_000
"""After so long without a sign a process that cannot be looked up is dead."""

BEAT_S = 10.0
"""How often a process gives a sign."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """A process that sends; ``token`` tells two sendings of one process apart."""

    host: str
    boot: str
    pid: int
    began: str
    token: str

    @property
    def text(self) -> str:
        """The claimant as the tables hold it."""
        return json.dumps([self.host, self.boot, self.pid, self.began, self.token], separators=(",", ":"))

    @property
    def words(self) -> str:
        """The claimant for people."""
        return f"process {self.pid} on {self.host}"


def myself() -> Claimant:
    """Return this process, with a token of its own for each call."""
    return Claimant(socket.gethostname(), _boot(), os.getpid(), _began(os.getpid()) or "", secrets.token_hex(8))


def claimant_of(text: str) -> Claimant | None:
    """Return the claimant that a table holds; None if it is none."""
    try:
        host, boot, pid, began, token = json.loads(text)
        return Claimant(str(host), str(boot), int(pid), str(began), str(token))
    except (ValueError, TypeError):
        return None


def lives(text: str | None, beat_at: int | None, now: datetime) -> bool:
    """Tell whether the process that a table names still lives.

    Args:
        text: the claimant; None: nobody.
        beat_at: when it gave its last sign, epoch milliseconds.
        now: aware UTC time.
    """
    found = claimant_of(text) if text else None
    if found is None:
        return False
    if found.host == socket.gethostname():
        if found.boot != _boot():
            return False
        began = _began(found.pid)
        if began is None or (found.began and began and began != found.began):
            return False
        if found.began and began:
            return True
    return beat_at is not None and abs(to_ms(now) - beat_at) < SILENT_MS


@cache
def _boot() -> str:
    """Return what is another word after the machine was started again; "" where nothing tells it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _began(pid: int) -> str | None:
    """Return when a process began, in a word of the system's; "" if that cannot be told, None if there is none."""
    try:
        # proc(5): the 22nd field; the second one is a name in brackets that may hold blanks and brackets.
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        # One that has ended and of which nobody has taken note yet sends no more.
        return None if told[0] in {"Z", "X"} else told[19]
    except (OSError, IndexError):
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return ""
    return ""
