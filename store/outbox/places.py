"""Patterns with places in braces: the link that unsubscribes, and the address to which failures come back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

LINK_PLACES: Final = ("token", "address", "crm_id", "campaign")
"""What may stand in braces in the pattern of the link that unsubscribes."""

PERSONAL: Final = frozenset({"token", "address", "crm_id"})
"""Those of them that tell one recipient from another."""

RECIPIENT: Final = "{recipient}"
"""The place of the recipient in the pattern of an envelope sender."""

_PLACE: Final = re.compile(r"\{([^{}]*)\}")


def places_of(pattern: str) -> list[str]:
    """Return the names in braces, in order."""
    return _PLACE.findall(pattern)


def filled_link(pattern: str, values: Mapping[str, str]) -> str:
    """Return a link with its places filled, each value percent-encoded whole; unknown places stay."""
    return _PLACE.sub(lambda match: quote(values[match[1]], safe="") if match[1] in values else match[0], pattern)
