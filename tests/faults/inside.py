"""Faults at an exact place: the n-th time that a process touches the disk it dies, or the disk says no from then on.

A touch is whatever another process could see: a write, a cut, a sync, a file made, named or taken away. SQLite's are
met in the system calls of its VFS, which it lets tests replace (sqlite.org/c3ref/vfs.html, ``xSetSystemCall``);
Python's in ``open`` and ``os``. No time and no other process is involved, so that a loaded machine changes nothing,
and it needs no rights, no tracer and no compiler.

``python -m tests.faults.inside KIND AT FILE WORDS...`` runs ``aftersend WORDS...`` so; KIND is of :class:`Fault`.
"""

from __future__ import annotations

import atexit
import builtins
import ctypes
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

COUNT, KILL = "count", "kill"
FAILING: Final = {"full": errno.ENOSPC, "broken": errno.EIO}


@dataclass(frozen=True)
class Fault:
    """What happens at the ``at``-th touch: ``kill``, ``full`` or ``broken``; with ``count``, nothing."""

    kind: str
    at: int = 0


_REALLY: Final = io.open


class Touches:
    """Counts, and lets happen what shall happen."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.count = 0
        self._lock = threading.Lock()

    def touch(self, *, fills: bool) -> int:
        """Count one; return the error that the call shall have, 0 for none.

        Args:
            fills: whether it takes room on the disk; a full one still gives names and takes them away.
        """
        with self._lock:
            self.count += 1
            if self.count < self.fault.at or self.fault.kind == COUNT:
                return 0
            if self.fault.kind == KILL:
                os.kill(os.getpid(), signal.SIGKILL)
            return FAILING[self.fault.kind] if fills else 0

    def note(self, path: Path) -> None:
        """Write down how many there were."""
        with _REALLY(path, "w") as stream:
            stream.write(str(self.count))


def install(fault: Fault) -> Touches:
    """Put the fault between this process and the disk."""
    touches = Touches(fault)
    _between_python_and_disk(touches)
    _between_sqlite_and_disk(touches)
    return touches


def _between_python_and_disk(touches: Touches) -> None:
    class Raw(io.FileIO):
        def write(self, data: Any) -> int:
            if not self.isatty():
                _refuse(touches.touch(fills=True))
            return super().write(data)

    def opened(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **more: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return _REALLY(file, mode, buffering, *args, **more)
        text = "b" not in mode
        names = ("encoding", "errors", "newline", "closefd", "opener")
        options = dict(zip(names, args, strict=False)) | more
        touches.touch(fills=False)
        raw = Raw(file, mode.replace("b", "").replace("t", ""), True, options.pop("opener", None))
        options.pop("closefd", None)
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return io.TextIOWrapper(buffered, **options) if text else buffered

    builtins.open = io.open = opened
    for name in ("fsync", "replace", "rename", "link", "unlink", "remove", "mkdir", "rmdir", "open"):
        setattr(os, name, _counted(touches, getattr(os, name), fills=name == "fsync"))


def _counted(touches: Touches, call: Callable[..., Any], *, fills: bool) -> Callable[..., Any]:
    def counted(*args: Any, **more: Any) -> Any:
        _refuse(touches.touch(fills=fills))
        return call(*args, **more)

    return counted


def _refuse(code: int) -> None:
    if code:
        raise OSError(code, os.strerror(code))


class _Vfs(ctypes.Structure):
    """``sqlite3_vfs`` up to the members of its third version."""

    _CALLS = (
        "xOpen xDelete xAccess xFullPathname xDlOpen xDlError xDlSym xDlClose xRandomness xSleep xCurrentTime"
        " xGetLastError xCurrentTimeInt64 xSetSystemCall xGetSystemCall xNextSystemCall"
    )
    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        *((name, ctypes.c_void_p) for name in _CALLS.split()),
    )


_WRITE = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, use_errno=True)
_PWRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64, use_errno=True
)
_CUT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int64, use_errno=True)
_UNLINK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, use_errno=True)
_CALLS: Final[dict[bytes, tuple[Any, bool]]] = {
    b"write": (_WRITE, True),
    b"pwrite": (_PWRITE, True),
    b"pwrite64": (_PWRITE, True),
    b"ftruncate": (_CUT, False),
    b"unlink": (_UNLINK, False),
}
_kept: list[Any] = []
"""What C holds pointers to."""


def _between_sqlite_and_disk(touches: Touches) -> None:
    import _sqlite3

    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(None)
    get = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(vfs.contents.xGetSystemCall)
    put = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(vfs.contents.xSetSystemCall)
    met = 0
    for name, (kind, fills) in _CALLS.items():
        address = get(vfs, name)
        if address is None:
            continue
        call = kind(_met(touches, kind(address), fills=fills))
        _kept.append(call)
        assert put(vfs, name, ctypes.cast(call, ctypes.c_void_p)) == 0
        met += 1
    assert met >= 3
    # Connections that are closed last of all would call what is no longer there.
    atexit.register(put, vfs, None, None)


def _met(touches: Touches, call: Callable[..., int], *, fills: bool) -> Callable[..., int]:
    def met(*args: Any) -> int:
        code = touches.touch(fills=fills)
        if code:
            ctypes.set_errno(code)
            return -1
        return call(*args)

    return met


def run(words: list[str], fault: Fault, told: Path | None = None) -> None:
    """Run ``aftersend`` with a fault in it; write the number of touches into ``told`` at the end. Does not return."""
    from tui.cli import main

    touches = install(fault)
    sys.argv = ["aftersend", *words]
    try:
        main()
    finally:
        if told is not None:
            touches.note(told)


if __name__ == "__main__":
    run(sys.argv[4:], Fault(sys.argv[1], int(sys.argv[2])), Path(sys.argv[3]) if sys.argv[3] != "-" else None)
