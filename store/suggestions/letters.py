"""Letters: how umlauts and accents are written without them, which letters look alike, which keys are neighbours."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from store.cleaning import normalized

_SPELLED: Final = str.maketrans({
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "æ": "ae",
    "ø": "oe",
    "å": "aa",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "\u0131": "i",
})
_BARE: Final = str.maketrans({
    "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"
})  # fmt: skip
_LOOKALIKE: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf"
    "\u03bf\u03b1\u03bd\u03b9\u03ba\u03c1\u03c4",
    "aeopcyxijsdhloavikpt",
)
"""Cyrillic and Greek letters that look like Latin ones (Unicode TR 39, confusables)."""

_KEYBOARDS: Final = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    ("azertyuiop", "qsdfghjklm", "wxcvbn"),
)


def spelled(text: str) -> str:
    """Return lower-case ASCII as addresses spell it: ä as ae, é as e; what has no such form is left out."""
    return _ascii(text.casefold().replace("ß", "ss").translate(_SPELLED))


def bare(text: str) -> str:
    """Return lower-case ASCII without any marks: ä as a, é as e."""
    return _ascii(text.casefold().translate(_BARE))


def latin(text: str) -> str:
    """Return ``text`` with letters of other scripts that look Latin made Latin, if that makes all of it ASCII."""
    seen = text.translate(_LOOKALIKE)
    return seen if seen.isascii() else text


def neighbours(one: str, other: str) -> bool:
    """Tell whether two keys lie beside each other on a usual keyboard (QWERTY, QWERTZ, AZERTY)."""
    return other in _NEAR.get(one, ())


def _ascii(text: str) -> str:
    return "".join(char for char in normalized("NFKD", text) if char.isascii())


def _near() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rows in _KEYBOARDS:
        pairs = [pair for row in rows for pair in pairwise(row)]
        # A row is shifted by about half a key: each key touches two of the row below.
        for upper, lower in pairwise(rows):
            pairs += [*zip(upper, lower, strict=False), *zip(upper[1:], lower, strict=False)]
        for one, other in pairs:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return found


_NEAR: Final = _near()
