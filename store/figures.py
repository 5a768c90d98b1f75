"""Numbers and shares as people read them, the same in the terminal and in files."""

from __future__ import annotations


def percent(part: int, whole: int) -> str:
    """Return ``part`` of ``whole`` in per cent with one digit ("2.1 %"), in six cells at most; "-" without a whole.

    What is not nothing never reads "0.0 %", and what is not all never "100 %".
    """
    if whole <= 0:
        return "-"
    share = round(100 * part / whole, 1)
    if part and share < 0.1:
        return "<0.1 %"
    if share >= 100:
        return "100 %" if part >= whole else "99.9 %"
    return f"{share:.1f} %"


def number(value: int) -> str:
    """Return ``value`` with a comma after the thousands."""
    return f"{value:,}"


def counted(count: int, one: str) -> str:
    """Return "1 link" or "12 links" for a noun that takes an s."""
    return f"{number(count)} {one}{'' if count == 1 else 's'}"


_SINGULAR = {"addresses": "address", "people": "person"}


def several(count: int, many: str) -> str:
    """Return "12 rows", or "1 row", for a noun as a plural."""
    return f"{number(count)} {_SINGULAR.get(many, many.removesuffix('s')) if count == 1 else many}"


def scale(most: int) -> int:
    """Return the end of an axis on which ``most`` has room: 1, 2, 4, 5 or 8 with noughts; 1 for nothing."""
    power = 1
    while power * 10 < most:
        power *= 10
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= most)
