"""Text cut and padded to an exact number of terminal cells, safe to draw whatever it holds.

All functions take any text, also hostile one: what comes out is one line, holds no control, bidi or other invisible
character, and is as wide as said, counted as :func:`rich.cells.cell_len` (and so Textual) counts it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, get_character_cell_size

from store.cleaning import clean

Align = Literal["left", "right", "center"]

ELLIPSIS = "…"
_REPLACEMENT = "\ufffd"
_DOTTED_CIRCLE = "\u25cc"
_MARKS_KEPT = 3
_CHARS_A_CELL, _CHARS_MORE = 16, 256
"""So many characters are looked at to fill a number of cells, however long the text is."""

_KEPT_LENGTH = 4096
"""Up to this length what was made safe is remembered."""

_DISPUTED: dict[int, str | None] = {
    **{0x1F1E6 + number: chr(ord("A") + number) for number in range(26)},  # regional indicators: flags
    **dict.fromkeys(range(0x1F3FB, 0x1F400)),  # skin tones
}


def safe(text: str) -> str:
    """Return ``text`` as one line in which every character has the width that is counted for it.

    Beyond :func:`store.cleaning.clean`: blanks of other widths become plain ones, characters without an agreed width
    (private use, unassigned) U+FFFD, flags their two letters; skin tones go, since terminals disagree on them.
    """
    if text.isascii() and text.isprintable():
        return text
    return _safe(text) if len(text) <= _KEPT_LENGTH else _safe.__wrapped__(text)


def width(text: str) -> int:
    """Return the number of cells that safe ``text`` takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, cells: int) -> str:
    """Return ``text`` in at most ``cells`` cells, with an ellipsis where something was cut off."""
    if cells <= 0:
        return ""
    longest = _CHARS_A_CELL * cells + _CHARS_MORE
    if len(text) > longest:
        return _head(safe(text[:longest]), cells - 1) + ELLIPSIS
    text = safe(text)
    if text.isascii():
        return text if len(text) <= cells else text[: cells - 1] + ELLIPSIS
    if cell_len(text) <= cells:
        return text
    return _head(text, cells - 1) + ELLIPSIS


def squeeze(text: str, cells: int) -> str:
    """Return ``text`` in at most ``cells`` cells; what is too much is left out in its middle (addresses, links)."""
    longest = _CHARS_A_CELL * cells + _CHARS_MORE
    if len(text) > 2 * longest:
        text = text[:longest] + text[-longest:]
    text = safe(text)
    if cells < 3 or width(text) <= cells:
        return cut(text, cells)
    head = _head(text, (cells - 1) // 2)
    return head + ELLIPSIS + _head(text[::-1], cells - 1 - width(head))[::-1].lstrip()


def fit(text: str, cells: int, align: Align = "left", *, middle: bool = False) -> str:
    """Return ``text`` in exactly ``cells`` cells: cut with an ellipsis (``middle``: there), or padded with blanks."""
    text = squeeze(text, cells) if middle else cut(text, cells)
    missing = cells - (len(text) if text.isascii() else cell_len(text))
    if missing <= 0:
        return text
    if align == "left":
        return text + " " * missing
    if align == "right":
        return " " * missing + text
    left = missing // 2
    return " " * left + text + " " * (missing - left)


def wrap(text: str, cells: int) -> list[str]:
    """Return the lines of ``text``, each at most ``cells`` cells wide; breaks at blanks, long words are split.

    Line breaks in ``text`` are kept (also as the control pictures that cleaning made of them); never an empty list.
    """
    cells = max(cells, 2)
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\u240d\u240a", "\n").replace("\u240a", "\n").split("\n"):
        lines.extend(_wrap_line(safe(line.replace("\t", " ")).rstrip(), cells))
    return lines


def _wrap_line(line: str, cells: int) -> Iterator[str]:
    current = ""
    for word in line.split(" "):
        candidate = f"{current} {word}" if current else word
        if width(candidate) <= cells:
            current = candidate
            continue
        if current:
            yield current
        *full, current = _pieces(word, cells)
        yield from full
    yield current


def _pieces(word: str, cells: int) -> Iterator[str]:
    """Yield a long word in pieces as wide as the line, the last one as wide as it is."""
    if width(word) <= cells:
        yield word
        return
    begin = taken = 0
    for at, char in enumerate(word):
        size = get_character_cell_size(char)
        if taken + size > cells:
            yield word[begin:at]
            begin, taken = at, 0
        taken += size
    yield word[begin:]


def _head(text: str, cells: int) -> str:
    """Return the longest beginning of safe ``text`` that fits into ``cells`` cells."""
    taken = 0
    for index, char in enumerate(text):
        taken += get_character_cell_size(char)
        if taken > cells:
            return text[:index]
    return text


@lru_cache(maxsize=4096)
def _safe(text: str) -> str:
    out: list[str] = []
    marks = 0
    # Before cleaning, so that what becomes a letter is composed with the marks behind it like any other.
    for char in clean(text.translate(_DISPUTED)):
        for piece in _one_width(char):
            if get_character_cell_size(piece):
                marks = 0
            else:
                marks += 1
                if marks > _MARKS_KEPT:
                    continue
                if not out:
                    out.append(_DOTTED_CIRCLE)
            out.append(piece)
    return "".join(out)


def _one_width(char: str) -> str:
    if char.isprintable():
        return char
    if unicodedata.category(char) == "Zs":
        return " " * max(1, get_character_cell_size(char))
    return _REPLACEMENT
