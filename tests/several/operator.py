"""An operator at the screen, in a terminal of their own: presses keys, and reads what becomes of it."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

from tests.terminal.harness import Terminal

COMMAND = str(Path(sys.executable).parent / "aftersend")
CONFIRMED, REFUSED = "✓", "!"
_NOTE = re.compile(r"^ ([✓!]) ", re.MULTILINE)
_NOTE_LINES = 6
"""So many lines from the bottom hold the note and the key bar; no row stands there, since rows are few."""

_ADDRESS = re.compile(r"\b(\w+@x\.example)\b")
_STATES = ("Bounced hard", "Bounced soft")
_NOWHERE = "“assign” does not work here"
"""What the key of another pane is answered with at once; it takes the place of the sentence before."""


class Operator:
    """Somebody at the screen of a store, in the recipients pane of its first campaign.

    Attributes:
        confirmed: the actions that the screen said were done.
        refused: the sentences with which others were refused.
        shown: address -> the states in which its row stood on the screen since the last key.
    """

    def __init__(self, name: str, store: Path, *options: str) -> None:
        self.name = name
        self.confirmed: list[str] = []
        self.refused: list[str] = []
        self.shown: dict[str, set[str]] = defaultdict(set)
        self.terminal = Terminal(
            [COMMAND, "--store", str(store), *options],
            columns=98,
            lines=30,
            env={"USER": name, "SUDO_USER": None, "SSH_CONNECTION": None, "AFTERSEND_READ_ONLY": None},
            deadline_s=60.0,
            # A sentence stands there for some seconds only, which may all be in one piece on a busy machine.
            piece_bytes=64,
        )

    def enter(self, campaign: str) -> None:
        """Open the recipients of the campaign."""
        self.terminal.wait_for(campaign)
        while campaign not in (title := self.terminal.line(0)):
            self.terminal.press("j")
            self.terminal.wait_for(lambda _, title=title: self.terminal.line(0) != title)  # type: ignore[misc]
        self.terminal.press("enter")
        self.terminal.wait_for(lambda text: "@x.example" in text, "the recipients")

    def ask(self, key: str, *more: str) -> None:
        """Press a key that decides, after the sentence before is gone; :meth:`answer` waits for what comes of it."""
        self.terminal.press("a")
        self.terminal.wait_for(_NOWHERE)
        self.shown.clear()
        self._look(self.terminal.text)
        self.terminal.press(key)
        if more:
            self.terminal.wait_for("Fix the address")
            self.terminal.press(*more)

    def answer(self) -> bool:
        """Wait for the sentence with which the last key was answered; return whether it was done.

        Its sign is drawn first, so the sentence that is kept may not be whole.
        """
        text = self.terminal.wait_for(self._answered, f"an answer to {self.name}")
        sign, sentence = note(text)
        (self.confirmed if sign == CONFIRMED else self.refused).append(sentence)
        return sign == CONFIRMED

    def rows(self) -> dict[str, str]:
        """Return address -> state of the rows on the screen."""
        return rows_of(self.terminal.text)

    def quit(self) -> int:
        """Leave the program; return its exit code."""
        self.terminal.press("q")
        return self.terminal.wait_end()

    def _answered(self, text: str) -> bool:
        self._look(text)
        sign, sentence = note(text)
        return bool(sign) and _NOWHERE not in sentence

    def _look(self, text: str) -> None:
        assert "This did not work" not in text, text
        assert "is locked" not in text, text
        for address, state in rows_of(text).items():
            self.shown[address].add(state)


def note(text: str) -> tuple[str, str]:
    """Return sign and sentence of the note over the key bar; ("", "") if there is none."""
    over_the_keys = "\n".join(text.splitlines()[-_NOTE_LINES:])
    found = _NOTE.search(over_the_keys)
    return (found[1], " ".join(over_the_keys[found.end() :].split())) if found else ("", "")


def rows_of(text: str) -> dict[str, str]:
    """Return address -> state of the rows that a screen shows; "" is a state without a failure."""
    return {
        found[1]: next((state for state in _STATES if state in line), "")
        for line in text.splitlines()[:-_NOTE_LINES]
        if (found := _ADDRESS.search(line))
    }
