"""Making a reminder list: who has not read, who cannot be seen, who is left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from textual import work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from store.errors import StoreError
from store.rows import CampaignRow, ReminderCounts
from tui.dialogs.dialog import Dialog, Line, words

DEFAULT_DAYS = 3
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Reminder:
    """The reminder list to make."""

    name: str
    days: int


class MakeReminder(Dialog[Reminder]):
    """Asks for the days and the name of a reminder list and shows whom it will hold.

    Args:
        count: days -> counts; called in a thread.
    """

    heading = "Reminder list"
    keys = "Tab next field · Enter make the list · Esc leave"

    def __init__(self, campaign: CampaignRow, count: Callable[[int], ReminderCounts]) -> None:
        super().__init__()
        self._campaign = campaign
        self._count = count
        self._counts: ReminderCounts | None = None

    def body(self) -> Iterable[Widget]:
        """Return the two fields and the counts."""
        yield words(f"Those who have not read {self._campaign.name}", classes="first")
        yield words("Days since the mail was delivered")
        yield Line(str(DEFAULT_DAYS), name="days", digits=True)
        yield words("Name of the list")
        yield Line(f"Reminder: {self._campaign.name}", name="list-name")
        yield words("Counting…", name="counts", classes="gap")
        yield words("", name="answer")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Count again when the days change."""
        if event.input.id == "days":
            self._counts = None
            days = self._days()
            if days is None:
                self.query_one("#counts", Static).update(Content(f"Days: a whole number from 0 to {_MOST_DAYS:,}."))
            else:
                self._recount(days)
        self.say("#answer", "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take both if they make sense."""
        days, name = self._days(), " ".join(self.query_one("#list-name", Line).value.split())
        if days is None:
            self.say("#answer", f"The days must be a whole number from 0 to {_MOST_DAYS:,}.", wrong=True)
        elif not name:
            self.say("#answer", "The list needs a name.", wrong=True)
        elif self._counts is not None and not self._counts.total:
            self.say("#answer", "Nobody is left to remind; change the days.", wrong=True)
        else:
            self.dismiss(Reminder(name, days))

    def _days(self) -> int | None:
        text = self.query_one("#days", Line).value.strip()
        return int(text) if text.isdecimal() and int(text) <= _MOST_DAYS else None

    @work(thread=True, exclusive=True, group="reminder")
    def _recount(self, days: int) -> None:
        try:
            counts = self._count(days)
        except StoreError as error:
            self.app.call_from_thread(self._sentence, str(error))
            return
        self.app.call_from_thread(self._show, counts)

    def _sentence(self, sentence: str) -> None:
        if self.is_attached:
            self.say("#answer", sentence, wrong=True)

    def _show(self, counts: ReminderCounts) -> None:
        if self.is_attached and counts.days == self._days():
            self._counts = counts
            self.query_one("#counts", Static).update(Content("\n".join(counted(counts))))


def counted(counts: ReminderCounts) -> list[str]:
    """Return the lines that say whom a reminder list will hold and who is left out."""
    lines = [
        f"{counts.not_read:>9,}  surely not read",
        f"{counts.unknown:>9,}  unknown (no consent to track, or images off)",
        f"{counts.machine:>9,}  opened by a machine only",
        f"{counts.total:>9,}  will be on the list",
    ]
    if counts.left_out:
        left = [f"{number:,} {why}" for why, number in counts.left_out.items() if number]
        lines += ["", f"Left out: {' · '.join(left)}."] if left else []
    return lines
