"""Human or machine: what a user agent and an address tell of who opened or clicked."""

from __future__ import annotations

import re
from functools import lru_cache

from store.vocabulary import Actor, EventType

APPLE_PREFETCH = "Mozilla/5.0"
"""The whole user agent of Apple's mail privacy proxy, which loads every picture without anybody reading."""

_APPLE = re.compile(r"(?:::ffff:)?17\.")
"""Apple's network, 17.0.0.0/8."""

_WHEN_SHOWN = ("GoogleImageProxy", "YahooMailProxy")
"""Proxies that load a picture when the mail is shown: a person is in front of them."""

_ROBOTS = (
    *("crawler", "spider", "scanner", "preview", "prefetch", "headless", "phantomjs", "facebookexternalhit"),
    *("urldefense", "safelinks", "proofpoint", "mimecast", "barracuda", "trendmicro", "symantec", "fortiguard"),
    *("ironport", "virustotal", "urlscan", "censys", "zgrab", "masscan", "nikto", "monitoring"),
    *("python-", "python/", "aiohttp", "scrapy", "libwww", "curl/", "wget/", "go-http-client", "java/", "okhttp"),
    *("apache-httpclient", "node-fetch", "axios/", "undici", "guzzlehttp", "faraday", "powershell", "winhttp"),
)
"""Words of scanners and programs that say of themselves that they are none of a person's."""

_BOT = re.compile(r"(?<!cu)bot\b|\bbot")
"""A robot; CUBOT is a telephone."""

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


@lru_cache(maxsize=1 << 12)
def is_robot(agent: str) -> bool:
    """Tell whether a user agent says of itself that no person is in front of it."""
    text = agent.lower()
    return any(word in text for word in _ROBOTS) or ("bot" in text and _BOT.search(text) is not None)
