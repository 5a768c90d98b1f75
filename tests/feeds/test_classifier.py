from __future__ import annotations

import pytest

from store.feeds.bounces.classifier import classify, find_reply, find_status, reasons, sentence
from store.vocabulary import BounceKind


@pytest.mark.parametrize(
    ("status", "reply", "text", "reason", "kind"),
    [
        ("5.0.0", 550, "550 No such user here", "userunknown", "hard"),
        ("5.1.1", None, 'unknown user: "bo"', "userunknown", "hard"),
        ("5.1.1", 550, "", "userunknown", "hard"),
        ("5.2.1", 550, "550 5.2.1 The account that you tried to reach is disabled", "suspend", "hard"),
        ("5.4.4", None, "Name service error for name=x.example type=A: Host not found", "hostunknown", "hard"),
        ("5.1.6", 550, "has moved to a new address", "hasmoved", "hard"),
        ("5.2.2", 552, "552 5.2.2 Mailbox is full / Blocks limit exceeded", "mailboxfull", "soft"),
        ("5.2.2", 552, None, "mailboxfull", "soft"),
        ("4.1.1", 450, "450 4.1.1 User unknown", "userunknown", "soft"),
        ("4.7.0", 421, "421 4.7.0 an unusual rate of unsolicited mail", "speeding", "soft"),
        ("4.4.4", None, "unable to look up host mx.x.example: Temporary failure", "networkerror", "soft"),
        ("5.7.1", 550, "550 5.7.1 Client host [203.0.113.1] blocked using bl.example", "blocked", "block"),
        ("5.7.1", 554, "554 5.7.1 Message rejected as spam", "spamdetected", "block"),
        ("5.7.26", 550, "550 5.7.26 Unauthenticated email is not accepted", "authfailure", "block"),
        ("5.7.1", 550, "Recipient address rejected: remote mail is disabled on this host", "policyviolation", "block"),
        ("5.7.1", 550, None, "policyviolation", "block"),
        ("5.1.8", 553, "553 Domain of sender address x does not exist", "rejected", "block"),
        ("5.3.4", 552, "552 5.3.4 Message size exceeds fixed limit", "mesgtoobig", "content"),
        ("5.0.0", 550, "550 Rejected", "onhold", "undetermined"),
        (None, 550, None, "undefined", "undetermined"),
        (None, None, None, "undefined", "undetermined"),
    ],
)
def test_the_words_decide_then_the_code(
    status: str | None, reply: int | None, text: str | None, reason: str, kind: str
) -> None:
    verdict = classify(status, reply, text)
    assert (verdict.reason, str(verdict.kind)) == (reason, kind)


def test_words_within_an_address_or_a_link_do_not_count() -> None:
    text = "550 5.1.1 <spam.blocked@virus.example>: user unknown, see https://spamhaus.example/blocked"
    assert classify("5.1.1", 550, text).reason == "userunknown"


def test_every_reason_has_a_kind_and_a_sentence_of_its_own() -> None:
    sentences = [sentence(reason) for reason in reasons()]
    assert len(set(sentences)) == len(sentences)
    assert sentence("mailboxfull") == "The mailbox is full"
    assert sentence("something new") == "something new"
    assert {kind for kind in reasons().values()} == set(BounceKind)


@pytest.mark.parametrize(
    ("text", "status", "reply"),
    [
        ("550 5.1.1 no", "5.1.1", 550),
        ("host mx[192.0.2.1] said: 452-4.2.2 full 452 4.2.2 full", "4.2.2", 452),
        ("Sorry, no mailbox here (#5.1.1)", "5.1.1", None),
        ("554 5.0.0 failed: 5.7.1 relay", "5.7.1", 554),
        ("connect to 192.0.2.5 port 25", None, None),
        ("host refused to talk to me: 554 no", None, 554),
    ],
)
def test_codes_are_found_in_the_servers_words(text: str, status: str | None, reply: int | None) -> None:
    assert (find_status(text), find_reply(text)) == (status, reply)
