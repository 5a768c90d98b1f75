"""What can be done about a campaign that went out wrong, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.rows.outbox import SendRow
from store.rows.queued import QueueRow
from store.rows.unreached import UnreachedRow
from store.rows.wrong import SplitCounts, WrongRow
from store.vocabulary import SendState
from tui.present.cells import wrap
from tui.present.columns import Column
from tui.present.history import Line
from tui.present.times import number

DELIVERED_STAYS = "What was delivered stays delivered: no mail can be called back, by nobody."
"""The first thing to say."""


NAMED_COLUMNS: tuple[Column[UnreachedRow], ...] = (
    Column("address", "Address", lambda row: (row.address, "strong"), width=24, weight=1, limit=44),
    Column("because", "Because", lambda row: (row.because, "text"), width=20, weight=1, limit=50),
    Column("name", "Name", lambda row: (row.name, "muted"), width=14, weight=1, limit=30, priority=1),
)
"""Address, why they are in the part, name."""


def outbox_words(row: WrongRow) -> str:
    """Return what still waits in our outbox."""
    if not row.sends:
        return "It was not sent from here: nothing of it waits in our outbox."
    unsure = f"; of {_mails(row.unsure)} nobody can tell whether they left" if row.unsure else ""
    states = ", ".join(f"{send.campaign}: {_stands(send)}" for send in row.sends)
    if not row.left:
        return f"Nothing of it waits in our outbox ({states}){unsure}."
    waits = "waits" if row.left == 1 else "wait"
    return f"{_mails(row.left)} {waits} in our outbox ({states}){unsure}."


def queue_words(found: QueueRow) -> str:
    """Return what still waits in Postfix's queue."""
    more = f"; {_mails(found.unsure)} more do not say of which campaign" if found.unsure else ""
    if not found.mails:
        return f"Nothing of it waits in the queue of {found.instance}{more}."
    held = f", {number(found.held)} of them on hold" if found.held else ""
    waits = "waits" if len(found.mails) == 1 else "wait"
    return f"{_mails(len(found.mails))} {waits} in the queue of {found.instance}{held}{more}."


def split_lines(split: SplitCounts, narrowed: str) -> list[tuple[str, str]]:
    """Return the lines that say who gets what, each with its style."""
    lines = [(f"{number(split.erratum):>9}  get the erratum: {narrowed}", "strong")]
    lines += [(f"{number(count):>13}  {why}", "text") for why, count in split.got.items()]
    if split.narrowed:
        lines.append((f"{number(split.narrowed):>13}  got it too, but are not told", "muted"))
    lines.append((f"{number(split.right):>9}  get the right mail, without a word about the wrong one", "strong"))
    lines += [(f"{number(count):>13}  {why}", "text") for why, count in split.not_got.items()]
    lines.append((f"{number(sum(split.nothing.values())):>9}  get nothing", "strong"))
    lines += [(f"{number(count):>13}  {why}", "muted") for why, count in split.nothing.items()]
    return lines


def wrong_lines(row: WrongRow, queue: QueueRow | None, why: str, narrowed: str, cells: int) -> Sequence[Line]:
    """Return the page: what cannot be undone, what can be stopped, who gets what, and the keys for it.

    Args:
        row: how the campaign stands.
        queue: what waits in Postfix; None: that is not known.
        why: why it is not.
        narrowed: who of those that got it is told.
        cells: how wide a line may be.
    """
    return [
        ((text, style),) for line, style in _page(row, queue, why, narrowed) for text in _fitted(line, cells, style)
    ]


def _fitted(line: str, cells: int, style: str) -> list[str]:
    # Figures keep the column that they stand in.
    return [line] if line.startswith("  ") and len(line) <= cells else wrap(line, cells)


def _page(row: WrongRow, queue: QueueRow | None, why: str, narrowed: str) -> Iterator[tuple[str, str]]:
    yield DELIVERED_STAYS, "bad"
    yield "", "text"
    yield "1  Stop what has not left", "strong"
    running = any(send.state not in {SendState.STOPPED, SendState.DONE} for send in row.sends)
    yield f"{outbox_words(row)}{' s stops it.' if running else ''}", "text"
    if queue is None:
        yield f"What waits in Postfix's queue cannot be looked at: {why}", "warn"
    else:
        keys = [" h holds it." if queue.waiting else "", " d deletes what is on hold." if queue.held else ""]
        yield f"{queue_words(queue)}{''.join(keys)}", "text"
    yield "", "text"
    people = number(row.split.total)
    yield f"2  Who gets what of {people} people, each counted once · t chooses, w names them", "strong"
    yield from split_lines(row.split, narrowed)
    yield "", "text"
    yield "3  Send", "strong"
    if running:
        yield "First stop it: who gets what would change meanwhile.", "warn"
    elif row.split.erratum or row.split.right:
        yield "e asks for both messages, and sends after one question; l makes lists.", "text"
    else:
        yield "Nobody is left to be told.", "text"


def _stands(send: SendRow) -> str:
    running = send.state in {SendState.STARTING, SendState.SENDING}
    return "interrupted" if running and not send.alive else send.state.value


def _mails(count: int) -> str:
    return "1 mail" if count == 1 else f"{number(count)} mails"
