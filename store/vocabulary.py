"""The trade's words, each with the small integer that stands for it in the tables.

A member is a ``str`` (what people and JSON see) with a ``code`` (what the tables hold). Codes are part of the
schema: a new word takes a new code, a code is never given to another word.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Self, cast

from store.cleaning import clean
from store.errors import StoreDamaged


class Word(StrEnum):
    """A word of the vocabulary with its table code."""

    code: int

    def __new__(cls, word: str, code: int) -> Self:
        """Make the member ``word`` with its ``code``."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.code = code
        return member

    @classmethod
    def of(cls, code: int) -> Self:
        """Return the member that the tables hold as ``code``.

        Raises:
            StoreDamaged: no member has this code.
        """
        found = _by_code(cls).get(code)
        if found is None:
            told = clean(str(code))[:80]
            raise StoreDamaged(f"The store is damaged: {told} is no code of {cls.__name__}; bring back a backup.")
        return cast(Self, found)


@cache
def _by_code(words: type[Word]) -> dict[int, Word]:
    return {word.code: word for word in words}


class EventType(Word):
    """What happened to one message on its way to one recipient (the terms of django-anymail, RFC 3464, RFC 5965)."""

    QUEUED = "queued", 10
    SENT = "sent", 20
    DEFERRED = "deferred", 30
    DELIVERED = "delivered", 40
    BOUNCED = "bounced", 50
    REJECTED = "rejected", 51
    FAILED = "failed", 52
    OPENED = "opened", 60
    CLICKED = "clicked", 70
    REPLIED = "replied", 80
    AUTOREPLIED = "autoreplied", 81
    COMPLAINED = "complained", 90
    UNSUBSCRIBED = "unsubscribed", 91


class BounceKind(Word):
    """Whose fault a failure is, in the order in which a surer reading wins over a vaguer one."""

    UNDETERMINED = "undetermined", 10
    SOFT = "soft", 20
    CONTENT = "content", 30
    BLOCK = "block", 40
    HARD = "hard", 50


class Actor(Word):
    """Who opened or clicked. ``unknown`` counts with the humans, ``machine`` never does."""

    UNKNOWN = "unknown", 0
    HUMAN = "human", 1
    MACHINE = "machine", 2


class Hop(Word):
    """Whether the server that took the mail is the last one (``final``) or passes it on (``relay``)."""

    FINAL = "final", 0
    RELAY = "relay", 1


class Attribution(Word):
    """How surely an event belongs to its recipient."""

    EXACT = "exact", 0
    FAN_OUT = "fan-out", 1
    INFERRED = "inferred", 2


class Delivery(Word):
    """The delivery facet of a recipient."""

    READY = "ready", 0
    SKIPPED = "skipped", 1
    SENT = "sent", 10
    DEFERRED = "deferred", 20
    DELIVERED = "delivered", 30
    EXPIRED = "expired", 40
    REJECTED = "rejected", 50
    BOUNCED = "bounced", 60


FAILED_DELIVERY = frozenset({Delivery.EXPIRED, Delivery.REJECTED, Delivery.BOUNCED})
"""The delivery states that stand in the bounce inbox until somebody decided."""

MARKED_BY_OPERATOR = "marked"
"""The reason name of a failure that an operator marked."""


class Engagement(Word):
    """The engagement facet of a recipient; the highest one that happened."""

    NONE = "none", 0
    MACHINE = "machine", 10
    OPENED = "opened", 20
    CLICKED = "clicked", 30
    REPLIED = "replied", 40
    UNSUBSCRIBED = "unsubscribed", 50
    COMPLAINED = "complained", 60


class Triage(Word):
    """Whether somebody has decided about a failure."""

    NONE = "none", 0
    OPEN = "open", 1
    LATER = "later", 2
    DONE = "done", 3


class Decision(Word):
    """What an operator decided about a recipient's failure."""

    CLEARED = "cleared", 1
    MARKED_HARD = "marked hard", 2
    MARKED_SOFT = "marked soft", 3
    FIXED = "fixed", 4
    BLOCKED = "blocked", 5
    FORMER = "former employee", 6
    DELETED = "address deleted", 7
    LATER = "later", 8
    EXCUSED = "excused", 9


class SkipReason(Word):
    """Why a planned recipient gets no mail."""

    DUPLICATE = "duplicate", 1
    NO_ADDRESS = "no address", 2
    INVALID = "invalid address", 3
    NO_CONSENT = "no consent", 4
    BLOCKED = "blocked", 5
    FORMER = "former employee", 6
    UNSUBSCRIBED = "unsubscribed", 7
    COMPLAINED = "complained", 8
    ELSEWHERE = "sent with another mail", 9
    FORGOTTEN = "forgotten", 10


class ListKind(Word):
    """What a list is for."""

    SELECTION = "selection", 1
    PROJECT = "project", 2
    REMINDER = "reminder", 3
    RESEND = "resend", 4
    CORRECTION = "correction", 5


class Source(Word):
    """Which sort of feed an event came from."""

    POSTFIX = "postfix", 1
    BOUNCE_MAIL = "bounce mail", 2
    FEEDBACK_LOOP = "feedback loop", 3
    EVENTS = "event file", 4
    OPERATOR = "operator", 5
    EXIM = "exim", 6
    OPENSMTPD = "opensmtpd", 7
    KUMOMTA = "kumomta", 8
    POWERMTA = "powermta", 9
    ACCESS = "access log", 10
    LISTMONK = "listmonk", 11
    OUTBOX = "outbox", 12


class OutboxState(Word):
    """How one mail of the outbox stands; ``sending`` and ``unsure`` may have left, and are never sent by themselves."""

    WAITING = "waiting", 0
    SENDING = "sending", 1
    ACCEPTED = "accepted", 2
    REFUSED = "refused", 3
    HELD = "held", 4
    UNSURE = "unsure", 5


class SendState(Word):
    """How the sending of a message stands; mail leaves only while it is ``sending``."""

    READY = "ready", 0
    STARTING = "starting", 1
    SENDING = "sending", 2
    PAUSED = "paused", 3
    STOPPED = "stopped", 4
    DONE = "done", 5


class FollowUp(Word):
    """What a send is to the campaign that it follows up.

    ``resend`` is the same message to people whom it did not reach; ``erratum`` goes to those who got a wrong one;
    ``right`` is the right message, to those who did not get the wrong one.
    """

    RESEND = "resend", 1
    ERRATUM = "erratum", 2
    RIGHT = "right mail", 3


class PulledState(Word):
    """How a mail stands that was pulled out of a mail queue; ``deleting`` was begun and is not known to have ended."""

    RELEASED = "released", 0
    HELD = "held", 1
    DELETING = "deleting", 2
    DELETED = "deleted", 3


class BlockReason(Word):
    """Why an address is blocked."""

    HARD_BOUNCE = "hard bounce", 1
    BOUNCES_IN_A_ROW = "bounces in a row", 2
    COMPLAINT = "complaint", 3
    OPERATOR = "operator", 4
    DELETED = "address deleted", 5


class Bucket(StrEnum):
    """The buckets into which a campaign's planned recipients fall, each recipient into exactly one."""

    READY = "ready"
    SKIPPED = "skipped"
    UNDER_WAY = "under_way"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    EXPIRED = "expired"
    REJECTED = "rejected"


BUCKET_OF: dict[Delivery, Bucket] = {
    Delivery.READY: Bucket.READY,
    Delivery.SKIPPED: Bucket.SKIPPED,
    Delivery.SENT: Bucket.UNDER_WAY,
    Delivery.DEFERRED: Bucket.UNDER_WAY,
    Delivery.DELIVERED: Bucket.DELIVERED,
    Delivery.BOUNCED: Bucket.BOUNCED,
    Delivery.EXPIRED: Bucket.EXPIRED,
    Delivery.REJECTED: Bucket.REJECTED,
}
"""The bucket of each delivery state; together they are all that was planned."""


class State(StrEnum):
    """The filter words of the recipients pane; a recipient can answer to several."""

    READY = "ready"
    SKIPPED = "skipped"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    UNREAD = "unread"
    READ = "read"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    HARD = "hard"
    SOFT = "soft"
    OPEN = "open"
    BLOCKED = "blocked"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"


FACT_READ, FACT_MACHINE, FACT_CLICKED, FACT_REPLIED, FACT_UNSUBSCRIBED, FACT_COMPLAINED = 1, 2, 4, 8, 16, 32
"""Bits of campaign_stat.facts: read by a person, opened by machines only, clicked, and so on."""
