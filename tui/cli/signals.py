"""The signals that ask a command to end in good order."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def ended_by_signals(end: Callable[[int], None]) -> Iterator[None]:
    """Call ``end`` with the number of each signal that asks this process to end, in place of ending it at once.

    A SIGHUP that is ignored stays so: who says ``nohup`` wants the command to outlive its terminal.
    """
    asked = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        asked.append(signal.SIGHUP)
    before = {signum: signal.signal(signum, lambda signum, _: end(signum)) for signum in asked}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
