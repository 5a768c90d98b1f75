"""How names become local parts: the patterns of companies, and slips in a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from store.suggestions.letters import bare, spelled

HABIT: Final = 3
"""So many colleagues must have addresses of one pattern before it is taken for the company's."""

HABIT_SHARE: Final = 0.8
"""This share of those colleagues whose addresses follow any pattern."""

DOMAIN_SHARE: Final = 0.5
"""This share of the colleagues must be at one domain; those of a company called "private" are not."""

TITLES: Final = frozenset({
    "dr", "prof", "mr", "mrs", "ms", "miss", "sir", "herr", "frau", "hr", "fr", "mag", "ing", "dipl", "di", "msc",
    "bsc", "phd", "med", "jur", "rer", "nat", "jr", "sr", "ii", "iii", "mme", "mlle", "hon",
})  # fmt: skip
"""What stands before or behind a name and is no part of it, without dots."""

_WORDS: Final = re.compile(r"[^\W\d_]+(?:['\u2019`-][^\W\d_]+)*")
_LEAST: Final = 2

PATTERNS: Final[dict[str, Callable[[str, str], str]]] = {
    "first.last": lambda first, last: f"{first}.{last}",
    "firstlast": lambda first, last: f"{first}{last}",
    "first_last": lambda first, last: f"{first}_{last}",
    "first-last": lambda first, last: f"{first}-{last}",
    "last.first": lambda first, last: f"{last}.{first}",
    "lastfirst": lambda first, last: f"{last}{first}",
    "last_first": lambda first, last: f"{last}_{first}",
    "f.last": lambda first, last: f"{first[0]}.{last}",
    "flast": lambda first, last: f"{first[0]}{last}",
    "f-last": lambda first, last: f"{first[0]}-{last}",
    "f_last": lambda first, last: f"{first[0]}_{last}",
    "last.f": lambda first, last: f"{last}.{first[0]}",
    "lastf": lambda first, last: f"{last}{first[0]}",
    "first.l": lambda first, last: f"{first}.{last[0]}",
    "firstl": lambda first, last: f"{first}{last[0]}",
    "first": lambda first, last: first,
    "last": lambda first, last: last,
}
"""Name of a pattern -> what makes a local part of first and last name."""

WHOLE: Final = ("first.last", "firstlast", "first_last", "first-last", "last.first", "lastfirst", "last_first")
"""The patterns that hold both names whole: only in these a slip can be told from another person's address."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a company writes its addresses.

    Attributes:
        domain: where its people get mail.
        pattern: of :data:`PATTERNS`; "" if there is no one pattern.
        people: how many colleagues get mail there.
        alike: how many of them have addresses of the pattern.
    """

    domain: str
    pattern: str
    people: int
    alike: int


@lru_cache(maxsize=4096)
def names(name: str) -> tuple[tuple[str, str], ...]:
    """Return (first, last) as local parts spell them: "Jürgen Müller" as juergen, mueller and as jurgen, muller.

    Titles and middle names are left out; "Berg, Anna" is turned round. Nothing comes of a single word, or of a name in
    another script.
    """
    if name.count(",") == 1:
        last, _, first = name.partition(",")
        name = f"{first} {last}"
    found: dict[tuple[str, str], None] = {}
    for write in (spelled, bare):
        words = [re.sub(r"['\u2019`]", "", write(word)) for word in _WORDS.findall(name)]
        words = [word for word in words if word not in TITLES and len(word) >= _LEAST]
        if len(words) >= _LEAST:
            found[words[0], words[-1]] = None
            if "-" in words[-1] or "-" in words[0]:
                found[words[0].replace("-", ""), words[-1].replace("-", "")] = None
    return tuple(found)


def written(name: str, pattern: str) -> tuple[str, ...]:
    """Return a name as a pattern writes it, in each spelling."""
    make = PATTERNS[pattern]
    return tuple(dict.fromkeys(make(first, last) for first, last in names(name)))


def pattern_of(local: str, name: str) -> str:
    """Return the pattern by which a local part was made of a name, "" if by none; tags are passed over."""
    plain = local.partition("+")[0].casefold()
    return next((pattern for pattern in PATTERNS if plain in written(name, pattern)), "")


def names_somebody(local: str, name: str) -> bool:
    """Tell whether a local part holds a part of a name, whole (three letters or more)."""
    plain = bare(local)
    return any(len(part) > _LEAST and part in plain for pair in names(name) for part in pair)


def habit(colleagues: Iterable[tuple[str, str]]) -> Habit | None:
    """Return how a company writes its addresses, from (name, address) of people who get mail.

    The domain is the one most of them have; None if there is none that half of them have.
    """
    people = [(name, *address.rpartition("@")[::2]) for name, address in colleagues]
    if not people:
        return None
    domain, count = Counter(domain for _, _, domain in people).most_common(1)[0]
    if count < DOMAIN_SHARE * len(people):
        return None
    there = [(name, local) for name, local, at in people if at == domain]
    patterns = Counter(filter(None, (pattern_of(local, name) for name, local in there)))
    pattern, alike = patterns.most_common(1)[0] if patterns else ("", 0)
    if alike < HABIT or alike < HABIT_SHARE * sum(patterns.values()):
        pattern = ""
    return Habit(domain, pattern, len(there), alike if pattern else 0)
