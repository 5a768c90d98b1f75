"""Making a reminder list: who has not read, who cannot be seen, who is left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from store.asking import Unread
from store.errors import StoreError
from store.queries.reminders import ReminderView
from store.rows import CampaignRow, ReminderCounts
from tui.dialogs.dialog import Dialog, Line, words
from tui.dialogs.picking import Options
from tui.dialogs.showing import ShowRows
from tui.present.reminders import LEFT_OUT_COLUMNS, group_words

DEFAULT_DAYS = 3
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Reminder:
    """The reminder list to make."""

    name: str
    days: int
    groups: frozenset[Unread]


class MakeReminder(Dialog[Reminder]):
    """Asks for the days, the name and the groups of a reminder list and shows whom it will hold.

    Args:
        count: days -> counts; called in a thread.
        look: days and a reason or group -> those who have it, as a snapshot; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,x", "take", "Take in or out", show=False),
        Binding("w", "who", "Who", show=False),
    ]
    heading = "Reminder list"
    early = frozenset({"space", "x", "w"})
    keys = "Tab field · Space in or out · w who is it · Enter make · Esc leave"

    def __init__(
        self,
        campaign: CampaignRow,
        count: Callable[[int], ReminderCounts],
        look: Callable[[int, str], ReminderView],
    ) -> None:
        super().__init__()
        self._campaign = campaign
        self._count = count
        self._look = look
        self._groups = set(Unread)
        self._counts: ReminderCounts | None = None

    def body(self) -> Iterable[Widget]:
        """Return the two fields, the groups and reasons, and what the list will hold."""
        yield words(f"Those who have not read {self._campaign.name}", classes="first")
        yield Horizontal(
            words("Days since each of them was sent to", classes="label"),
            Line(str(DEFAULT_DAYS), name="days", digits=True),
            classes="field",
        )
        yield Horizontal(
            words("Name of the list", classes="label"),
            Line(f"Reminder: {self._campaign.name}", name="list-name"),
            classes="field",
        )
        yield Options(id="counts", classes="gap", compact=True)
        yield words("Counting…", name="total", classes="gap")
        yield words("", name="answer")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Count again when the days change."""
        if event.input.id == "days":
            self._counts = None
            self.query_one(Options).clear_options()
            days = self._days()
            if days is None:
                self.reading = False
                self.say("#total", f"Days: a whole number from 0 to {_MOST_DAYS:,}.")
            else:
                self.say("#total", "Counting…")
                self.reading = True
                self._recount(days)
        self.say("#answer", "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it all if it makes sense."""
        self._make()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it all if it makes sense."""
        self._make()

    def action_take(self) -> None:
        """Take the group under the cursor in or out, and step on."""
        options = self.query_one(Options)
        at = options.highlighted
        if not options.has_focus or at is None:
            return
        if at >= len(Unread):
            self.say("#answer", "These are never reminded; w shows who they are.", wrong=True)
            return
        self._groups ^= {list(Unread)[at]}
        self._write()
        self.say("#answer", "")
        options.action_cursor_down()

    def action_who(self) -> None:
        """Show who is in the group under the cursor, or left out for the reason under it."""
        at, days, counts = self.query_one(Options).highlighted, self._days(), self._counts
        if at is None or days is None or counts is None:
            return
        reason = [*Unread, *counts.left_out][at]
        found: str = reason.value if isinstance(reason, Unread) else reason
        heading = f"{self._campaign.name} · {found}"
        look = partial(self._look, days, found)
        self.app.push_screen(ShowRows(heading, LEFT_OUT_COLUMNS, look, ("person", "people")))

    def _make(self) -> None:
        days, name = self._days(), " ".join(self.query_one("#list-name", Line).value.split())
        groups = frozenset(self._groups)
        if days is None:
            self.say("#answer", f"The days must be a whole number from 0 to {_MOST_DAYS:,}.", wrong=True)
        elif not name:
            self.say("#answer", "The list needs a name.", wrong=True)
        elif not groups:
            self.say("#answer", "Every group was taken out; Space takes one in.", wrong=True)
        elif self._counts is not None and not self._counts.of(groups):
            self.say("#answer", "Nobody is left to remind; change the days or the groups.", wrong=True)
        else:
            self.dismiss(Reminder(name, days, groups))

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
        self.reading = False
        if self.is_attached:
            self.say("#answer", sentence, wrong=True)

    def _show(self, counts: ReminderCounts) -> None:
        if self.is_attached and counts.days == self._days():
            self._counts, self.reading = counts, False
            self._write()

    def _write(self) -> None:
        """Write the groups, the reasons and the total, the cursor where it was."""
        counts, options = self._counts, self.query_one(Options)
        if counts is None:
            return
        lines = [
            f"{'[x]' if group in self._groups else '[ ]'} {count:>9,}  {group_words(group, counts)}"
            for group, count in counts.groups.items()
        ]
        lines += [f"    {count:>9,}  left out: {why}" for why, count in counts.left_out.items()]
        at = options.highlighted or 0
        options.clear_options()
        options.add_options([Option(Content(line)) for line in lines])
        options.highlighted = min(at, len(lines) - 1)
        total = f"{counts.of(self._groups):,} will be on the list."
        unseen = "" if counts.seen else " No opening of this campaign was seen at all: were its openings read in?"
        self.say("#total", total + unseen, wrong=not counts.seen)
