"""aftersend follow."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.cleaning import clean
from store.errors import BadInput
from tui.cli.describing import Described, describing_options
from tui.cli.group import say
from tui.cli.ingest import tokens_option, with_token_files, zone_named, zone_option
from tui.cli.opening import now, store_to_write
from tui.cli.servers import Reached, server_options
from tui.cli.signals import ended_by_signals
from tui.present.cells import cut
from tui.present.times import number

if TYPE_CHECKING:
    from store.following.follow import Figures
    from store.rows.tripwires import TripRow

_EVERY_S = 0.5
_RATE_S = 5.0


@click.command("follow")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR|URL...")
@click.option(
    "--exit-when-idle", is_flag=True, help="End when nothing is left to be read, instead of waiting for more."
)
@click.option(
    "--copies-in",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where rotated logs are put (logrotate's olddir), if they do not stay beside the log.",
)
@describing_options
@tokens_option
@zone_option
@server_options
@click.pass_context
def follow_command(
    ctx: click.Context,
    paths: Sequence[str],
    exit_when_idle: bool,
    copies_in: Path | None,
    described: Described,
    tokens: Sequence[Path],
    zone: str | None,
    reached: Reached,
) -> None:
    """Read mail logs, mailboxes and event files while they grow.

    Every record is read once: after a restart, or a crash, it goes on where it stopped, also when logs were rotated,
    copied and cut, or packed in the meantime. What is named may be a file, a folder (with what will appear in it), a
    Maildir, or a mailbox on a server (imaps://user@host/INBOX). A file that is not there yet is waited for; a line
    that is not whole yet is, too.

    A terminal shows one line of figures; otherwise nothing is printed but trouble. SIGTERM and Ctrl-C end it after the
    running transaction, with exit code 0.
    """
    from store.following.follow import Follower
    from store.following.source import How
    from store.lookout import Lookout

    reached.check(paths)
    store = store_to_write(ctx, create=True)
    mapping = with_token_files(described.mapping(store, zone), tokens)
    if copies_in is not None and not copies_in.is_dir():
        raise BadInput(f"{copies_in} is no folder, so no rotated logs can lie there.")
    elsewhere = copies_in.resolve() if copies_in else None
    how = How(now, zone_named(zone), mapping, copies_in=elsewhere, options=reached.options, ask=reached.ask)
    line = FigureLine()
    lookout = Lookout(store, now, line.say)

    def landed(figures: Figures) -> None:
        line.show(figures)
        _tell(line, lookout.look_if_due())

    follower = Follower(store, paths, how, exit_when_idle, landed, line.say)
    try:
        with ended_by_signals(lambda _: follower.stop()):
            good = follower.run()
            _tell(line, lookout.look())
            lookout.finish()
    finally:
        line.wipe()
    if not good:
        ctx.exit(1)


def _tell(line: FigureLine, trips: Sequence[TripRow]) -> None:
    from store.lookout import told_of

    for trip in trips:
        line.say(told_of(trip))


class FigureLine:
    """One line of figures on stderr, only where stderr is a terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._last = 0.0
        self._counts: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def show(self, figures: Figures) -> None:
        """Draw the figures; if the last drawing was a moment ago, a moment later, unless newer ones come first."""
        if not self._shown:
            return
        with self._lock:
            self._forget()
            wait_s = self._last + _EVERY_S - time.monotonic()
            if wait_s <= 0:
                self._draw(figures)
                return
            self._timer = threading.Timer(wait_s, self._draw_later, (figures,))
            self._timer.daemon = True
            self._timer.start()

    def _draw_later(self, figures: Figures) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer = None
                self._draw(figures)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _draw(self, figures: Figures) -> None:
        moment = time.monotonic()
        self._last = moment
        self._counts.append((moment, figures.tally.records))
        while len(self._counts) > 2 and moment - self._counts[1][0] > _RATE_S:
            self._counts.popleft()
        (since, before), (_, records) = self._counts[0], self._counts[-1]
        rate = (records - before) / (moment - since) if moment > since else 0.0
        width = shutil.get_terminal_size((80, 24)).columns - 1
        self._write("\r" + cut(figures_line(figures, rate), width) + "\x1b[K")

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            # The terminal is gone; what is read lands all the same until the signal comes.
            self._shown = False

    def say(self, sentence: str) -> None:
        """Print a sentence on a line of its own."""
        self.wipe()
        say(sentence)

    def wipe(self) -> None:
        """Wipe the line."""
        with self._lock:
            self._forget()
            if self._shown and self._last:
                self._write("\r\x1b[K")
                self._last = 0.0


def figures_line(figures: Figures, rate: float) -> str:
    """Return the figures as text: rate, events, strangers, bad pieces, and what is still to be read where."""
    tally = figures.tally
    parts = [
        f"{number(round(rate))}/s",
        f"{number(tally.new_events)} events",
        f"{number(tally.strangers)} strangers",
        f"{number(tally.defects)} bad",
    ]
    behind = [place for place in figures.places if place.behind]
    waiting = [place for place in figures.places if place.waiting]
    if behind:
        most = max(behind, key=lambda place: place.behind or 0)
        others = f" and {number(len(behind) - 1)} more" if len(behind) > 1 else ""
        parts.append(f"{_amount(most.behind or 0)} behind in {clean(most.label)}{others}")
    elif waiting:
        others = f" and {number(len(waiting) - 1)} more" if len(waiting) > 1 else ""
        parts.append(f"waiting for {clean(waiting[0].label)}{others}")
    else:
        parts.append(f"up to date in {number(figures.sources)} {'feed' if figures.sources == 1 else 'feeds'}")
    return " · ".join(parts)


def _amount(behind: int) -> str:
    """Return how much is still to be read; mails are few, bytes are many."""
    if behind < 10_000:
        return number(behind)
    if behind < 10_000_000:
        return f"{number(round(behind / 1000))} k"
    return f"{number(round(behind / 1_000_000))} M"
