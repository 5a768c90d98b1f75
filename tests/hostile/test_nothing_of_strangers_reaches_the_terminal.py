"""The installed program in a real terminal, through every screen, on a store in which every text is hostile."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.hostile.needles import TAG
from tests.hostile.stream import foreign
from tests.terminal.harness import Terminal

COMMAND = Path(sys.executable).parent / "aftersend"
BOX = "╭"
ESC = "\x1b[27u"
"""Esc as Kitty spells it: never taken for the beginning of a terminal's answer that comes right behind it."""

Walk = tuple[tuple[str, str], ...]

# Key, then what stands on the screen once it has worked; "" is the main screen, without a dialog.
CAMPAIGNS: Walk = (
    ("I", "Bounces · all campaigns"),
    ("enter", "# Blocked (server)"),
    ("esc", "Bounces · all campaigns"),
    ("F", "Accept the suggestions?"),
    ("esc", "Bounces · all campaigns"),
    ("t", "· by domain"),
    ("esc", ""),
    ("L", "Lists and segments"),
    ("n", "Rename"),
    ("esc", "Lists and segments"),
    ("N", "Note"),
    ("esc", "Lists and segments"),
    ("R", "Reload · "),
    ("esc", "Lists and segments"),
    ("l", "Add to which list?"),
    ("esc", "Lists and segments"),
    ("s", "Split by"),
    ("esc", "Lists and segments"),
    ("esc", ""),
    ("A", "Blocked addresses"),
    ("t", "by reason"),
    ("t", "by domain"),
    ("esc", ""),
    ("C", "Complaints"),
    ("enter", "History · "),
    ("esc", "Complaints"),
    ("esc", ""),
    ("M", "Monitor · "),
    ("t", "Tripwires"),
    ("esc", "Monitor · "),
    ("esc", ""),
    ("p", "Report · "),
    ("t", "Report · "),
    ("c", "Compare with which campaign?"),
    ("esc", "Report · "),
    ("D", "Receiving domains · "),
    ("esc", "Report · "),
    ("esc", ""),
    ("P", "Policy · "),
    ("esc", ""),
    ("J", "Journal · "),
    ("enter", "Before → after"),
    ("esc", "Journal · "),
    ("F", "Corrections"),
    ("esc", "Journal · "),
    ("esc", ""),
    ("S", "Strangers · what failed"),
    ("t", "Strangers · all mail"),
    ("enter", "Stranger · "),
    ("a", "Assign to which recipient"),
    ("esc", "Stranger · "),
    ("esc", "Strangers · all mail"),
    ("esc", ""),
    ("X", "Outbox"),
    ("enter", "Outbox · "),
    ("enter", "History · "),
    ("esc", "Outbox · "),
    ("esc", "Outbox"),
    ("esc", ""),
    ("T", "Reconciliation"),
    ("t", "Known"),
    ("esc", ""),
    ("!", "It went out wrong · "),
    ("esc", ""),
    ("r", "Reminder list"),
    ("esc", ""),
    ("R", "Send again"),
    ("esc", ""),
    (":", "Search for commands"),
    ("esc", ""),
    ("?", "Help · "),
    ("esc", ""),
)

RECIPIENTS: Walk = (
    ("enter", "Why or when"),
    ("l", "Add to which list?"),
    ("esc", "Why or when"),
    ("x", "Export to a file"),
    ("esc", "Why or when"),
    ("t", "Show which states?"),
    ("esc", "Why or when"),
    ("o", "Sort by"),
    ("esc", "Why or when"),
    ("f", "Fix the address"),
    ("esc", "Why or when"),
    ("=", "Show only rows with the same"),
    ("esc", "Why or when"),
    ("w", "Save the filter"),
    ("esc", "Why or when"),
    ("*", "marked"),
    ("b", "Mark"),
    ("esc", "Why or when"),
    ("esc", "Why or when"),
    ("enter", "History · "),
    ("m", "Mail · "),
    ("esc", "History · "),
    ("p", "Person · "),
    ("G", "Person · "),
    ("esc", "History · "),
    ("esc", "Why or when"),
    ("3", "Link  "),
    ("enter", " clickers"),
    ("esc", "Link  "),
    ("1", ""),
    ("/", "People in all campaigns"),
    ("Zq", "“Zq”"),
    ("enter", "“Zq”"),
    ("enter", "Person · "),
    ("esc", "“Zq”"),
    ("esc", "People in all campaigns"),
    ("esc", ""),
    ("i", "Bounces · "),
    ("E", "✓ excused"),
    ("esc", ""),
)
WALKS = [(CAMPAIGNS, 80, 24), (CAMPAIGNS, 140, 40), (RECIPIENTS, 80, 24)]
OBEYED = re.compile(re.escape(TAG) + "[^\\[…”│\\s]")
"""A needle without its markup: that was obeyed."""


@pytest.mark.parametrize(("walk", "columns", "lines"), WALKS, ids=["campaigns", "campaigns wide", "recipients"])
def test_no_byte_of_theirs_but_printable_text(
    hostile_path: Path, tmp_path: Path, walk: Walk, columns: int, lines: int
) -> None:
    env = {"USER": "ann", "SUDO_USER": None, "SSH_CONNECTION": None}
    command = [str(COMMAND), "--store", str(hostile_path)]
    with Terminal(command, columns=columns, lines=lines, env=env, cwd=tmp_path) as terminal:
        terminal.wait_for(TAG)
        for key, words in walk:
            terminal.press(ESC if key == "esc" else key)
            terminal.wait_for(lambda text, key=key, words=words: seen(key, words, text), f"{words} after {key}")  # type: ignore[misc]
            assert not OBEYED.search(terminal.text), terminal.text
        terminal.press("q")
        assert terminal.wait_end() == 0
        assert foreign(bytes(terminal.raw), columns, lines) == []


def seen(key: str, words: str, text: str) -> bool:
    """Tell whether a key has worked: Esc leaves no dialog behind, and the main screen of "" has no title of its own."""
    if key == "esc" and BOX in text:
        return False
    return words in text if words else "To do" in text and " · " not in text.split("\n")[0][:40]
