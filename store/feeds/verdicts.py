"""What a server's words mean, put into the record of a log line."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from store.feeds.bounces.classifier import classify
from store.feeds.bounces.rules import Verdict
from store.feeds.ours import domain_of
from store.feeds.record import Record
from store.vocabulary import EventType

CATEGORIES = {
    "badmailbox": "user unknown",
    "invalidrecipient": "user unknown",
    "inactivemailbox": "mailbox disabled",
    "baddomain": "domain not found",
    "dnsfailure": "domain not found",
    "quotaissues": "mailbox full",
    "spamrelated": "rejected as spam",
    "spamblock": "rejected as spam",
    "spamcontent": "rejected as spam",
    "policyrelated": "rejected for policy reasons",
    "contentrelated": "content rejected",
    "virusrelated": "virus found",
    "relayingissues": "relaying denied",
    "relaydenied": "relaying denied",
    "badconnection": "connection timed out",
    "noanswerfromhost": "connection timed out",
    "routingerrors": "routing loop detected",
    "messageexpired": "delivery time expired",
    "authenticationfailed": "authentication failed",
}
"""What the bounce categories of PowerMTA and KumoMTA say, in the words that the classifier knows."""

_VAGUE = frozenset({None, "undefined", "onhold"})
_FAILED = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})


@lru_cache(maxsize=8192)
def judged(
    status: str | None,
    reply: int | None,
    words: str,
    command: str | None,
    domain: str,
    remote: str | None = None,
    category: str = "",
) -> Verdict:
    """Return reason and kind of a failure that a log tells (logs say the same of many recipients).

    Args:
        status: RFC 3463 code in the words.
        reply: SMTP reply code in them.
        words: what the refusing server said.
        command: the SMTP command that was refused.
        domain: the recipient's domain.
        remote: the host that refused it.
        category: the sending server's own word for the failure, which counts where the other's words tell nothing.
    """
    verdict = classify(status, reply, words, command=command, domain=domain, remote=remote)
    word = category.lower().replace("-", "")
    if verdict.reason in _VAGUE and word in CATEGORIES:
        told = "5.2.1" if word == "inactivemailbox" and status in {None, "5.0.0"} else status
        verdict = classify(told, reply, CATEGORIES[word], command=command, domain=domain, remote=remote)
    return verdict


def blamed(
    record: Record,
    said: str,
    *,
    status: str | None,
    reply: int | None,
    words: str | None = None,
    command: str | None = None,
    remote: str | None = None,
    category: str = "",
) -> Record:
    """Return a deferral or a failure with the server's words, and the reason and kind they tell.

    Args:
        record: deferred, bounced, rejected or failed.
        said: everything the log tells, kept as the diagnostic.
        status: RFC 3463 code in it.
        reply: SMTP reply code in it.
        words: the server's part of what was said; None: all of it.
        command: the SMTP command that was refused.
        remote: the host that refused it.
        category: the sending server's own word for the failure.
    """
    text = said if words is None else words
    verdict = judged(status, reply, text, command, domain_of(record.address), remote, category)
    return replace(
        record,
        status=status,
        reply=reply,
        diagnostic=said or None,
        reason=verdict.reason,
        kind=verdict.kind if record.type in _FAILED else None,
        command=command,
        remote=remote,
    )
