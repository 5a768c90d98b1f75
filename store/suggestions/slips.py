"""Slips of the finger: how a typed text differs from the one that was meant, and how easily that happens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from store.suggestions.letters import neighbours


class Slip(Enum):
    """What a finger did."""

    SWAP = "swap"
    DOUBLED = "doubled"
    MISSING = "missing"
    EXTRA = "extra"
    NEIGHBOUR = "neighbour"
    OTHER = "other"
    TWO = "two"


@dataclass(frozen=True, slots=True)
class Slipped:
    """How a text differs from the one that was meant.

    Attributes:
        slip: what happened.
        words: the same for people, with {typed} and {meant} ("{typed} is one swap from {meant}").
        at: where in the text meant.
    """

    slip: Slip
    words: str
    at: int = 0


def distance(typed: str, meant: str, most: int) -> int:
    """Return in how many slips one text becomes the other (optimal string alignment); above ``most`` it is most + 1.

    A swap of neighbouring letters is one slip, as are a missing, an added and a wrong letter.
    """
    from rapidfuzz.distance import OSA

    return OSA.distance(typed, meant, score_cutoff=most)


def slipped(typed: str, meant: str) -> Slipped | None:
    """Return how ``typed`` came of ``meant`` in one slip or two; None: in none, or in more."""
    count = distance(typed, meant, 2)
    if count not in {1, 2}:
        return None
    if count == 2:
        return Slipped(Slip.TWO, "{typed} is two slips from {meant}")
    at = next((n for n, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    if len(typed) < len(meant):
        return _missing(meant, at)
    if len(typed) > len(meant):
        return _extra(typed, meant, at)
    if typed[at + 1 :] == meant[at + 1 :]:
        slip = Slip.NEIGHBOUR if neighbours(typed[at], meant[at]) else Slip.OTHER
        return Slipped(slip, f"{{typed}} has “{typed[at]}” where {{meant}} has “{meant[at]}”", at)
    return Slipped(Slip.SWAP, "{typed} is one swap from {meant}", at)


def _missing(meant: str, at: int) -> Slipped:
    letter = meant[at]
    slip = Slip.DOUBLED if at and meant[at - 1] == letter else Slip.MISSING
    return Slipped(slip, f"{{typed}} lacks {_named(letter)} of {{meant}}", at)


def _extra(typed: str, meant: str, at: int) -> Slipped:
    letter = typed[at]
    slip = Slip.DOUBLED if at and typed[at - 1] == letter else Slip.EXTRA
    return Slipped(slip, f"{{typed}} has {_named(letter, 'a')} too many for {{meant}}", min(at, len(meant) - 1))


def _named(letter: str, article: str = "the") -> str:
    return f"{article} dot" if letter == "." else f"{article} “{letter}”"
