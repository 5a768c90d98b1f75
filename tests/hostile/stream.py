"""What a program sent to its terminal, read strictly: its own few sequences, and beyond them nothing but text."""

from __future__ import annotations

import re

from tests.hostile.needles import unprintable

_COLOUR = r"(?:[34]8;5;\d{1,3}|[34]8;2(?:;\d{1,3}){3}|[349]\d|10\d)"
_LOOK = r"(?:0|1|2|3|4|7|9|2[1-9])"
_MODES = "25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048|7"

OURS = re.compile(
    rf"""
    \x1b\[(?:{_LOOK}|{_COLOUR})?(?:;(?:{_LOOK}|{_COLOUR}))*m   # colours and looks, never blinking
    | \x1b\[\??(?P<place>\d*(?:;\d+)?)H                        # to a place
    | \x1b\[(?P<step>\d*)[CDJKX]                               # some cells on or back; erase
    | \x1b\[\?(?:{_MODES})[hl]                                 # modes that are set and given back
    | \x1b\[\?2026\$p | \x1b\[\?2048\$p                        # can it show a frame at once
    | \x1b\[>25u | \x1b\[<u | \x1b\[\?u                         # Kitty's keys
    | \x1b\[6n | \x1b\[\?6n | \x1b\[c | \x1b\[>q
    | \x1b\]22;default\x07                                   # the shape of the mouse pointer
    | \r\n | \r | \n
    """,
    re.VERBOSE,
)
"""All that the screen may send besides text."""


def foreign(sent: bytes, columns: int, lines: int) -> list[str]:
    """Return what is neither a sequence of ours nor printable text, each with what stands around it.

    Args:
        sent: all bytes that the program sent.
        columns: of the terminal.
        lines: of the terminal; nothing is moved outside.
    """
    text = sent.decode("utf-8", "surrogateescape")
    found: list[str] = []
    rest: list[str] = []
    at = 0
    for match in OURS.finditer(text):
        rest.append(text[at : match.start()])
        at = match.end()
        row, _, column = (match["place"] or "").partition(";")
        if int(row or 1) > lines or int(column or 1) > columns or int(match["step"] or 1) > columns:
            found.append(f"outside: {match.group()!r}")
    rest.append(text[at:])
    for piece in rest:
        for bad in dict.fromkeys(unprintable(piece, "")):
            found.append(f"{bad} in {piece[:120]!r}")
    return found
