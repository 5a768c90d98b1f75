"""What the answers to all requests need: the app, the gateway, and what happens after a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from tui.gateway import Write
from tui.messages import Choice

if TYPE_CHECKING:
    from tui.app import AftersendApp

HIDDEN = "None of the marked rows is shown here; Esc takes the marks off."
"""Why a request for marked rows is refused when the filter hides them all."""


class Answering(Screen[None]):
    """A screen that answers requests of its panes: refuses with the reason, or confirms, then writes."""

    @property
    def desk(self) -> AftersendApp:
        """The app, with the store and the gateway."""
        return cast("AftersendApp", self.app)

    def decided(self, choice: Choice) -> None:
        """Go on after a decision about ``choice`` was handed over."""

    def write(self, write: Write) -> None:
        """Hand a write to the gateway."""
        self.desk.gateway.submit(write)
