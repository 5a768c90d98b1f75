"""What of a person may stand in any text: how it is looked for, and how it is taken out.

Addresses stand in texts as they are, as VERP writes them (user=domain) and in links (user%40domain); names as they were
written, and as JSON writes them. Case is no difference. Part of a longer address or word is somebody else's.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote

from store.cleaning import clean

ERASED = "(forgotten)"
"""What stands in texts instead of a forgotten name."""

_SHORTEST_ID = 6
"""Shorter ids of a CRM are looked for in no text: they would be found in times and numbers."""


def address_forms(address: str) -> list[str]:
    """Return how an address may be written in texts."""
    composed = unicodedata.normalize("NFC", address.strip())
    local, at, domain = composed.rpartition("@")
    if not at:
        return [composed] if composed else []
    forms = [composed, clean(composed), f"{local}={domain}", f"{local}%40{domain}", quote(composed, safe="")]
    return list(dict.fromkeys(form for form in forms if form))


def name_forms(name: str) -> list[str]:
    """Return how a name may be written in texts; a single word is not looked for, since others may have it, too."""
    words = name.split()
    if len(words) < 2:
        return []
    return list(dict.fromkeys([name, clean(name), " ".join(words)]))


def id_forms(crm_id: str) -> list[str]:
    """Return how a CRM's id may be written in texts."""
    return [crm_id] if len(crm_id) >= _SHORTEST_ID else []


class Needles:
    """Texts to be found, and what is put in their place."""

    def __init__(self, replacements: Mapping[str, str]) -> None:
        """Take text -> what is put in its place."""
        self._texts = dict(replacements)
        self._by = {self._folded(text): by for text, by in _written(replacements).items()}
        self._pattern = _pattern(tuple(sorted(_written(replacements), key=len, reverse=True)))

    def __bool__(self) -> bool:
        """Tell whether there is anything to be found."""
        return bool(self._by)

    def beside(self, replacements: Mapping[str, str]) -> Needles:
        """Return these needles and others."""
        return Needles({**self._texts, **replacements})

    @staticmethod
    def _folded(text: str) -> str:
        return text.lower()

    @property
    def patterns(self) -> list[str]:
        """What ``lower(text) LIKE …`` finds whatever holds a needle with; it may find more."""
        found = {
            "%" + "".join("_" if not char.isascii() or char in "%_\\" else char for char in text.lower()) + "%"
            for text in self._by
        }
        return sorted(found)

    def in_text(self, text: str) -> bool:
        """Tell whether any of them stands in a text."""
        return bool(self._by) and self._pattern.search(text) is not None

    def out_of(self, text: str) -> str:
        """Return a text with what is put in their place."""
        if not self._by:
            return text
        return self._pattern.sub(lambda match: self._by.get(self._folded(match.group()), ERASED), text)


def _written(replacements: Mapping[str, str]) -> dict[str, str]:
    """Return the needles also as JSON writes them."""
    found: dict[str, str] = {}
    for text, by in replacements.items():
        for form in (text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]):
            found.setdefault(form, by)
    return found


@lru_cache(maxsize=256)
def _pattern(texts: tuple[str, ...]) -> re.Pattern[str]:
    # A dot before an address makes it another one's; behind it stands the end of a sentence, or of a file's name.
    alternatives = "|".join(map(re.escape, texts)) or "(?!)"
    return re.compile(rf"(?<![\w.])(?:{alternatives})(?![\w-])", re.IGNORECASE)


def hidden(text: str, addresses: Mapping[str, str]) -> str:
    """Return a text with other ones in the place of addresses, however they are written there."""
    return Needles({form: by for address, by in addresses.items() for form in address_forms(address)}).out_of(text)


def needles(addresses: Mapping[str, str], names: Iterable[str] = (), ids: Iterable[str] = ()) -> Needles:
    """Return what is looked for of a person.

    Args:
        addresses: address -> what is put in its place.
        names: how the person is called.
        ids: the person's ids in the CRM.
    """
    found = {form: by for address, by in addresses.items() for form in address_forms(address)}
    found |= {form: ERASED for name in names for form in name_forms(name)}
    found |= {form: ERASED for crm_id in ids for form in id_forms(crm_id)}
    return Needles(found)
