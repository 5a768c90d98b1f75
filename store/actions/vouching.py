"""Putting one's name to a message before it is sent: ticks, and overrides with a reason.

Both hold for the message's content as it is: whoever changes a letter of it asks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from store import journal
from store.actions.marking import lines, put, read
from store.cleaning import clean
from store.database import Store
from store.errors import BadInput, Refused
from store.journal import Operator
from store.outbox.checks.finding import Finding, Level
from store.outbox.checks.rules import rule_named
from store.outbox.checks.vouched import PROOF
from store.outbox.content import Message
from store.outbox.gate import said_by
from store.rows import Change
from store.times import to_ms

SCOPES = frozenset({"checks", "journal"})
_LONGEST = 500


def tick(store: Store, message: Message, rule: str, who: Operator, now: datetime) -> Change:
    """Say that a person has done what a rule asks for.

    Args:
        store: the open store.
        message: the message.
        rule: "proof-read" or "test-mail".
        who: the operator.
        now: aware UTC time.

    Raises:
        BadInput: there is no such rule.
        Refused: the program looks at it itself, or the author would proof-read their own message.
    """
    wanted = rule_named(rule)
    if not wanted.ticked:
        raise Refused(f"{wanted.label} is checked by the program; what it finds can be overridden with a reason.")
    if wanted.id == PROOF and who.name == message.writer:
        raise Refused(f"{clean(who.name)} wrote the message; somebody else proof-reads it.")
    said = f"“{_subject(message)}”: {wanted.id} ticked"
    return _give(store, message, wanted.id, "", "", who, now, "tick", said)


def override(
    store: Store,
    message: Message,
    findings: Sequence[Finding],
    rule: str,
    reason: str,
    who: Operator,
    now: datetime,
) -> Change:
    """Let a message be sent in spite of what a rule says now; when it says something else, it counts again.

    Args:
        store: the open store.
        message: the message.
        findings: what was found last.
        rule: the rule's id.
        reason: why, for whoever reads the journal.
        who: the operator.
        now: aware UTC time.

    Raises:
        BadInput: there is no such rule, or no reason.
        Refused: the rule has nothing against the message, or no mail can be made of it.
    """
    wanted = rule_named(rule)
    said = said_by(findings, wanted.id)
    if not said:
        raise Refused(f"{wanted.label} has nothing against the message.")
    why = " ".join(reason.split())[:_LONGEST]
    if not why:
        raise BadInput("An override needs a reason; it stands in the journal.")
    if wanted.id == "fields" and any(one.rule == "fields" and one.level is Level.RED for one in findings):
        raise Refused("What cannot be filled cannot be sent; mend the message, or take those people off the list.")
    told = f"“{_subject(message)}”: {wanted.id} overridden: {clean(why)}"
    return _give(store, message, wanted.id, said, why, who, now, "override", told)


def _give(
    store: Store,
    message: Message,
    rule: str,
    said: str,
    reason: str,
    who: Operator,
    now: datetime,
    verb: str,
    sentence: str,
) -> Change:
    def change() -> Change:
        store.execute(
            "INSERT OR IGNORE INTO vouch (digest, rule, subject) VALUES (?, ?, ?)",
            (message.digest, rule, _subject(message)),
        )
        found = store.execute("SELECT id FROM vouch WHERE digest = ? AND rule = ?", (message.digest, rule)).fetchone()
        id_ = int(found[0])
        before = read(store, "vouch", [id_])
        if (before[id_]["said"], before[id_]["reason"], before[id_]["given_by"]) == (said, reason, who.name):
            return Change(verb, None, 0, "You have said so already.")
        changes = {id_: {"said": said, "reason": reason, "given_at": to_ms(now), "given_by": who.name}}
        put(store, "vouch", changes)
        entry = journal.write(store, who, now, verb, sentence, lines("vouch", before, changes))
        return Change(verb, entry, 1, sentence, scopes=SCOPES)

    return store.run(change)


def _subject(message: Message) -> str:
    return clean(" ".join(message.subject.split()))[:80]
