"""The gate before a send: every rule looks, and nothing is sent while one of them objects.

What a person can only say themselves is asked; what is red can be overridden with a reason. Either holds for the
message's content, an override also for what was said against it: other people, another fault, and it counts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from store.cleaning import clean
from store.errors import BadInput, Refused
from store.outbox.checks.finding import AskLinks, AskText, Audience, Case, Finding, Level, Vouch
from store.outbox.checks.page import read_page
from store.outbox.checks.rules import RULES
from store.outbox.compose import Composer
from store.outbox.content import How, Message, Person
from store.outbox.template import FieldError

SAMPLE = Person(0, "anna.berg@example.org", "", "Anna Berg", "Example Ltd", "en", "Bo Holm", "1")
"""Somebody made up, of whom everything is known."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A message that was checked.

    Attributes:
        case: what was looked at; its composer builds mails to look at.
        findings: in the order of the rules.
    """

    case: Case
    findings: tuple[Finding, ...]

    @property
    def red(self) -> int:
        """How many findings are red and not overridden."""
        return sum(one.level is Level.RED and one.blocks for one in self.findings)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What keeps the message from being sent."""
        return blocking(self.findings)

    def refuse(self) -> None:
        """Do nothing if the message may be sent.

        Raises:
            Refused: something keeps it from being sent; the sentence names the first of it.
        """
        held = self.blocking
        if held:
            more = f" and {len(held) - 1} more" if len(held) > 1 else ""
            raise Refused(
                f"Nothing is sent: {held[0].sentence}{more}. `aftersend check` shows all, ticks and overrides."
            )


def open_case(message: Message, how: How, now: datetime) -> Case:
    """Return the case of a message before anybody was chosen; its ``composer`` is None if no mail can be made of it."""
    case = Case(message, how, now)
    try:
        case.composer = Composer(message, how)
    except FieldError as error:
        case.broken = f"{clean(error.part).capitalize()}: {error}" if error.part in message.headers else str(error)
        case.broken_at = case.at(error.part, error.line) if error.part else ""
    except BadInput as error:
        case.broken = str(error)
    return case


def gate(
    case: Case,
    *,
    audience: Audience | None = None,
    taken: str = "",
    vouches: Mapping[str, Vouch] | None = None,
    ask_links: AskLinks | None = None,
    ask_text: AskText | None = None,
) -> tuple[Finding, ...]:
    """Let every rule look at a message.

    Args:
        case: of :func:`open_case`.
        audience: who gets it (:func:`store.queries.audience.audience`); None: nobody was named.
        taken: the name of the campaign that has its key already.
        vouches: what operators put their names to (:func:`store.queries.vouches.vouches`).
        ask_links: asks whether links answer; None: they are not asked.
        ask_text: asks the DNS; None: it is not asked.

    Returns:
        the findings in the order of the rules.
    """
    case.audience, case.taken, case.vouches = audience, taken, vouches or {}
    case.ask_links, case.ask_text = ask_links, ask_text
    _fill(case)
    found = [
        Finding(rule.id, level, clean(sentence), where) for rule in RULES for level, sentence, where in rule.look(case)
    ]
    return tuple(_vouched(found, case.vouches))


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what keeps the message from being sent: red without an override, asked without a tick."""
    return tuple(finding for finding in findings if finding.blocks)


def said_by(findings: Sequence[Finding], rule: str) -> str:
    """Return what a rule says against a message, "" if it says nothing."""
    said = [one.sentence for one in findings if one.rule == rule and one.level in {Level.RED, Level.ASKED}]
    return "\n".join(said)


def _fill(case: Case) -> None:
    """Fill the mail for one of those who get it, or for somebody made up."""
    composer = case.composer
    if composer is None:
        return
    first = case.audience.first if case.audience is not None else None
    person = first or replace(SAMPLE, mail_id=f"{case.how.campaign}.sample@{composer.domain}")
    try:
        case.filled = composer.filled(person)
        case.size_bytes = len(composer.mail(person))
    except BadInput as error:
        case.broken = case.broken or f"No mail can be made of it: {error}"
    case.person = person
    case.page = read_page(case.filled.html if case.filled is not None else case.message.html)


def _vouched(found: Sequence[Finding], vouches: Mapping[str, Vouch]) -> Iterable[Finding]:
    """Note on what was overridden by whom; an override of something else does not count."""
    for one in found:
        vouch = vouches.get(one.rule)
        if vouch is None or not vouch.reason or one.level not in {Level.RED, Level.ASKED}:
            yield one
        elif vouch.said == said_by(found, one.rule):
            words = f"overridden by {vouch.by} on {vouch.at:%Y-%m-%d at %H:%M} UTC: {vouch.reason}"
            yield Finding(one.rule, one.level, one.sentence, one.where, words)
        else:
            yield one
