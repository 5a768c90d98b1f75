"""The outbox: the columns of its sends, and of the mails of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from store.rows.outbox import OutboxRow, SendRow
from store.vocabulary import OutboxState, SendState
from tui.present.cells import wrap
from tui.present.columns import Cell, Column
from tui.present.history import Line
from tui.present.outbox import counts_line, state_words
from tui.present.times import DAY_CELLS, day, number

_STATES = {
    SendState.READY: ("·", "muted"),
    SendState.STARTING: ("…", "info"),
    SendState.SENDING: (">", "info"),
    SendState.PAUSED: ("=", "warn"),
    SendState.STOPPED: ("#", "warn"),
    SendState.DONE: ("✓", "text"),
}
_MAIL_STATES = {
    OutboxState.WAITING: ("·", "muted"),
    OutboxState.SENDING: (">", "info"),
    OutboxState.ACCEPTED: ("✓", "text"),
    OutboxState.REFUSED: ("✗", "bad"),
    OutboxState.HELD: ("#", "warn"),
    OutboxState.UNSURE: ("?", "bad"),
}
_BAR_CELLS = 12


def send_columns(clock: Callable[[], datetime]) -> tuple[Column[SendRow], ...]:
    """Return the columns of the sends as they are at the moment at which a cell is made."""
    return (
        Column("name", "Send", _name_cell, width=16, weight=1, limit=40),
        Column("state", "State", lambda row: _state_cell(row, clock()), width=14, weight=1, limit=34),
        Column("bar", "Done", _bar_cell, width=_BAR_CELLS, priority=4),
        Column("total", "Mails", lambda row: (number(row.total), "text"), width=8, align="right", priority=1),
        Column("left", "Wait", lambda row: _count(row, OutboxState.WAITING, "text"), width=7, align="right"),
        Column("refused", "Refused", lambda row: _count(row, OutboxState.REFUSED, "bad"), width=7, align="right"),
        Column("held", "Held", lambda row: _count(row, OutboxState.HELD, "warn"), width=6, align="right", priority=3),
        Column("unsure", "Unsure", lambda row: _count(row, OutboxState.UNSURE, "bad"), width=6, align="right"),
        Column("relay", "Relay", lambda row: (row.relay, "muted"), width=12, since=110, priority=6),
        Column("made", "Made", lambda row: (day(row.made_at), "muted"), width=DAY_CELLS, since=110, priority=5),
        Column("subject", "Subject", lambda row: (row.subject, "muted"), width=20, weight=1, limit=60, since=130),
    )


def send_lines(row: SendRow, now: datetime, cells: int) -> list[Line]:
    """Return what there is to say about a send: what it follows up, how it stands, and what can be done."""
    follows = f" · follows up “{row.parent}”" if row.parent else ""
    told = [f"{row.campaign}{follows} · “{row.subject}” from {row.sender}", counts_line(row)]
    stands = state_words(row, now).rstrip(".")
    told.append(f"{stands[:1].upper()}{stands[1:]}. {_advice(row)}".strip())
    return [((part, "text"),) for text in told for part in wrap(text, cells)]


def _advice(row: SendRow) -> str:
    if row.counts[OutboxState.UNSURE]:
        return "Enter shows the mails of which nobody can tell whether they left."
    if row.state in {SendState.SENDING, SendState.STARTING} and row.alive:
        return "p pauses it, S stops it."
    if row.state is SendState.READY:
        return "Nothing of it has left; s starts it."
    return "s goes on with it." if row.left else ""


def _name_cell(row: SendRow) -> Cell:
    return row.campaign, "strong"


def _state_cell(row: SendRow, now: datetime) -> Cell:
    sign, style = _STATES[row.state]
    interrupted = row.state in {SendState.SENDING, SendState.STARTING} and not row.alive
    return f"{sign} {state_words(row, now)}", "bad" if interrupted else style


def _bar_cell(row: SendRow) -> Cell:
    done = row.total - row.counts[OutboxState.WAITING] - row.counts[OutboxState.SENDING]
    full = _BAR_CELLS * done // row.total if row.total else 0
    return "━" * full + "·" * (_BAR_CELLS - full), "text"


def _count(row: SendRow, state: OutboxState, style: str) -> Cell:
    return (number(row.counts[state]), style) if row.counts[state] else ("", "muted")


def _said(row: OutboxRow) -> str:
    code = " ".join(part for part in (str(row.reply or ""), row.status) if part and not row.diagnostic.startswith(part))
    return f"{code} {row.diagnostic}".strip()


def _mail_state(row: OutboxRow) -> Cell:
    sign, style = _MAIL_STATES[row.state]
    return f"{sign} {row.state}", style


MAIL_COLUMNS: tuple[Column[OutboxRow], ...] = (
    Column("address", "Address", lambda row: (row.address, "strong"), width=22, weight=1, limit=44),
    Column("state", "State", _mail_state, width=11),
    Column("attempts", "Tries", lambda row: (number(row.attempts), "text"), width=5, align="right", priority=2),
    Column("said", "Said", lambda row: (_said(row), "text"), width=20, weight=2, limit=90, priority=1),
    Column("when", "When", lambda row: (day(row.settled_at), "muted"), width=DAY_CELLS, since=100, priority=4),
    Column("name", "Name", lambda row: (row.name, "text"), width=16, weight=1, limit=30, since=100, priority=3),
)
"""Address, state, tries, what the relay said last, when, and whose mail it is."""
