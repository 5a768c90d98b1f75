"""Running a sending in the terminal: one line of figures, signals, and what it ended with."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tui.cli.group import INTERRUPTED, TRIPPED, say, tell
from tui.cli.opening import now
from tui.cli.signals import ended_by_signals
from tui.cli.tripped import end, say_tripped
from tui.present.cells import cut

if TYPE_CHECKING:
    from store.database import Store
    from store.outbox.course import Progress
    from store.outbox.sender import Sender
    from store.rows.outbox import SendRow

_EVERY_S = 0.25
_RATE_S = 5.0


def run(ctx: click.Context, store: Store, row: SendRow, start_in_s: float) -> None:
    """Send until nothing waits any more; exit with what it ended with.

    Raises:
        click.exceptions.Exit: it was paused or stopped.
        StoreError: it could not begin, or the store cannot be written.
    """
    from store.journal import current_operator
    from store.outbox.sender import Sender
    from store.queries.relays import find_relay
    from store.queries.tripwires import standing
    from store.vocabulary import OutboxState, SendState
    from tui.present.outbox import counts_line, halted_words

    ringing = standing(store, now(), row.campaign_id)
    say_tripped(ringing)
    end(ringing)
    line = SendLine(row.campaign)
    relay = find_relay(store, row.relay)
    sender = Sender(store, row.id, relay, current_operator(), now, start_in_s, on_progress=line.show, on_note=line.say)
    try:
        with _halted_by_signals(sender) as signals:
            sent = sender.run()
    finally:
        line.wipe()
    if sent.found_unsure:
        say(f"The process before this one ended over {sent.found_unsure:,} mails of which nobody can tell.")
    tell(f"{sent.row.campaign}: {counts_line(sent.row)}")
    unsure = sent.row.counts[OutboxState.UNSURE]
    if unsure:
        say(
            f"{unsure:,} may have left and are not sent again by themselves; the relay's log tells, or"
            f" `aftersend send unsure {sent.row.key}`."
        )
    if sent.row.state is SendState.DONE:
        return
    say(f"{halted_words(sent.row).rstrip('.')}; `aftersend send resume {sent.row.key}` goes on.")
    ctx.exit(TRIPPED if sent.trips else INTERRUPTED if signal.SIGINT in signals else 1)


@contextmanager
def _halted_by_signals(sender: Sender) -> Iterator[list[int]]:
    came: list[int] = []

    def halt(signum: int) -> None:
        came.append(signum)
        sender.halt()

    with ended_by_signals(halt):
        yield came


class SendLine:
    """One line of figures on stderr, only where stderr is a terminal."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = sys.stderr.isatty()
        self._last = 0.0
        self._counts: deque[tuple[float, int]] = deque()

    def show(self, progress: Progress) -> None:
        """Draw how things stand, unless the last drawing was a moment ago."""
        moment = time.monotonic()
        if not self._shown or moment - self._last < _EVERY_S:
            return
        from tui.present.outbox import progress_line

        self._last = moment
        self._counts.append((moment, sum(progress.done.values())))
        while len(self._counts) > 2 and moment - self._counts[1][0] > _RATE_S:
            self._counts.popleft()
        (since, before), (_, after) = self._counts[0], self._counts[-1]
        rate = (after - before) / (moment - since) if moment > since else 0.0
        width = shutil.get_terminal_size((80, 24)).columns - 1
        self._write("\r" + cut(progress_line(self._name, progress, rate, now()), width) + "\x1b[K")

    def say(self, sentence: str) -> None:
        """Print a sentence on a line of its own."""
        self.wipe()
        say(sentence)

    def wipe(self) -> None:
        """Wipe the line."""
        if self._shown and self._last:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            # The terminal is gone; what is open is settled all the same until the signal comes.
            self._shown = False
