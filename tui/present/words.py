"""The one word, sign and style for a state; colour is never the only sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from store.vocabulary import (
    FAILED_DELIVERY,
    MARKED_BY_OPERATOR,
    BounceKind,
    Bucket,
    Decision,
    Delivery,
    Engagement,
    SkipReason,
    Triage,
)

if TYPE_CHECKING:
    from store.rows import CampaignRow, RecipientRow, StrangerRow


class Look(NamedTuple):
    """How a state is shown: one character, a word, and the name of a style of present.colours."""

    sign: str
    word: str
    style: str

    @property
    def label(self) -> str:
        """Sign and word."""
        return f"{self.sign} {self.word}"


_DELIVERY: Final = {
    Delivery.READY: Look("·", "Ready", "muted"),
    Delivery.SKIPPED: Look("-", "Skipped", "muted"),
    Delivery.SENT: Look(">", "Sent", "info"),
    Delivery.DEFERRED: Look("~", "Deferred", "warn"),
    Delivery.DELIVERED: Look("✓", "Delivered", "text"),
    Delivery.EXPIRED: Look("∅", "Expired", "bad"),
    Delivery.REJECTED: Look("!", "Rejected", "bad"),
    Delivery.BOUNCED: Look("✗", "Bounced", "bad"),
}

_BOUNCED: Final = {
    BounceKind.HARD: Look("✗", "Bounced hard", "bad"),
    BounceKind.SOFT: Look("≈", "Bounced soft", "soft"),
    BounceKind.BLOCK: Look("#", "Blocked (server)", "soft"),
    BounceKind.CONTENT: Look("§", "Content refused", "soft"),
    BounceKind.UNDETERMINED: Look("?", "Bounced", "bad"),
}

_ENGAGEMENT: Final = {
    Engagement.MACHINE: Look("○", "Opened (machine)", "text"),
    Engagement.OPENED: Look("●", "Read", "good"),
    Engagement.CLICKED: Look("»", "Clicked", "good"),
    Engagement.REPLIED: Look("↩", "Replied", "good"),
    Engagement.UNSUBSCRIBED: Look("⊘", "Unsubscribed", "warn"),
    Engagement.COMPLAINED: Look("‼", "Complained", "bad"),
}

BUCKET_LOOKS: Final = {
    Bucket.DELIVERED: Look("━", "delivered", "good"),
    Bucket.UNDER_WAY: Look(">", "under way", "info"),
    Bucket.BOUNCED: Look("✗", "bounced", "bad"),
    Bucket.EXPIRED: Look("∅", "expired", "soft"),
    Bucket.REJECTED: Look("!", "rejected", "soft"),
    Bucket.SKIPPED: Look("-", "skipped", "muted"),
    Bucket.READY: Look("·", "ready", "muted"),
}
"""Sign on the bar, word in the legend and style of each bucket."""

_CAMPAIGN_STATES: Final = {
    "planned": Look("·", "planned", "muted"),
    "under way": Look(">", "under way", "info"),
    "finished": Look("✓", "finished", "text"),
}

_REASONS: Final = {
    "authfailure": "sender not authenticated",
    "badreputation": "bad reputation",
    "blocked": "sender blocked",
    "contenterror": "content malformed",
    "exceedlimit": "limit exceeded",
    "expired": "given up after retries",
    "filtered": "filtered",
    "greylisted": "greylisted",
    "hasmoved": "has moved",
    "hostunknown": "unknown domain",
    "mailboxfull": "mailbox full",
    "mailererror": "mailer error",
    "mesgtoobig": "message too big",
    "networkerror": "network error",
    "norelaying": "relaying denied",
    "notaccept": "takes no mail",
    "notcompliantrfc": "not RFC compliant",
    "onhold": "cause not clear",
    "policyviolation": "against policy",
    "rejected": "sender rejected",
    "requireptr": "reverse DNS missing",
    "securityerror": "security error",
    "spamdetected": "taken for spam",
    "speeding": "sent too fast",
    "pulled": "pulled from the mail queue",
    "suspend": "mailbox suspended",
    "syntaxerror": "syntax error",
    "systemerror": "server error",
    "systemfull": "server disk full",
    "toomanyconn": "too many connections",
    "undefined": "cause not clear",
    "userunknown": "unknown user",
    "virusdetected": "taken for a virus",
}

_FEEDBACK: Final = {
    "abuse": "taken for spam or abuse",
    "fraud": "taken for fraud or phishing",
    "virus": "taken for a virus",
    "other": "complained for another reason",
    "opt-out": "asked for no more mail",
    "opt-out-list": "asked for no more mail of this list",
}


def state_look(row: RecipientRow) -> Look:
    """Return how a recipient's state is shown, from both facets.

    A failure stands before whatever was opened, since somebody has to decide about it; it turns quiet once somebody
    did. A recipient who got one of several mails (an alias, a second try) has a "+" behind the word.
    """
    if row.delivery in FAILED_DELIVERY:
        look = _BOUNCED[row.bounce_kind or BounceKind.UNDETERMINED] if row.delivery is Delivery.BOUNCED else None
        look = look or _DELIVERY[row.delivery]
        return look._replace(style="muted") if row.triage is Triage.DONE else look
    if row.engagement is not Engagement.NONE:
        look = _ENGAGEMENT[row.engagement]
    elif row.delivery is Delivery.SKIPPED and row.skip_reason is not None:
        look = _DELIVERY[Delivery.SKIPPED]._replace(word=f"Skipped: {row.skip_reason}")
    else:
        look = _DELIVERY[row.delivery]
    return look._replace(word=f"{look.word} +") if row.partly else look


def state_word(row: RecipientRow) -> str:
    """Return the one word for a recipient's state ("Read", "Bounced hard", "Skipped: duplicate")."""
    return state_look(row).word


def delivery_look(delivery: Delivery, kind: BounceKind | None = None) -> Look:
    """Return how the delivery of one message is shown."""
    return _BOUNCED[kind] if delivery is Delivery.BOUNCED and kind is not None else _DELIVERY[delivery]


def stranger_look(row: StrangerRow) -> Look:
    """Return how the state of a stranger's mail is shown: a failure first, then what the person did."""
    if row.delivery in FAILED_DELIVERY or row.engagement is Engagement.NONE:
        return delivery_look(row.delivery, row.bounce_kind)
    return _ENGAGEMENT[row.engagement]


def campaign_look(row: CampaignRow) -> Look:
    """Return how a campaign's state is shown."""
    return _CAMPAIGN_STATES[row.state]


def reason_word(reason: str | None) -> str:
    """Return a reason name of the classifier in plain words; an unknown name as it is, none as nothing."""
    return "" if reason is None else _REASONS.get(reason, reason)


def reason_sentence(reason: str | None) -> str:
    """Return what a reason name means as the classifier says it ("The mailbox is full"); nothing for none.

    An unknown name is its own sentence, an operator's mark has none: it is no server's.
    """
    if reason is None or reason == MARKED_BY_OPERATOR:
        return ""
    # The rules are read from their file when the first history is shown, not when the program starts.
    from store.feeds.bounces.classifier import sentence

    return sentence(reason)


def why(row: RecipientRow) -> str:
    """Return why a recipient got nothing and what was decided about it: "fixed, unknown user, blocked, 5.1.1"."""
    parts: list[str] = []
    if row.skip_reason is not None and row.delivery is Delivery.SKIPPED:
        parts.append(row.skip_reason)
    if row.decision is not None:
        parts.append(row.decision)
    if row.reason is not None and row.reason != MARKED_BY_OPERATOR:
        parts.append(reason_word(row.reason))
    if row.blocked and row.decision is not Decision.BLOCKED and row.skip_reason is not SkipReason.BLOCKED:
        parts.append("blocked")
    if row.status or row.reply:
        parts.append(row.status or str(row.reply))
    return ", ".join(parts)


def feedback_word(feedback: str) -> str:
    """Return what a sort of complaint means (RFC 5965, section 7.3); an unknown one as it is."""
    return _FEEDBACK.get(feedback, feedback)
