"""Human or machine: what a user agent and an address tell of who opened or clicked."""

from __future__ import annotations

import re

from store.vocabulary import Actor, EventType

APPLE_PREFETCH = "Mozilla/5.0"
"""The whole user agent of Apple's mail privacy proxy, which loads every picture without anybody reading."""

_APPLE = re.compile(r"(?:::ffff:)?17\.")
"""Apple's network, 17.0.0.0/8."""

_WHEN_SHOWN = ("GoogleImageProxy", "YahooMailProxy")
"""Proxies that load a picture when the mail is shown: a person is in front of them."""

_ROBOTS = re.compile(
    # Words of programs that say of themselves that they are none; "CUBOT" is a telephone.
    r"(?<!cu)bot\b|\bbot|crawler|spider|scanner|preview|prefetch|headless|phantomjs|urldefense|safelinks|proofpoint"
    r"|mimecast|barracuda|trendmicro|symantec|fortiguard|ironport|virustotal|urlscan|censys|zgrab|masscan|nikto"
    r"|python-|python/|aiohttp|httpx|scrapy|libwww|lwp::|curl/|wget/|go-http-client|java/|apache-httpclient"
    r"|okhttp|node-fetch|axios/|undici|guzzlehttp|ruby\b|faraday|powershell|winhttp|facebookexternalhit|monitoring",
    re.IGNORECASE,
)

_NO = frozenset({"0", "false", "no", "n", "nein", "none", "null", "human", "mensch"})


def actor_of(kind: EventType, flag: str, agent: str, ip: str = "") -> Actor:
    """Return who opened or clicked.

    Args:
        kind: opened or clicked; of anything else nobody asks.
        flag: the file's own word ("true", "apple": a machine; "false": none); blank: it says nothing.
        agent: the user agent.
        ip: where it came from.
    """
    if kind is not EventType.OPENED and kind is not EventType.CLICKED:
        return Actor.UNKNOWN
    said = flag.strip(" -_").casefold()
    if said and said not in _NO:
        return Actor.MACHINE
    if kind is EventType.OPENED:
        agent = agent.strip()
        if any(proxy in agent for proxy in _WHEN_SHOWN):
            return Actor.HUMAN
        if not said and (agent == APPLE_PREFETCH or (not agent and _APPLE.match(ip))):
            return Actor.MACHINE
    return Actor.UNKNOWN


def is_robot(agent: str) -> bool:
    """Tell whether a user agent says of itself that no person is in front of it."""
    return _ROBOTS.search(agent) is not None
