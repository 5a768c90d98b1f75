"""Correcting an address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from store.actions.contacts import check_address
from store.errors import StoreError
from store.rows import AdviceRow, RecipientRow, SuggestionRow
from tui.dialogs.dialog import Dialog, Line, shown, words
from tui.dialogs.picking import Options
from tui.present.cells import cut
from tui.present.suggestions import choice_words
from tui.present.words import state_word, why

_CELLS = 74

Advise = Callable[[], AdviceRow | None]
"""Returns what may be meant; called in a thread."""


class _Field(Line):
    """The field for the address; it leaves keys to the dialog for which ``picks`` holds."""

    def __init__(self, value: str, picks: Callable[[str], bool]) -> None:
        super().__init__(value, name="address", placeholder="name@example.org")
        self._picks = picks

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell whether a key is typed into the field."""
        return super().check_consume_key(key, character) and not self._picks(key)


class FixAddress(Dialog[str]):
    """Asks for the right address of a recipient; the result is the address, its syntax checked.

    What may be meant is offered: an arrow or a number takes it into the field, where it can be changed.

    Args:
        row: the recipient.
        advise: works out what may be meant.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
        *(Binding(str(number), f"pick({number})", "Pick", show=False, priority=True) for number in range(1, 10)),
    ]
    heading = "Fix the address"
    keys = "Enter accept · Esc leave"
    reading = True

    def __init__(self, row: RecipientRow, advise: Advise) -> None:
        super().__init__()
        self._row = row
        self._advise = advise
        self._offered: tuple[SuggestionRow, ...] = ()
        self._untouched = True

    def awaits(self, key: str) -> bool:
        """Tell whether ``key`` takes a suggestion before there is one; a number would be typed into the address."""
        return self.reading and (key in {"down", "up"} or (key.isdecimal() and self._untouched))

    def body(self) -> Iterable[Widget]:
        """Return whose address it is, the field, what would change, and what may be meant."""
        row = self._row
        whose = " · ".join(part for part in (row.name, row.company) if part) or "(no name)"
        yield words(whose, classes="first")
        yield words(" · ".join(part for part in (state_word(row), why(row)) if part))
        yield _Field(row.contact_address, self._picks)
        yield words("", name="answer")
        yield Options(id="found", compact=True)
        yield words("", name="why")

    def on_mount(self) -> None:
        """Look for what may be meant; the field keeps the keys."""
        options = self.query_one(Options)
        options.can_focus = options.display = False
        self._look()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check the syntax with every key."""
        self._untouched = event.value in {self._row.contact_address, *(choice.address for choice in self._offered)}
        self._checked(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the address if it is one and differs."""
        address = self._checked(event.value)
        if address is not None:
            self.dismiss(address)

    def action_step(self, step: int) -> None:
        """Take the next suggestion into the field."""
        if self._offered:
            options = self.query_one(Options)
            options.step(step if options.highlighted is not None or step < 0 else 0)
            self._take(options.highlighted or 0)

    def action_pick(self, number: int) -> None:
        """Take a suggestion by its number into the field."""
        self.query_one(Options).highlighted = number - 1
        self._take(number - 1)

    def _picks(self, key: str) -> bool:
        """Tell whether a key is the number of a suggestion; within or behind what was typed it is a digit."""
        field = self.query_one(_Field)
        at_end = self._untouched and field.cursor_position == len(field.value)
        return at_end and key.isdecimal() and 0 < int(key) <= len(self._offered)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Put the suggestion under the cursor into the field."""
        event.stop()
        self._take(event.option_index)

    def _take(self, at: int) -> None:
        choice = self._offered[at]
        field = self.query_one(_Field)
        field.value = choice.address
        field.cursor_position = len(choice.address)
        self.say("#why", choice_words(choice), wrong=bool(choice.against))

    @work(thread=True, exclusive=True, group="advice")
    def _look(self) -> None:
        try:
            advice = self._advise()
        except StoreError as error:
            self.app.call_from_thread(self._show, (), str(error))
            return
        self.app.call_from_thread(self._show, () if advice is None else advice.choices, "")

    def _show(self, offered: tuple[SuggestionRow, ...], wrong: str) -> None:
        self.reading = False
        if not self.is_attached:
            return
        self._offered = offered
        if wrong:
            self.say("#why", wrong, wrong=True)
        if not offered:
            return
        options = self.query_one(Options)
        options.add_options([Option(shown(_line(number, choice))) for number, choice in enumerate(offered, 1)])
        options.highlighted = None
        options.display = True
        box = self.query_one("#dialog")
        box.border_subtitle = Content("1-9 or ↑ ↓ take a suggestion · Enter accept · Esc leave")

    def _checked(self, text: str) -> str | None:
        row = self._row
        try:
            address = check_address(text)
        except StoreError as error:
            if text.strip() == row.contact_address:
                self.say("#answer", "Type the right address; a block stays with the old one.")
            else:
                self.say("#answer", str(error), wrong=True)
            return None
        if address == row.address:
            typed = text.strip() == row.contact_address
            said = "Type the right address; a block stays with the old one." if typed else "This is the same address."
            self.say("#answer", said, wrong=not typed)
            return None
        self.say("#answer", f"{row.address} → {address}")
        return address


def _line(number: int, choice: SuggestionRow) -> str:
    return cut(f"{number if number < 10 else ' '} {'✗ ' if choice.against else ''}{choice.address}", _CELLS)
