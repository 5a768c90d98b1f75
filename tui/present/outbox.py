"""Sends in words."""

from __future__ import annotations

from datetime import datetime

from store.outbox.course import Progress
from store.outbox.outcome import Ending
from store.rows.outbox import SendRow
from store.vocabulary import OutboxState, SendState
from tui.present.times import duration, number

_WORDS = {
    OutboxState.ACCEPTED: "accepted",
    OutboxState.WAITING: "waiting",
    OutboxState.SENDING: "on their way",
    OutboxState.REFUSED: "refused",
    OutboxState.HELD: "held",
    OutboxState.UNSURE: "unsure",
}
"""The states of mails in the order in which they are told."""

_ENDINGS = {
    Ending.ACCEPTED: "accepted",
    Ending.DEFERRED: "put off",
    Ending.REFUSED: "refused",
    Ending.HELD: "held",
    Ending.UNSURE: "unsure",
}


def counts_line(row: SendRow) -> str:
    """Return how many mails are in which state: "9,990 accepted · 7 refused · 1 unsure"."""
    parts = [f"{number(row.counts[state])} {word}" for state, word in _WORDS.items() if row.counts[state]]
    return " · ".join(parts) or "no mails"


def state_words(row: SendRow, now: datetime) -> str:
    """Return how a send stands: "sending", "paused: …", "sending, but no process does it"."""
    if row.state is SendState.STARTING and row.starts_at is not None and row.alive:
        return f"starts in {duration(max(0, round((row.starts_at - now).total_seconds())))}"
    if row.state in {SendState.SENDING, SendState.STARTING} and not row.alive:
        return "interrupted: no process sends it"
    return halted_words(row) if row.state is not SendState.DONE else str(row.state)


def halted_words(row: SendRow) -> str:
    """Return state and reason, without saying the state twice."""
    if not row.why or row.why.startswith(row.state.value):
        return row.why or row.state.value
    return f"{row.state}: {row.why}"


def progress_line(name: str, progress: Progress, rate: float, now: datetime) -> str:
    """Return one line that tells how a sending goes.

    Args:
        name: of the send.
        progress: how it stands.
        rate: mails a second, over the last seconds.
        now: aware UTC time.
    """
    if progress.starts_at is not None and progress.state is SendState.STARTING:
        left_s = max(0, round((progress.starts_at - now).total_seconds()))
        return f"{name} · starts in {left_s} s · Ctrl-C to keep it back"
    parts = [name]
    if progress.state is SendState.PAUSED:
        parts.append("paused")
    parts += [f"{number(progress.done[ending])} {word}" for ending, word in _ENDINGS.items() if progress.done[ending]]
    parts.append(f"{number(progress.left)} left")
    if progress.trouble:
        parts.append(progress.trouble)
    elif progress.state is SendState.SENDING:
        if progress.next_at is not None and progress.next_at > now:
            parts.append(f"next try in {duration(max(1, round((progress.next_at - now).total_seconds())))}")
        else:
            parts.append(f"{number(round(rate))}/s")
            if rate >= 1 and progress.left:
                parts.append(f"{duration(max(1, round(progress.left / rate)))} to go")
    return " · ".join(parts)
