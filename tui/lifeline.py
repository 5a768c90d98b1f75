"""What happens when the terminal goes away or somebody ends the program, and how its memory settles.

Left alone, Textual dies of SIGHUP and SIGTERM without giving the terminal back, and with SIGHUP ignored (nohup) its
input thread spins at full speed once the terminal is gone.
"""

from __future__ import annotations

import asyncio
import gc
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

GRACE_S = 1.2
"""How long the program may take to leave in good order; then it leaves at once."""

HUNG_UP = 128 + signal.SIGHUP
_GC_THRESHOLDS = (20_000, 50, 1_000)
_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8  # malloc.h
_TRIMMED_BYTES = 131_072
_RESTORE = b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[<u\x1b[?25h\x1b[?1049l\x1b[0m\r"


class Lifeline:
    """Leaves when the terminal is gone or a signal asks for it: in good order if that works, and at once if not.

    Args:
        leave: asks the app to end (``lambda: app.exit(return_code=...)``); called once, in the event loop's thread.
        fd: the terminal.
    """

    def __init__(self, leave: Callable[[int], None], fd: int = 0) -> None:
        self._leave = leave
        self._fd = fd
        self._leaving = False
        self._modes: list[object] | None = _modes(fd)
        self._poll = select.poll()
        self._poll.register(fd, 0)

    def install(self) -> None:
        """Take over SIGHUP and SIGTERM; call it in the running event loop, once the app has set up the terminal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(number, self.end, 128 + number)

    def check(self) -> bool:
        """Return whether the terminal is still there, and begin to leave if it is not; costs microseconds."""
        gone = any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in self._poll.poll(0))
        if gone:
            self.end(HUNG_UP)
        return not gone

    def end(self, code: int) -> None:
        """Leave with exit code ``code``; a second call changes nothing."""
        if self._leaving:
            return
        self._leaving = True
        # A thread, not the loop: a loop that waits for a terminal that takes no more bytes would never come back.
        deadline = threading.Timer(GRACE_S, self._leave_now, (code,))
        deadline.daemon = True
        deadline.start()
        self._leave(code)

    def _leave_now(self, code: int) -> None:
        try:
            os.set_blocking(self._fd, False)
            os.write(self._fd, _RESTORE)
            _restore(self._fd, self._modes)
        except OSError:
            pass  # the terminal is gone, there is nothing to give back
        os._exit(code)


def share_heap() -> None:
    """Have all threads share one heap, and give back what is free at its end; call it before there are threads.

    The C library of GNU gives threads heaps of their own, which keep what a thread once needed to read a large table:
    up to 10 MB for a screen that reads in threads. Other libraries have one heap anyway, and no such call.
    """
    import ctypes

    with suppress(AttributeError, OSError):
        tune = ctypes.CDLL(None).mallopt
        tune(_M_ARENA_MAX, 1)
        tune(_M_TRIM_THRESHOLD, _TRIMMED_BYTES)


def give_back() -> None:
    """Give the system what is free between what is in use: after much was read, in the thread that has read it."""
    import ctypes

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def settle_memory() -> None:
    """Keep the collector away from what lives for ever; call it about one second after the first paint.

    Full collections else stop the screen for 40 to 90 ms; frozen and with these thresholds, for 14 to 20 ms.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def terminal_refusal() -> str | None:
    """Return why the full screen cannot be shown here, in one sentence; None if it can."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual draws on stderr
        return "The screen needs a terminal; use the commands where there is none (aftersend --help)."
    if os.environ.get("TERM", "dumb") in {"", "dumb", "unknown"}:
        return "The screen needs a terminal that can move its cursor, and TERM says this one cannot."
    return None


def _modes(fd: int) -> list[object] | None:
    import termios

    try:
        return list(termios.tcgetattr(fd))
    except termios.error:
        return None


def _restore(fd: int, modes: list[object] | None) -> None:
    import termios

    if modes is None:
        return
    try:
        termios.tcsetattr(fd, termios.TCSANOW, modes)  # type: ignore[arg-type]
    except termios.error as error:
        raise OSError(str(error)) from error
