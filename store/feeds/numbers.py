"""Numbers as people and spreadsheets write them: 1,234.5 and 1.234,5; which mark cuts decimals is never guessed."""

from __future__ import annotations

import re

DECIMALS = {"point": ".", "comma": ","}
"""What cuts the decimals off, by the word for it."""

_BARE = re.compile(r"[+-]?\d+(?:[.,]\d*)?\Z")
_GROUPED = re.compile(r"[+-]?(?!0)\d{1,3}(?:([.,'\u2019 \u00a0\u202f])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d*)?\Z")
_TWO_WAYS = re.compile(r"[+-]?(?!0)\d{1,3}[.,]\d{3}\Z")


class TwoNumbers(ValueError):
    """A number that is another one where the comma cuts decimals than where the point does."""


def parse_number(text: str, decimal: str | None) -> float | None:
    """Return the number that ``text`` writes, None if it is none.

    Args:
        text: what stands in the file.
        decimal: "point" or "comma"; None: told by the number itself.

    Raises:
        TwoNumbers: "1.234" and the like, if ``decimal`` is None.
    """
    text = text.strip()
    if decimal is None and _TWO_WAYS.match(text):
        raise TwoNumbers(text)
    mark = DECIMALS[decimal] if decimal else None
    grouped = _GROUPED.match(text)
    if grouped and grouped[1] != mark:
        text = text.replace(grouped[1], "")
    elif not _BARE.match(text):
        return None
    other = {".": ",", ",": "."}.get(mark or "")
    if other and other in text:
        return None
    return float(text.replace(",", "."))


def counted(text: str) -> bool:
    """Tell whether a count says that it happened at all: "4", "1.234" and "yes" do; "0", "0,00", "-" and "" do not."""
    text = text.strip()
    return bool(text.strip(" 0.,-")) and text.casefold() not in {"no", "none", "false", "n/a", "nein", "nei"}
