"""Making strangers' text safe to show: the first of three layers between a mail and the terminal."""

from __future__ import annotations

import re
import unicodedata

_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[ -~]*\Z")
_MARKS_KEPT = 2


def clean(text: str) -> str:
    """Return ``text`` with everything replaced that a terminal could take for more than a character.

    C0 controls and DEL become their control pictures, C1 controls, bidi controls, zero-width and other format
    characters and lone surrogates become U+FFFD, at most two combining marks stay on a character, the rest is NFC
    (Unicode TR 36, section 2 and 3).
    """
    if _PLAIN.match(text):
        return text
    text = unicodedata.normalize("NFC", text)
    text = _UNSAFE.sub(_picture, text)
    if any(unicodedata.combining(char) for char in text):
        text = _few_marks(text)
    return text


def clean_or_none(text: str | None) -> str | None:
    """Clean ``text``; None stays None."""
    return None if text is None else clean(text)


def _picture(match: re.Match[str]) -> str:
    return chr(_PICTURES.get(ord(match.group()), 0xFFFD))


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS_KEPT:
            kept.append(char)
    return "".join(kept)
