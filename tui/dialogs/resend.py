"""Making or refreshing a resend list: who is sent to again, who is left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from store.errors import StoreError
from store.queries.resends import resend_list_name
from store.rows import CampaignRow, ResendCounts
from tui.dialogs.dialog import Dialog, words


class MakeResend(Dialog[bool]):
    """Shows whom a resend list will hold; True means that it shall be made.

    Args:
        count: counts; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,y,Y", "make", "Make", show=False)]
    heading = "Resend list"
    keys = "Enter make the list · Esc leave"

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
        if self.is_attached:
            self.say("#answer", sentence, wrong=True)

    def _show(self, counts: ResendCounts) -> None:
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
