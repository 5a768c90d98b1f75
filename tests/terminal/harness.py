"""A real terminal for tests: a pty whose other end is a screen model (pyte). Nothing here sleeps."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType

import pyte

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    "ctrl+c": "\x03",
    "ctrl+p": "\x10",
}


class Gone(AssertionError):
    """The program ended, or closed its terminal, while something was waited for."""


class Terminal:
    """A command running in a terminal of its own.

    It answers questions about its cursor, as terminals do.

    Attributes:
        raw: every byte the command has sent.
        arrived: when the last of them came (:func:`time.perf_counter`).
        screen: the model; ``display`` holds its lines.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        lines: int = 24,
        env: Mapping[str, str | None] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        deadline_s: float = 20.0,
        piece_bytes: int = 65_536,
    ) -> None:
        """Start ``command``.

        Args:
            command: program and arguments.
            columns: width.
            lines: height.
            env: variables on top of the present ones; None takes one away.
            cwd: where it runs.
            deadline_s: how long each wait may take before it fails.
            piece_bytes: how much is read before what is waited for is looked for; few, to miss nothing that goes again.
        """
        self.raw = bytearray()
        self.arrived = 0.0
        self.deadline_s = deadline_s
        self._piece_bytes = piece_bytes
        self.screen = pyte.Screen(columns, lines)
        self.screen.write_process_input = self._answer
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._closed = False
        self._master, slave = pty.openpty()
        self._size(columns, lines)
        try:
            self.process = subprocess.Popen(
                list(command),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=cwd,
                env=_environment(env or {}),
                preexec_fn=_own_terminal,
                close_fds=True,
            )
        finally:
            os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def text(self) -> str:
        """The screen as text, one line a line, without blanks at the ends."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def sent(self) -> int:
        """How many bytes the command has sent so far."""
        return len(self.raw)

    def line(self, number: int) -> str:
        """Return one line of the screen (negative: from the bottom)."""
        return self.screen.display[number].rstrip()

    def press(self, *keys: str) -> None:
        """Send keys: names of ``KEYS``, or text that is sent as it is."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def wait_for(self, wanted: str | Callable[[str], bool], why: str = "") -> str:
        """Read until the screen shows a text, or until a test of the screen's text holds; return the text.

        Raises:
            AssertionError: it did not come in time; the message holds the screen.
            Gone: the program ended before.
        """
        test = wanted if callable(wanted) else lambda text: wanted in text
        end = time.monotonic() + self.deadline_s
        while not test(self.text):
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not seen in time: {why or wanted!r}\n{self.text}")
            if not self._read(left):
                raise Gone(f"the program ended before: {why or wanted!r}\n{self.text}")
        return self.text

    def wait_quiet(self, quiet_s: float = 0.15) -> int:
        """Read until nothing came for ``quiet_s`` seconds; return the number of bytes that came."""
        before = self.sent
        end = time.monotonic() + self.deadline_s
        while time.monotonic() < end and self._ready(quiet_s):
            if not self._read(0):
                break
        return self.sent - before

    def wait_end(self) -> int:
        """Read until the command ends; return its exit code (negative: the signal that ended it)."""
        end = time.monotonic() + self.deadline_s
        while not self._closed and time.monotonic() < end:
            if not self._read(max(0.0, end - time.monotonic())):
                break
        return self.process.wait(timeout=max(0.1, end - time.monotonic()))

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the terminal; the command is told, as a terminal would."""
        self.screen.resize(lines, columns)
        self._size(columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Close the line, as when a connection drops: the kernel sends SIGHUP to the command."""
        if not self._closed:
            self._closed = True
            os.close(self._master)

    def close(self) -> None:
        """End the command, whatever it does."""
        self.hang_up()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _answer(self, data: str) -> None:
        with suppress(OSError):  # the command may be gone
            os.write(self._master, data.encode())

    def _size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _ready(self, timeout_s: float) -> bool:
        return bool(select.select([self._master], [], [], timeout_s)[0])

    def _read(self, timeout_s: float) -> bool:
        """Take what is there, waiting ``timeout_s`` for it; return False once nothing can come any more."""
        if not self._ready(timeout_s):
            return True
        try:
            data = os.read(self._master, self._piece_bytes)
        except OSError:
            return False
        if data:
            self.arrived = time.perf_counter()
            self.raw += data
            self._stream.feed(self._decoder.decode(data))
        return bool(data)


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    base = dict(os.environ) | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        base.pop(name, None)
    for name, value in changes.items():
        if value is None:
            base.pop(name, None)
        else:
            base[name] = value
    return base


def _own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
