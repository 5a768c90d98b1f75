"""Correcting an address."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Input

from store.actions.contacts import check_address
from store.errors import StoreError
from store.rows import RecipientRow
from tui.dialogs.dialog import Dialog, Line, words
from tui.present.words import state_word, why


class FixAddress(Dialog[str]):
    """Asks for the right address of a recipient; the result is the address, its syntax checked."""

    heading = "Fix the address"
    keys = "Enter accept · Esc leave"

    def __init__(self, row: RecipientRow) -> None:
        super().__init__()
        self._row = row

    def body(self) -> Iterable[Widget]:
        """Return whose address it is, the field, and what would change."""
        row = self._row
        whose = " · ".join(part for part in (row.name, row.company) if part) or "(no name)"
        yield words(whose, classes="first")
        yield words(" · ".join(part for part in (state_word(row), why(row)) if part))
        yield Line(row.contact_address, name="address", placeholder="name@example.org")
        yield words("", name="answer")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check the syntax with every key."""
        self._checked(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the address if it is one and differs."""
        address = self._checked(event.value)
        if address is not None:
            self.dismiss(address)

    def _checked(self, text: str) -> str | None:
        old = self._row.contact_address
        if text.strip() == old:
            self.say("#answer", "Type the right address; a block stays with the old one.")
            return None
        try:
            address = check_address(text)
        except StoreError as error:
            self.say("#answer", str(error), wrong=True)
            return None
        if address == old:
            self.say("#answer", "This is the same address.", wrong=True)
            return None
        self.say("#answer", f"{old} → {address}")
        return address
