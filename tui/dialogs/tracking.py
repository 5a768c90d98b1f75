"""Asking whether somebody may be tracked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.dialogs.dialog import Dialog, words


class AskTracking(Dialog[str]):
    """Asks for yes, no or unknown.

    Args:
        whose: the person's name.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "say('yes')", "Yes", show=False),
        Binding("n,N", "say('no')", "No", show=False),
        Binding("u,U", "say('unknown')", "Unknown", show=False),
    ]
    keys = "y yes · n no · u unknown · Esc leave"

    def __init__(self, whose: str) -> None:
        super().__init__()
        self.heading = f"May {whose} be tracked?"

    def body(self) -> Iterable[Widget]:
        """Return what the answer means."""
        yield words("Whether openings and clicks may be told of this person by name.", classes="first")
        yield words("Reminders count those who refuse as unknown: nobody can tell whether they read.")
        yield words("The time is kept, and who said it: you. `aftersend consent --source` names a call or a letter.")

    def action_say(self, said: str) -> None:
        """Answer."""
        self.dismiss(said)
