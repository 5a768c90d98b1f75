"""Making strangers' text safe to show: the first of three layers between a mail and the terminal."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MAY_BE_MARK = re.compile("[^\x00-\u02ff]")
_MARKS = frozenset({"Mn", "Me"})
_ACCENTS_KEPT = 2
_MARKS_KEPT = 4
_MARKS_IN_A_ROW = 30
"""Of Unicode's stream-safe text format (UAX 15, section 13)."""


def clean(text: str) -> str:
    """Return ``text`` with everything replaced that a terminal could take for more than a character.

    C0 controls and DEL become their control pictures, C1 controls, bidi controls, zero-width and other format
    characters and lone surrogates become U+FFFD, at most two accents stay on a character and at most four marks of any
    kind (scripts that write vowels around letters take three), the rest is NFC (Unicode TR 36, section 2 and 3).
    """
    # Quicker than any pattern: what is left of ASCII is from the blank to the tilde.
    if text.isascii() and text.isprintable():
        return text
    return _few_marks(_unsafe().sub(_picture, normalized("NFC", text)), _MARKS_KEPT, _ACCENTS_KEPT)


def normalized(form: Literal["NFC", "NFKC", "NFD", "NFKD"], text: str) -> str:
    """Return ``text`` in a normal form, without marks beyond thirty in a row.

    Python sorts a row of marks in quadratic time: a megabyte of them would take a quarter of an hour.
    """
    return unicodedata.normalize(form, _few_marks(text, _MARKS_IN_A_ROW, _MARKS_IN_A_ROW))


def clean_or_none(text: str | None) -> str | None:
    """Clean ``text``; None stays None."""
    return None if text is None else clean(text)


@cache
def _unsafe() -> re.Pattern[str]:
    """Return what finds characters that are no text; to make it takes longer than most commands clean."""
    return re.compile(_UNSAFE)


def _picture(match: re.Match[str]) -> str:
    return chr(_PICTURES.get(ord(match.group()), 0xFFFD))


def _few_marks(text: str, most: int, most_accents: int) -> str:
    """Return ``text`` with so many marks in a row, and so many accents (those with a combining class) among them."""
    if not _MAY_BE_MARK.search(text) or not any(unicodedata.category(char) in _MARKS for char in set(text)):
        return text
    kept: list[str] = []
    marks = accents = 0
    for char in text:
        if char < "\u0300" or unicodedata.category(char) not in _MARKS:
            marks = accents = 0
        else:
            marks += 1
            accents += unicodedata.combining(char) > 0 or unicodedata.category(char) == "Me"
            if marks > most or accents > most_accents:
                continue
        kept.append(char)
    return "".join(kept)
