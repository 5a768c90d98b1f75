"""Hostile texts, and what may be left of them: what a terminal obeys, what a spreadsheet runs, what markup hides."""

from __future__ import annotations

import unicodedata

TAG = "Zq"
"""Stands before each needle, so that a test can tell that its text was shown at all."""

HEAD = f"{TAG}[i]\x1b[5m\x9b5m\u202e\u200b"
"""Every needle begins so: markup, an escape sequence, its C1 form, an override of direction, and nothing to be seen."""

SEQUENCES = (
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]0;owned\x07",
    "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1b[777;777H\x1b[2J\x1b[?1049l",
    "\x1bP+q544e\x1b\\",
    "\x1b_Ga=T;AAAA\x1b\\\x1b^private\x1b\\\x1bXstring\x1b\\",
    "\x1bc\x1b7\x1b=\x1b(0",
    "\x9d0;owned\x9c\x90q\x9c\x9f\x9e\x85\x84",
    "\x00\x05\x07\x08\x0b\x0c\x0e\x0f\x7f",
)
INVISIBLE = (
    "\u202aa\u202bb\u202cc\u202dd\u202ee",
    "\u2066a\u2067b\u2068c\u2069\u061c\u200e\u200f",
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u3164\uffa0",
    "\u2028line\u2029paragraph",
    "\U000e0041\U000e007f\ufff9\ufffa\ufffb",
    "e" + "\u0301\u0323" * 300,
)
MARKUP = (
    "[red]r[/red]",
    "[@click=app.quit]x[/]",
    "[link=https://evil.example]y[/link]",
    "[/]",
    "[",
    "[bold\\",
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "</title></style><svg onload=alert(1)>",
    "{{ 7*7 }}{% for x in y %}{# #}",
    "_x001B_]0;owned_x0007_ &#27;[5m &lt;script&gt;",
    "%s%n{0}{name}$(id)`id`;|&\\x1b\\e",
)
LINES = ("\ttab", "one\r\nBcc: evil@evil.example\r\n\r\nbody", "a\nb\rc")
FORMULAS = (
    '=HYPERLINK("https://evil.example";"x")',
    "+1+1",
    "-1-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    ' "=1',
)
LONG = "long " * 200_000
"""A line of a megabyte."""

NEEDLES = (
    *(HEAD + text for text in (*SEQUENCES, *INVISIBLE, *MARKUP, *LINES)),
    *(text + HEAD for text in FORMULAS),
)

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b\u180c\u180d") | {
    chr(c) for c in range(0xFE00, 0xFE10)
}
_MARKS = 4


def unprintable(text: str, allowed: str = "\n") -> list[str]:
    """Return what in a text does not print: controls, format characters, blanks that are none, heaps of marks."""
    found: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        bad = unicodedata.category(char) in _UNSEEN or char in _BLANK or marks > _MARKS
        if bad and char not in allowed:
            found.append(repr(char))
    return found
