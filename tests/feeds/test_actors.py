"""Who opened or clicked: what a flag, a user agent and an address tell, and what they do not."""

from __future__ import annotations

import pytest

from store.feeds.actors import actor_of
from store.vocabulary import Actor, EventType

OPENED, CLICKED = EventType.OPENED, EventType.CLICKED
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("kind", "flag", "agent", "ip", "actor"),
    [
        (OPENED, "", "Mozilla/5.0", "17.58.0.9", Actor.MACHINE),
        (OPENED, "", "Mozilla/5.0", "104.28.30.1", Actor.MACHINE),
        (OPENED, "", " Mozilla/5.0 ", "", Actor.MACHINE),
        (OPENED, "", "", "17.58.0.9", Actor.MACHINE),
        (OPENED, "", "", "::ffff:17.58.0.9", Actor.MACHINE),
        (OPENED, "", "", "170.58.0.9", Actor.UNKNOWN),
        (OPENED, "", PHONE, "17.58.0.9", Actor.UNKNOWN),
        (OPENED, "", PHONE, "203.0.113.9", Actor.UNKNOWN),
        (OPENED, "", GMAIL, "66.249.84.1", Actor.HUMAN),
        (OPENED, "", YAHOO, "", Actor.HUMAN),
        (OPENED, "", "", "", Actor.UNKNOWN),
        (CLICKED, "", "Mozilla/5.0", "17.58.0.9", Actor.UNKNOWN),
        (CLICKED, "", GMAIL, "", Actor.UNKNOWN),
        *((kind, flag, PHONE, "", Actor.MACHINE) for kind in (OPENED, CLICKED) for flag in ("true", "apple", "1")),
        (OPENED, "true", GMAIL, "", Actor.MACHINE),
        *((OPENED, flag, "Mozilla/5.0", "17.58.0.9", Actor.UNKNOWN) for flag in ("false", "False", "0", "no")),
        (OPENED, "false", GMAIL, "", Actor.HUMAN),
        (EventType.UNSUBSCRIBED, "true", "Mozilla/5.0", "17.58.0.9", Actor.UNKNOWN),
        (EventType.COMPLAINED, "", "Mozilla/5.0", "", Actor.UNKNOWN),
    ],
)
def test_who_did_it(kind: EventType, flag: str, agent: str, ip: str, actor: Actor) -> None:
    assert actor_of(kind, flag, agent, ip) is actor
