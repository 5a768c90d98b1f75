"""Human or machine: what a user agent and an address tell of who opened or clicked."""

from __future__ import annotations

from store.vocabulary import Actor, EventType

APPLE_PREFETCH = "Mozilla/5.0"
"""The whole user agent of Apple's mail privacy proxy, which loads every picture without anybody reading."""

_APPLE = "17."
"""Apple's network, 17.0.0.0/8."""

_WHEN_SHOWN = ("GoogleImageProxy", "YahooMailProxy")
"""Proxies that load a picture when the mail is shown: a person is in front of them."""

_NO = frozenset({"", "0", "false", "no", "n", "nein", "none", "null", "human", "mensch"})


def actor_of(kind: EventType, flag: str, agent: str, ip: str = "") -> Actor:
    """Return who opened or clicked.

    Args:
        kind: opened or clicked; of anything else nobody asks.
        flag: the file's own word for a machine ("true", "apple"); blank or "false": it has none.
        agent: the user agent.
        ip: where it came from.
    """
    if kind is not EventType.OPENED and kind is not EventType.CLICKED:
        return Actor.UNKNOWN
    if flag.strip(" -_").casefold() not in _NO:
        return Actor.MACHINE
    if kind is EventType.OPENED:
        if agent == APPLE_PREFETCH or (not agent and ip.startswith(_APPLE)):
            return Actor.MACHINE
        if any(proxy in agent for proxy in _WHEN_SHOWN):
            return Actor.HUMAN
    return Actor.UNKNOWN
