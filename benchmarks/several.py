"""Keys of a screen alone, and beside what a team has going on one store: another screen, a follow and a send."""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.crowd import crowd_store
from benchmarks.figure import Figure, Missing
from benchmarks.sitting import Pressed, Sitting, aftersend
from store.database import open_store
from tests.following.logs import lines
from tests.outbox.sends import ready

_PAGE = "\x06"
_LINES_A_S, _MAILS_A_S = 1_000, 50
_PAUSE_S = 0.05
_BUSY_S, _BRIEF_S = 120, 20
"""For so long there is enough to be sent."""


def together(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure keys on ``size`` recipients, alone and beside the others, in turns."""
    alone: list[Pressed] = []
    beside: list[Pressed] = []
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder, ExitStack() as stack:
        path = Path(shutil.copy(crowd_store(size), folder))
        log, message = _prepared(path, Path(folder), stack, _BRIEF_S if rounds == 1 else _BUSY_S)
        for _ in range(rounds):
            with aftersend(path) as sitting:
                sitting.settle(brief=rounds == 1)
                alone.append(_pressed(sitting, rounds))
                with ExitStack() as others:
                    running = [
                        others.enter_context(_running(*words))
                        for words in (
                            ("-m", "tui.cli", "--store", path, "follow", log),
                            ("-m", "benchmarks.several", path, log),
                            ("-m", "tests.several.sending", path, message),
                        )
                    ]
                    sitting.wait_quiet(1.5)
                    beside.append(_pressed(sitting, rounds))
                    ended = [process.args for process in running if process.poll() is not None]
                sitting.leave()
            if ended:
                yield Missing("keys beside another screen, a follow and a send", f"it ended too early: {ended[0]!r}")
                return
    for share in (0.5, 0.95):
        one, all_ = (statistics.median(pressed.ms(share) for pressed in found) for found in (alone, beside))
        name = f"keys beside another screen, a follow and a send, p{share * 100:.0f}"
        yield Figure(name, "ms", all_, "alone", one, 2, at_most=True)


def _pressed(sitting: Sitting, rounds: int) -> Pressed:
    return sitting.strikes(["j"] * (12 if rounds == 1 else 60) + [_PAGE] * (2 if rounds == 1 else 10))


def _prepared(path: Path, folder: Path, stack: ExitStack, seconds: int) -> tuple[Path, int]:
    """Have a relay run, and a message ready for it; return the log that will be followed, and the message's number."""
    port = folder / "port"
    stack.enter_context(_running("-m", "tests.smtp_server", folder / "relay.ndjson", port))
    while not (port.exists() and port.read_text(encoding="ascii")):
        time.sleep(0.01)
    store = open_store(path)
    addresses = [f"p{number}@shop{number % 50}.example" for number in range(_MAILS_A_S * seconds)]
    made = ready(store, int(port.read_text(encoding="ascii")), addresses, rate=_MAILS_A_S)
    store.close()
    log = folder / "mail.log"
    log.touch()
    return log, made.message_id


@contextmanager
def _running(*words: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of ours as long as the block."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, *map(str, words)], stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _others(path: Path, log: Path) -> None:
    """Be the other operator, who decides all the time, and the mail server, which writes its log, until killed."""
    told = lines(_LINES_A_S * 20, random.Random(1))
    begun, written = time.monotonic(), 0
    keys = "bcs"
    with aftersend(path) as sitting, log.open("ab", buffering=0) as file:
        sitting.settle()
        pressed = 0
        while True:
            upto = int((time.monotonic() - begun) * _LINES_A_S)
            for at in range(written, upto):
                file.write(told[at % len(told)])
            written = upto
            sitting.press(keys[pressed % len(keys)])
            pressed += 1
            sitting.wait_quiet(_PAUSE_S)


if __name__ == "__main__":
    _others(Path(sys.argv[1]), Path(sys.argv[2]))
