"""Whose mail it is: our own on its way out, or somebody else's that came by."""

from __future__ import annotations

import re
from collections.abc import Container

from store.feeds.verp import verp_recipient

_INSIDE = re.compile(
    r"\[(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1\]|f[cd][0-9a-f]{2}:|fe80:)|\Alocal\Z", re.IGNORECASE
)


def domain_of(address: str) -> str:
    """Return the domain of an address in small letters, "" if it has none."""
    return address.rpartition("@")[2].lower()


def same_house(sender: str, address: str) -> bool:
    """Tell whether two addresses are of one domain, or one of a part of the other's."""
    own, other = domain_of(sender), domain_of(address)
    return own == other or own.endswith("." + other) or other.endswith("." + own)


def sent_by_us(sender: str, client: str, ours: Container[str]) -> bool:
    """Tell whether mail that was turned away at the door had come from inside.

    Args:
        sender: the envelope sender; "" (a notice) is never ours.
        client: who brought it, as the log writes it ("app[10.0.0.9]", "H=(app) [10.0.0.9]").
        ours: domains whose campaigns were seen.
    """
    return bool(sender) and bool(verp_recipient(sender) or from_inside(client) or domain_of(sender) in ours)


def from_inside(client: str) -> bool:
    """Tell whether a client is this machine or stands in a private network ("app[10.0.0.9]", "local")."""
    return _INSIDE.search(client) is not None
