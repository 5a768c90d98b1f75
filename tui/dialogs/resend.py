"""Sending again: the resend list, and a resend itself; who gets it, who is left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from store.errors import StoreError
from store.outbox.content import Message
from store.queries.resends import resend_list_name
from store.queries.unreached import Sought
from store.rows import CampaignRow, ResendCounts
from store.rows.unreached import UnreachedCounts
from tui.dialogs.dialog import Dialog, Line, words
from tui.present.times import number


class MakeResend(Dialog[bool | Sought]):
    """Shows whom a resend list will hold; True: it shall be made, else whom the message shall be sent to again.

    Args:
        count: counts; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y,Y", "make", "Make", show=False),
        Binding("f", "send('fixed')", "Fixed", show=False),
        Binding("n", "send('not reached')", "Not reached", show=False),
    ]
    heading = "Send again"
    reading = True
    early = frozenset({"enter", "y", "Y"})
    keys = "Enter make the list · f send to the fixed · n send to all not reached · Esc leave"

    def __init__(self, campaign: CampaignRow, count: Callable[[], ResendCounts]) -> None:
        super().__init__()
        self._campaign = campaign
        self._count = count
        self._counts: ResendCounts | None = None

    def body(self) -> Iterable[Widget]:
        """Return the counts and the name of the list."""
        yield words(f"Those whom {self._campaign.name} did not reach through no fault of theirs", classes="first")
        yield words("Counting…", name="counts", classes="gap")
        yield words(f"The list is called “{resend_list_name(self._campaign.name)}”.", name="answer", classes="gap")

    def on_mount(self) -> None:
        """Count in the background."""
        self._recount()

    def action_send(self, sought: str) -> None:
        """Have the message sent again to these."""
        self.dismiss(Sought(sought))

    def action_make(self) -> None:
        """Have the list made, if it would hold anybody or let anybody go."""
        counts = self._counts
        if counts is None:
            return
        if counts.coming or counts.going:
            self.dismiss(True)
        elif counts.total:
            self.say("#answer", "The list is up to date; nothing is to be done.", wrong=True)
        else:
            self.say("#answer", "Nobody is excused or fixed whom this mail could be sent to again.", wrong=True)

    @work(thread=True, exclusive=True, group="resend")
    def _recount(self) -> None:
        try:
            counts = self._count()
        except StoreError as error:
            self.app.call_from_thread(self._sentence, str(error))
            return
        self.app.call_from_thread(self._show, counts)

    def _sentence(self, sentence: str) -> None:
        self.reading = False
        if self.is_attached:
            self.say("#answer", sentence, wrong=True)

    def _show(self, counts: ResendCounts) -> None:
        self.reading = False
        if self.is_attached:
            self._counts = counts
            self.query_one("#counts", Static).update(Content("\n".join(counted(counts))))


def counted(counts: ResendCounts) -> list[str]:
    """Return the lines that say whom a resend list will hold and who is left out."""
    lines = [
        f"{counts.excused:>9,}  excused: the failure was ours",
        f"{counts.fixed:>9,}  fixed: the address was corrected",
        f"{counts.total:>9,}  will be on the list",
    ]
    if counts.total != counts.coming or counts.going:
        lines.append(f"           {counts.coming:,} come on it, {counts.going:,} go off it")
    if counts.left_out:
        left = [f"{number:,} {why}" for why, number in counts.left_out.items()]
        lines += ["", f"Left out: {' · '.join(left)}."]
    return lines


class SendAgain(Dialog[Message]):
    """Shows who gets a message again, and asks which message that is; nothing leaves yet.

    Args:
        campaign: whose message it is.
        count: counts; called in a thread.
        message: the one that was sent from here; None: it was not.
    """

    heading = "Send again"
    reading = True
    early = frozenset({"enter"})
    keys = "Enter make it ready · Esc leave"

    def __init__(self, campaign: str, count: Callable[[], UnreachedCounts], message: Message | None) -> None:
        super().__init__()
        self._campaign = campaign
        self._count = count
        self._message = message
        self._counts: UnreachedCounts | None = None

    def body(self) -> Iterable[Widget]:
        """Return the counts and the field for the message."""
        yield words(f"Those of {self._campaign} whom the message has not reached", classes="first")
        yield words("Counting…", name="counts", classes="gap")
        if self._message is not None:
            told = f"Empty: “{self._message.subject}” once more, as it was sent. Or another message (.eml or folder):"
        else:
            told = "It was not sent from here: which message is it (.eml file or folder)?"
        yield words(told, classes="gap")
        yield Line(name="message", placeholder="message.eml")
        yield words("Nothing leaves yet: it is asked about once more.", name="answer")

    def on_mount(self) -> None:
        """Count in the background."""
        self._recount()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the message, if anybody gets it."""
        from store.outbox.reading import read_message

        if self._counts is None:
            return
        if not self._counts.total:
            self.say("#answer", "It has reached everybody of them who may get it.", wrong=True)
            return
        text = event.value.strip()
        try:
            message = read_message(Path(text).expanduser()) if text else self._message
        except StoreError as error:
            self.say("#answer", str(error), wrong=True)
            return
        if message is None:
            self.say("#answer", "Type where the message lies.", wrong=True)
        else:
            self.dismiss(message)

    @work(thread=True, exclusive=True, group="resend")
    def _recount(self) -> None:
        try:
            counts = self._count()
        except StoreError as error:
            self.app.call_from_thread(self._show, None, str(error))
            return
        self.app.call_from_thread(self._show, counts, "")

    def _show(self, counts: UnreachedCounts | None, sentence: str) -> None:
        self.reading = False
        if not self.is_attached:
            return
        self._counts = counts
        if counts is None:
            self.say("#answer", sentence, wrong=True)
        else:
            self.query_one("#counts", Static).update(Content("\n".join(again_lines(counts))))


def again_lines(counts: UnreachedCounts) -> list[str]:
    """Return the lines that say who gets a message again and who is left out."""
    lines = [f"{number(counts.total):>9}  get it"]
    lines += [f"{number(count):>13}  {why}" for why, count in counts.groups.items()]
    if counts.left_out:
        left = [f"{number(count)} {why}" for why, count in counts.left_out.items()]
        lines += ["", f"Left out: {' · '.join(left)}."]
    return lines
