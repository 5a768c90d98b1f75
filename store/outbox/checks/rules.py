"""Every rule of the gate, in the order of the page."""

from __future__ import annotations

from typing import Final

from store.errors import BadInput
from store.outbox.checks import domains, headers, links, people, texts, vouched
from store.outbox.checks.finding import Rule

RULES: Final[tuple[Rule, ...]] = tuple(
    Rule(id_, label, (look.__doc__ or help_).partition("\n")[0], look, id_ in {vouched.PROOF, vouched.TEST})
    for id_, label, look, help_ in (
        ("from", "From", headers.sender, ""),
        ("reply-to", "Reply-To", headers.reply_to, ""),
        ("return-path", "Return path", headers.return_path, ""),
        ("subject", "Subject", headers.subject, ""),
        ("campaign", "Campaign key", headers.campaign, ""),
        ("fields", "Merge fields", texts.fields, ""),
        ("placeholders", "Left to replace", texts.placeholders, ""),
        ("text", "Text part", texts.text_part, ""),
        ("unsubscribe", "Unsubscribing", texts.unsubscribe, ""),
        ("images", "Images", texts.alt_texts, ""),
        ("links", "Links", links.links, ""),
        ("online", "Links answer", links.answers, ""),
        ("size", "Size", texts.size, ""),
        ("dates", "Weekdays", texts.dates, ""),
        ("recipients", "Recipients", people.recipients, ""),
        ("addresses", "Addresses", texts.addresses, ""),
        ("duplicates", "Duplicates", people.duplicates, "Nobody gets two mails."),
        ("blocked", "Blocked", people.blocked, "Nobody gets a mail whose address is blocked."),
        ("consent", "Consent", people.consent, "Nobody gets a mail who refused, unsubscribed or complained."),
        ("former", "Former", people.former, "Nobody gets a mail who has left their company."),
        ("unusable", "No address", people.unusable, "Everybody has an address that can be one."),
        ("again", "Once only", people.again, ""),
        ("spf", "SPF", domains.spf, ""),
        ("dkim", "DKIM", domains.dkim, ""),
        ("dmarc", "DMARC", domains.dmarc, ""),
        (vouched.PROOF, "Proof-read", vouched.proof_read, ""),
        (vouched.TEST, "Test mail", vouched.test_mail, ""),
    )
)
"""The rules."""


def rule_named(name: str) -> Rule:
    """Return the rule of this id.

    Raises:
        BadInput: there is none.
    """
    wanted = name.strip().casefold().replace("_", "-")
    for rule in RULES:
        if rule.id == wanted:
            return rule
    raise BadInput(f"“{name.strip()}” is no rule; there are {', '.join(rule.id for rule in RULES)}.")
