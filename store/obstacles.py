"""What speaks against writing to somebody on a list, as bits; a member's row holds those known when it came."""

from __future__ import annotations

from enum import IntFlag

from store.queries.reminders import BLOCKED_TODAY, known


class Obstacle(IntFlag):
    """What speaks against writing to a person, the gravest first; the numbers are part of the schema."""

    COMPLAINED = 1
    UNSUBSCRIBED = 2
    FORMER = 4
    NO_ADDRESS = 8
    BLOCKED = 16
    NO_CONSENT = 32
    BOUNCED = 64


FORBIDDING = Obstacle(63)
"""Those that forbid it; a failure that did not block the address is only told."""

WORDS = {
    Obstacle.COMPLAINED: "complained",
    Obstacle.UNSUBSCRIBED: "unsubscribed",
    Obstacle.FORMER: "former employee",
    Obstacle.NO_ADDRESS: "no address",
    Obstacle.BLOCKED: "blocked",
    Obstacle.NO_CONSENT: "no consent",
    Obstacle.BOUNCED: "bounced",
}
"""What people read, in the order in which one of several counts."""

_FAILING = (
    "(SELECT m.id FROM address AS a CROSS JOIN contact AS m ON m.email_key = a.key WHERE a.consecutive > 0"
    " AND a.key <> '')"
)
"""What is asked of the contact besides its address has SQLite read every contact first, for a Bloom filter."""

_TESTS = {
    Obstacle.COMPLAINED: f"c.id IN {known('complained_at')}",
    Obstacle.UNSUBSCRIBED: f"c.id IN {known('unsubscribed_at')}",
    Obstacle.FORMER: "c.former",
    Obstacle.NO_ADDRESS: "c.email_key = ''",
    Obstacle.BLOCKED: f"c.id IN {BLOCKED_TODAY}",
    Obstacle.NO_CONSENT: "c.consent IS FALSE",
    Obstacle.BOUNCED: f"c.id IN {_FAILING}",
}

TODAY = f"({' + '.join(f'(CASE WHEN {test} THEN {obstacle.value} ELSE 0 END)' for obstacle, test in _TESTS.items())})"
"""The SQL of the obstacles of ``contact AS c`` as they are now."""
