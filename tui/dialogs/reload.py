"""What has changed with a list's members, before it is used again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from store.errors import StoreError
from store.rows import ListRow, ReloadCounts, ReloadRow
from tui.dialogs.dialog import Dialog, words
from tui.dialogs.picking import Options
from tui.present.cells import cut
from tui.present.times import moment

NAMED = 200
"""So many members are named; the others are counted."""

_CELLS = 70

Changes = tuple[ReloadCounts, Sequence[ReloadRow]]


@dataclass(frozen=True, slots=True)
class Reload:
    """What shall be done; ``everybody``: also those leave who must not be written to as was known before."""

    everybody: bool


class ReloadList(Dialog[Reload]):
    """Shows what has changed; the result says that whoever must not be written to shall leave the list.

    Args:
        row: the list.
        read: reads the changes; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "everybody", "All", show=False),
        Binding("enter,y,Y", "take", "Take off", show=False),
    ]
    reading = True
    early = frozenset({"enter", "y", "Y", "a"})
    keys = "Enter take off · Esc leave the list as it is"

    def __init__(self, row: ListRow, read: Callable[[], Changes]) -> None:
        super().__init__()
        self.heading = f"Reload · {row.name}"
        self._row = row
        self._read = read
        self._counts: ReloadCounts | None = None
        self._everybody = False

    def body(self) -> Iterable[Widget]:
        """Return the counts and the names."""
        since = self._row.reloaded_at or self._row.created_at
        what = "last reloaded" if self._row.reloaded_at else "made"
        yield words(f"Since the list was {what}, {moment(since)}", classes="first")
        yield words("Reading…", name="counts")
        yield Options(id="names", compact=True)
        yield words("", name="answer")

    def on_mount(self) -> None:
        """Read in the background."""
        self._look()

    def action_everybody(self) -> None:
        """Take those off, too, of whom it was known before; or not."""
        if self._counts is not None and self._counts.before:
            self._everybody = not self._everybody
            self._write(self._counts)

    def action_take(self) -> None:
        """Have the list reloaded."""
        if self._counts is not None:
            self.dismiss(Reload(self._everybody))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Have the list reloaded."""
        self.action_take()

    @work(thread=True, exclusive=True, group="reload")
    def _look(self) -> None:
        try:
            counts, rows = self._read()
        except StoreError as error:
            self.app.call_from_thread(self._fail, str(error))
        else:
            self.app.call_from_thread(self._show, counts, rows)

    def _fail(self, sentence: str) -> None:
        self.reading = False
        if self.is_attached:
            self.say("#counts", sentence, wrong=True)

    def _show(self, counts: ReloadCounts, rows: Sequence[ReloadRow]) -> None:
        self.reading = False
        if not self.is_attached:
            return
        self._counts = counts
        options = self.query_one(Options)
        options.add_options([Option(Content(cut(change_line(row), _CELLS))) for row in rows])
        options.display = bool(rows)
        if rows:
            options.highlighted = 0
            options.focus()
        self._write(counts)

    def _write(self, counts: ReloadCounts) -> None:
        self.query_one("#counts", Static).update(Content("\n".join(count_lines(counts, self._everybody))))
        more = counts.changed - NAMED
        parts = [f"{more:,} more are not named here; `aftersend reload` prints all."] if more > 0 else []
        if counts.before:
            parts.append(f"a {'leaves those on' if self._everybody else 'takes those off, too,'} who are known of old.")
        self.say("#answer", " ".join(parts))


def count_lines(counts: ReloadCounts, everybody: bool = False) -> list[str]:
    """Return the lines that say who leaves a list, who stays, and what is new of them."""
    lines = [f"{count:>9,}  {why}" for why, count in counts.off.items()]
    leaving = sum(counts.off.values())
    if everybody:
        lines += [f"{count:>9,}  {why}, known before" for why, count in counts.before.items()]
        leaving += sum(counts.before.values())
    lines.append(f"{leaving:>9,}  of {counts.members:,} leave the list")
    if counts.fixed:
        lines.append(f"{counts.fixed:>9,}  stay with another address")
    lines += [f"{count:>9,}  stay, {what} since" for what, count in counts.told.items()]
    if counts.before and not everybody:
        known = ", ".join(f"{count:,} {why}" for why, count in counts.before.items())
        lines.append(f"           stay although known before: {known}")
    if not counts.changed and not everybody:
        lines = ["Nothing has changed with its members.", *lines[1:]]
    return lines


def change_line(row: ReloadRow) -> str:
    """Return one member with what has changed."""
    sign = "-" if row.leaves else " "
    address = f"{row.address} → {row.new_address}" if row.new_address else row.address
    return f"{sign} {row.what:<16} {address}{f'  {row.name}' if row.name else ''}"
