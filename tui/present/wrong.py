"""What can be done about a campaign that went out wrong, in words."""

from __future__ import annotations

from store.rows.queued import QueueRow
from store.rows.wrong import SplitCounts, WrongRow
from tui.present.times import number

DELIVERED_STAYS = "What was delivered stays delivered: no mail can be called back, by nobody."
"""The first thing to say."""


def outbox_words(row: WrongRow) -> str:
    """Return what still waits in our outbox."""
    if not row.sends:
        return "It was not sent from here: nothing of it waits in our outbox."
    unsure = f"; of {_mails(row.unsure)} nobody can tell whether they left" if row.unsure else ""
    states = ", ".join(f"{send.campaign}: {send.state}" for send in row.sends)
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


def _mails(count: int) -> str:
    return "1 mail" if count == 1 else f"{number(count)} mails"
